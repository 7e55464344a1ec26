package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// filteredList is a list whose filters can be saved under a name.
type filteredList struct {
	name   string
	path   string
	role   auth.Role // that sees it
	fields []string  // of its address
	typed  []string  // those with text that a person types
}

var filteredLists = []filteredList{
	{"groups", "/groups", auth.Viewer, []string{"status", "batch", "instance", "pool", "name", "ref", "person", "fault", "from", "to"}, []string{"batch", "name", "ref"}},
	{"instances", "/instances", auth.Viewer, []string{"state", "pool", "provider", "name", "sort"}, []string{"name"}},
	{"history", "/history", auth.Viewer, []string{"instance", "days"}, nil},
	{"audit", "/audit", auth.Admin, []string{"actor", "action", "result", "subject"}, []string{"actor", "subject"}},
	{"refusals", "/audit/refusals", auth.Admin, []string{"source", "actor", "reason"}, []string{"source", "actor"}},
}

// listNamed finds a list; nil for none.
func listNamed(name string) *filteredList {
	for i := range filteredLists {
		if filteredLists[i].name == name {
			return &filteredLists[i]
		}
	}
	return nil
}

// query returns the filters of an address, without its other parameters.
func (l *filteredList) query(values url.Values) string {
	kept := url.Values{}
	for _, field := range l.fields {
		for _, value := range values[field] {
			words := []string{value}
			if field == "status" { // one parameter may have several
				words = strings.Split(value, ",")
			}
			for _, word := range words {
				if word = strings.TrimSpace(word); word != "" && !slices.Contains(kept[field], word) {
					kept.Add(field, word)
				}
			}
		}
		slices.Sort(kept[field])
	}
	return kept.Encode()
}

// numbered reports whether a person typed a phone number into a filter.
func (l *filteredList) numbered(values url.Values) bool {
	return slices.ContainsFunc(l.typed, func(field string) bool {
		return slices.ContainsFunc(values[field], func(s string) bool { return phone.Mask(s) != s })
	})
}

// address returns the list's address with a filter.
func (l *filteredList) address(query string) string {
	if query == "" {
		return l.path
	}
	return l.path + "?" + query
}

// savedViews has the views of one list, and the form that saves its present filters.
type savedViews struct {
	List  string
	Query string // the present filters
	Views []savedView
	May   bool // save, rename and delete
	Known bool // the present filters are one of the views
	Max   int  // characters of a name
}

// savedView is one saved view.
type savedView struct {
	store.SavedView

	Link    string
	Current bool
}

// savedOn reads the views of a list.
func (v *visit) savedOn(name string) (savedViews, error) {
	if v.bound() { // the views hold names of all pools
		return savedViews{}, nil
	}
	l := listNamed(name)
	saved := savedViews{List: name, Query: l.query(v.r.URL.Query()), May: v.who.Role >= max(auth.Operator, l.role), Max: operate.MaxViewName}
	all, err := v.page.Store.Trail.SavedViews(v.ctx())
	for _, one := range all {
		if one.List != name {
			continue
		}
		is := one.Query == saved.Query
		saved.Known = saved.Known || is
		saved.Views = append(saved.Views, savedView{one, l.address(one.Query), is})
	}
	return saved, err
}

// listOf returns the list of a view, if the visitor may see it.
func (v *visit) listOf(name string) (*filteredList, error) {
	l := listNamed(name)
	if l == nil {
		return nil, failed(http.StatusBadRequest, "the-form-cannot-be-read", "go-back-and-send-it")
	}
	if v.who.Role < l.role {
		return nil, v.refused(v.r.Pattern, l.role)
	}
	return l, nil
}

func (p *Page) saveView(v *visit) error {
	l, err := v.listOf(v.r.PostFormValue("list"))
	if err != nil {
		return err
	}
	values, err := url.ParseQuery(v.r.PostFormValue("query"))
	if err != nil {
		return failed(http.StatusBadRequest, "this-is-no-filter", "go-back-and-press-a")
	}
	if l.numbered(values) {
		return badChange(&operate.ChangeError{Field: "query", Why: say.Phrase{Code: say.ViewNumber}}, "that-view-is-not-possible")
	}
	saved, err := p.Control.SaveView(v.ctx(), store.SavedView{List: l.name, Name: v.r.PostFormValue("name"), Query: l.query(values)})
	if err != nil {
		return badChange(err, "that-view-is-not-possible")
	}
	return v.back(l.address(saved.Query), "viewSaved")
}

func (p *Page) renameView(v *visit) error {
	return p.withView(v, "viewRenamed", func(id string) (store.SavedView, error) {
		return p.Control.RenameView(v.ctx(), id, v.r.PostFormValue("name"))
	})
}

func (p *Page) deleteView(v *visit) error {
	return p.withView(v, "viewDeleted", func(id string) (store.SavedView, error) { return p.Control.DeleteView(v.ctx(), id) })
}

// withView changes the view of the address, if the visitor may see its list.
func (p *Page) withView(v *visit, said string, change func(id string) (store.SavedView, error)) error {
	was, err := p.Control.View(v.ctx(), v.r.PathValue("id"))
	if err != nil {
		return err
	}
	l, err := v.listOf(was.List)
	if err != nil {
		return err
	}
	is, err := change(was.ID)
	if err != nil {
		return badChange(err, "that-view-is-not-possible")
	}
	return v.back(l.address(is.Query), said)
}

// refused answers a visitor whose role is too small, and counts the refusal.
func (v *visit) refused(pattern string, role auth.Role) error {
	v.page.Auth.Refuse(v.r, audit.Page, audit.SmallRole, pattern)
	return &failure{http.StatusForbidden, "your-keys-role-does-not", say.Phrase{Code: "it-takes-the-role", Name: v.tongue().text("role:" + say.Code(role.String()))}}
}
