package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/store"
)

// views returns the saved views.
func (r *rig) views() []store.SavedView {
	r.t.Helper()
	all, err := r.store.Trail.SavedViews(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}

func TestSavedViews_AreSharedByName(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.login("operator")
	page := r.get("/groups?cursor=&status=failed,review&instance=alpha&name=Turma+1&from=2026-11-29")
	wants(t, page.body, `name="query" value="from=2026-11-29&instance=alpha&name=Turma+1&status=failed&status=review"`)
	a := r.post("/views", "list", "groups", "query", "status=failed,review&instance=alpha&cursor=x&name=Turma+1&from=2026-11-29", "name", "  What  failed ")
	if want := "/groups?from=2026-11-29&instance=alpha&name=Turma+1&status=failed&status=review&said=viewSaved"; a.status != http.StatusSeeOther || a.to() != want {
		t.Fatalf("save: got %d to %q, want 303 to %q", a.status, a.to(), want)
	}
	wants(t, text(r.get(a.to()).body), "Saved views What failed by operator", "Saved. All who use the page find it here.")
	r.login("viewer")
	page = r.get("/groups")
	wants(t, page.body, `<a class="chip" href="/groups?from=2026-11-29&instance=alpha&name=Turma+1&status=failed&status=review">What failed</a>`)
	if strings.Contains(page.body, `action="/views`) {
		t.Error("the page offers a viewer to change views")
	}
	if strings.Contains(r.get("/instances").body, "What failed") {
		t.Error("the list of instances shows a view of the groups")
	}
	r.login("operator")
	id := r.views()[0].ID
	if a := r.post("/views/"+id+"/rename", "name", "Failed at alpha"); a.status != http.StatusSeeOther || !strings.HasSuffix(a.to(), "&said=viewRenamed") {
		t.Errorf("rename: got %d to %q, want 303 with said=viewRenamed", a.status, a.to())
	}
	if v := r.views()[0]; v.Name != "Failed at alpha" || v.By != "operator" || v.ID != id {
		t.Errorf("renamed: got %+v, want Failed at alpha by operator", v)
	}
	if a := r.post("/views/"+id+"/delete", "x", ""); a.status != http.StatusSeeOther || len(r.views()) != 0 {
		t.Errorf("delete: got %d, want 303; left are %v", a.status, r.views())
	}
	if a := r.post("/views/"+id+"/delete", "x", ""); a.status != http.StatusNotFound {
		t.Errorf("delete again: got %d, want 404", a.status)
	}
	for _, action := range []audit.Action{audit.SaveView, audit.RenameView, audit.DeleteView} {
		if log := r.entries(action); len(log) != 1 || log[0].Result != "done" || log[0].Subjects[0] != id {
			t.Errorf("%s: the audit log has %+v, want one done on %s", action, log, id)
		}
	}
}

func TestSavedViews_RefuseInvalidViews(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.login("operator")
	save := func(list, query, name string) answer {
		return r.post("/views", "list", list, "query", query, "name", name)
	}
	if a := save("groups", "status=failed", "Taken"); a.status != http.StatusSeeOther {
		t.Fatalf("the first view: got %d, want 303: %s", a.status, text(a.body))
	}
	for what, c := range map[string]struct {
		list, query, name string
		status            int
		says              string
	}{
		"no name":                {"groups", "status=done", " ", 422, "a saved view needs a name"},
		"a long name":            {"groups", "status=done", strings.Repeat("ç", 61), 422, "at most 60 characters"},
		"a number as the name":   {"groups", "status=done", "Ana +55 11 98888-7777", 422, "holds no phone number"},
		"a number as the filter": {"groups", "ref=%2B5511988887777", "Ana", 422, "holds no phone number"},
		"no filter":              {"groups", "cursor=x&said=edited", "All", 422, "nothing is filtered"},
		"a name that is taken":   {"groups", "status=done", "tAKEN", 422, "is called tAKEN"},
		"a long filter":          {"groups", "name=" + strings.Repeat("x", 2000), "Long", 422, "too long"},
		"not a list":             {"people", "x=y", "People", 400, "cannot be read"},
		"a list for admins":      {"audit", "actor=crm", "Crm", 403, "It takes the role"},
	} {
		if a := save(c.list, c.query, c.name); a.status != c.status || !strings.Contains(a.body, c.says) {
			t.Errorf("%s: got %d, want %d with %q: %s", what, a.status, c.status, c.says, text(a.body))
		}
	}
	if a := save("instances", "state=paused", "Taken"); a.status != http.StatusSeeOther { // the name is free in another list
		t.Errorf("the same name in another list: got %d, want 303", a.status)
	}
	r.login("admin")
	if a := save("audit", "actor=crm", "Crm"); a.status != http.StatusSeeOther || a.to() != "/audit?actor=crm&said=viewSaved" {
		t.Errorf("an admin saves a view of the audit log: got %d to %q, want 303 to the view", a.status, a.to())
	}
	id := ""
	for _, v := range r.views() {
		if v.List == "audit" {
			id = v.ID
		}
	}
	r.login("operator")
	for _, deed := range []string{"rename", "delete"} {
		if a := r.post("/views/"+id+"/"+deed, "name", "Mine"); a.status != http.StatusForbidden || len(r.views()) != 3 {
			t.Errorf("%s of a view of the audit log by an operator: got %d, want 403", deed, a.status)
		}
	}
	for n := len(r.views()); n < store.MaxSavedViews; n++ {
		if _, err := r.store.Trail.PutView(t.Context(), store.SavedView{List: "groups", Name: fmt.Sprint("View ", n), Query: "status=done"}); err != nil {
			t.Fatal(err)
		}
	}
	if a := save("groups", "status=done", "One more"); a.status != 422 || !strings.Contains(a.body, "delete one first") {
		t.Errorf("a view above the maximum: got %d, want 422: %s", a.status, text(a.body))
	}
}

func TestSavedViews_AreOnEachListWithFilters(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.announce("alpha")
	r.login("admin")
	for path, list := range map[string]string{
		"/groups?fault=noMembers": "groups", "/instances?state=ready&sort=name": "instances", "/history?instance=alpha&days=7": "history",
		"/audit?action=session.login": "audit", "/audit/refusals?reason=wrongKey": "refusals",
	} {
		for lang, word := range map[string]string{"en": "Save this view", "pt-BR": "Salvar esta visão", "es-419": "Guardar esta vista"} {
			page := r.get(path, "Accept-Language: "+lang)
			wants(t, page.body, `name="list" value="`+list+`"`, word)
		}
		_, query, _ := strings.Cut(path, "?")
		if a := r.post("/views", "list", list, "query", query, "name", "Mine"); a.status != http.StatusSeeOther {
			t.Fatalf("saving a view of %s: got %d, want 303: %s", path, a.status, text(a.body))
		}
		wants(t, r.get(path).body, `aria-current="page">Mine</a>`)
		bare, _, _ := strings.Cut(path, "?")
		if other := r.get(bare).body; strings.Contains(other, `aria-current="page">Mine</a>`) || !strings.Contains(other, `>Mine</a>`) {
			t.Errorf("%s without the filters of the view does not offer the view, or marks it as the current one", bare)
		}
	}
}
