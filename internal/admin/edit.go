package admin

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// editView is the form that corrects a group, and what its values would change.
type editView struct {
	ID     string
	Name   string // the group's
	Fields []editField
	Setup  setupForm
	Invite bool
	People []editPerson
	Add    string
	Region string
	Error  string // what is wrong with the values
	Plan   *editPlan
	Mark   string // of the group as the form began with it
}

// editField is one text of the form.
type editField struct {
	Field string
	Label say.Code
	Value string
	Long  bool
	// Hidden says that the group has a value that the form does not show; Clear, that the visitor removes it.
	Hidden, Clear bool
	was           string
}

// editPerson is one person who can be removed.
type editPerson struct {
	Token, Phone, Name string
	Out                bool
}

// editPlan is what an edit would change.
type editPlan struct {
	Instead   bool
	Nothing   bool
	New, Gone []string
	Fields    []say.Code
	Unusable  []say.Phrase
	Seal      string // of the changes that are shown
	Differs   bool   // they differ from those that were shown before
}

// askedOf returns the set-up that a group requests.
func askedOf(g *group.Group) tasks.Setup {
	if g.Setup == nil {
		return tasks.Setup{}
	}
	return g.Setup.Asked
}

// editFields returns the text fields of the form with the group's values. It hides a value that holds a number:
// the page shows numbers only on demand.
func editFields(g *group.Group) []editField {
	asked := askedOf(g)
	moment := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	fields := []editField{
		{Field: "groupName", Label: "name", was: g.Name},
		{Field: "inviteMessage", Label: "edit-invite-message", was: g.Message, Long: true},
		{Field: "description", Label: "step:description", was: asked.Description, Long: true},
		{Field: "photo", Label: "edit-photo", was: asked.Photo},
		{Field: "welcomeMessage", Label: "step:welcome", was: asked.WelcomeMessage, Long: true},
		{Field: "notBefore", Label: "not-before", was: moment(g.NotBefore)},
		{Field: "expiresAt", Label: "expires", was: moment(g.ExpiresAt)},
	}
	for i := range fields {
		f := &fields[i]
		if phone.Mask(f.was) != f.was {
			f.was, f.Hidden = "", f.Field != "groupName" // every group has a name
		}
		f.Value = f.was
	}
	return fields
}

// editLabel returns the label of a field that differs.
func editLabel(field string) say.Code {
	for _, f := range editFields(&group.Group{}) {
		if f.Field == field {
			return f.Label
		}
	}
	switch field {
	case "admins", "settings":
		return say.Code("step:" + field)
	}
	return "edit-auto-invite"
}

// tokenOf returns a token that stands for a member in the form, without the number.
func (p *Page) tokenOf(m *group.Member) string {
	if token := p.Store.Index.PersonToken(m.Identity()); token != "" {
		return token
	}
	sum := sha256.Sum256([]byte(m.Input))
	return hex.EncodeToString(sum[:16])
}

// editFor returns the form with the values of a group.
func (p *Page) editFor(g *group.Group) editView {
	view := editView{ID: g.ID, Name: g.Name, Fields: editFields(g), Setup: setupFormOf(askedOf(g)), Invite: g.AutoInvite}
	for i := range g.Members {
		m := &g.Members[i]
		if m.Staff {
			continue
		}
		one := editPerson{Token: p.tokenOf(m), Phone: m.Number.String(), Name: m.Name}
		if m.Number == "" {
			one.Phone = phone.MaskTyped(m.Input)
		}
		view.People = append(view.People, one)
	}
	sum := sha256.Sum256(fmt.Append(nil, view, decidable(g)))
	view.Mark = hex.EncodeToString(sum[:8])
	return view
}

// editable reads the group of the address. It fails if the state allows no edit.
func (p *Page) editable(v *visit) (*group.Group, error) {
	g, err := p.Store.Records.Load(v.ctx(), v.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	_, err = g.Correction()
	return g, err
}

func (p *Page) editForm(v *visit) error {
	g, err := p.editable(v)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, v.tongue().title("edit-title", g.Name), p.editFor(g))
}

// planEdit shows what the values of the form would change. It changes nothing.
func (p *Page) planEdit(v *visit) error {
	_, err := p.withEdit(v, false)
	return err
}

// runEdit makes the changes that were shown. If they differ, it shows them instead.
func (p *Page) runEdit(v *visit) error {
	e, err := p.withEdit(v, true)
	if err != nil || e.Group == nil {
		return err
	}
	return v.back("/groups/"+url.PathEscape(e.Group.ID), "edited")
}

// withEdit reads the form. If run is true and the changes are the ones that were shown, it makes them; otherwise
// it shows them.
func (p *Page) withEdit(v *visit, run bool) (operate.Edited, error) {
	g, err := p.editable(v)
	if err != nil {
		return operate.Edited{}, err
	}
	view := p.editFor(g)
	change, err := p.readEdit(v, g, &view)
	if err != nil {
		return operate.Edited{}, p.wrongEdit(v, view, err)
	}
	rules := operate.EditRules{Region: view.Region}
	planned, err := p.Control.PlanEdit(v.ctx(), g.ID, change, rules)
	if err != nil {
		return operate.Edited{}, p.wrongEdit(v, view, err)
	}
	view.Plan = planOf(planned)
	old := v.outdated(view.Mark) // the form has values that others have changed since, and would change them back
	if !run || old || view.Plan.Nothing || v.r.PostFormValue("seal") != view.Plan.Seal {
		view.Plan.Differs = (run || old) && !view.Plan.Nothing
		return operate.Edited{}, v.show(http.StatusOK, v.tongue().title("edit-title", view.Name), view)
	}
	e, err := p.Control.Edit(v.ctx(), g.ID, change, rules)
	if err != nil {
		return operate.Edited{}, p.wrongEdit(v, view, err)
	}
	return e, nil
}

// wrongEdit shows the form again with what is wrong with it.
func (p *Page) wrongEdit(v *visit, view editView, err error) error {
	bad, ok := errors.AsType[*tasks.RowError](err)
	if !ok {
		return err
	}
	view.Plan, view.Error = nil, v.sentence(bad)
	return v.show(http.StatusUnprocessableEntity, v.tongue().title("edit-title", view.Name), view)
}

// readEdit reads the values into the view, and returns what differs from the form as it was shown.
func (p *Page) readEdit(v *visit, g *group.Group, view *editView) (operate.Change, error) {
	var c operate.Change
	texts := map[string]**string{
		"groupName": &c.Name, "inviteMessage": &c.Message, "description": &c.Description, "photo": &c.Photo, "welcomeMessage": &c.Welcome,
	}
	times := map[string]**time.Time{"notBefore": &c.NotBefore, "expiresAt": &c.ExpiresAt}
	var wrong error
	for i := range view.Fields {
		f := &view.Fields[i]
		f.Value = formText(v, f.Field)
		f.Clear = f.Hidden && cleared(v, f.Field)
		if f.Value == f.was && !f.Clear {
			continue
		}
		if to := texts[f.Field]; to != nil {
			*to = &f.Value
			continue
		}
		at := time.Time{}
		if f.Value != "" {
			var bad *tasks.RowError
			if at, bad = formTime(f.Field, f.Value); bad != nil {
				wrong = bad
			}
		}
		*times[f.Field] = &at
	}
	view.Invite = v.r.PostFormValue("autoInvite") != ""
	if view.Invite != g.AutoInvite {
		c.AutoInvite = &view.Invite
	}
	view.Add, view.Region = v.r.PostFormValue("add"), strings.ToUpper(strings.TrimSpace(v.r.PostFormValue("region")))
	for line := range strings.Lines(view.Add) {
		if line = strings.TrimSpace(line); line != "" {
			c.Add = append(c.Add, tasks.Phone(line))
		}
	}
	if view.Region != "" && !phone.KnownRegion(view.Region) {
		wrong = tasks.NewRowError(tasks.BadField, "region", say.Phrase{Code: say.InputRegion})
	}
	c.Admins, c.Settings = view.Setup.read(v, view.Region)
	out := v.r.PostForm["remove"]
	for i := range view.People {
		view.People[i].Out = slices.Contains(out, view.People[i].Token)
	}
	for i := range g.Members {
		if m := &g.Members[i]; !m.Staff && slices.Contains(out, p.tokenOf(m)) {
			c.Remove = append(c.Remove, tasks.Phone(addressOf(m)))
		}
	}
	return c, wrong
}

// formText returns a text of a form with \n line ends.
func formText(v *visit, field string) string {
	return strings.TrimSpace(strings.ReplaceAll(v.r.PostFormValue(field), "\r\n", "\n"))
}

// formTime reads a time of a form.
func formTime(field, value string) (time.Time, *tasks.RowError) {
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return at, tasks.NewRowError(tasks.BadTime, field, say.Phrase{Code: say.RowTimeField, Name: field})
	}
	return at, nil
}

// addressOf returns how a change names a member.
func addressOf(m *group.Member) string {
	switch {
	case m.Number != "":
		return m.Number.E164()
	case m.LID != "":
		return m.LID
	}
	return m.Input
}

func planOf(e operate.Edited) *editPlan {
	plan := &editPlan{Instead: e.Outcome == operate.Superseded, Nothing: e.Outcome == operate.Unchanged}
	for _, n := range e.New {
		plan.New = append(plan.New, phone.MaskTyped(n))
	}
	for _, n := range e.Gone {
		plan.Gone = append(plan.Gone, phone.MaskTyped(n))
	}
	for _, f := range e.Fields {
		plan.Fields = append(plan.Fields, editLabel(f))
	}
	for _, u := range e.Unusable {
		plan.Unusable = append(plan.Unusable, u.Err.Said())
	}
	sum := sha256.Sum256(fmt.Append(nil, e.Outcome, e.New, e.Gone, e.Fields, plan.Unusable))
	plan.Seal = hex.EncodeToString(sum[:8])
	return plan
}
