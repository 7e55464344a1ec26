package admin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/admission"
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/panics"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// createView is the form that requests one group, and what its values would do.
type createView struct {
	Fields []editField // the name first
	Phones string
	Setup  setupForm
	Invite bool
	Rules  rulesView
	Key    string // of the request: sending the form twice requests one group
	Error  string // what is wrong with the values
	Plan   *planView
	Seal   string // of the values and their plan, see sealOf
	Differ bool   // they differ from what was shown before
}

// rulesView has the choices that the form and the upload share.
type rulesView struct {
	Region     string
	To         string
	Targets    []string // pools and instances
	Priority   tasks.Priority
	Priorities []tasks.Priority
}

// planView is what creating an input would do, or did.
type planView struct {
	enqueue.Summary

	Places     map[string]int `json:"places,omitempty"` // groups by instance, or "pool:<pool>"
	EtaAt      *time.Time     `json:"etaAt,omitempty"`
	Bottleneck say.Kept       `json:"bottleneck,omitzero"`
	Rows       []planRow      `json:"rows,omitempty"` // the first rows that are not created, or not with all their people
	More       int            `json:"more,omitempty"` // how many such rows are not in Rows
	Warned     []planWarning  `json:"warned,omitempty"`

	wrong *tasks.RowError // the first error of a row
}

// planRow is the outcome of a row, and why. It holds no unmasked number.
type planRow struct {
	Row     int             `json:"row"`
	Line    int             `json:"line,omitempty"` // where it begins in a file
	Outcome enqueue.Outcome `json:"outcome"`
	Whys    []say.Kept      `json:"whys,omitempty"`
}

// Said returns the reasons.
func (r planRow) Said() []say.Phrase { return phrases(r.Whys) }

// planWarning is a warning about rows, for a person to check.
type planWarning struct {
	Rows []int    `json:"rows,omitempty"`
	Why  say.Kept `json:"why"`
}

// Said returns the warning.
func (w planWarning) Said() say.Phrase { return say.Phrase(w.Why) }

func phrases(kept []say.Kept) []say.Phrase {
	all := make([]say.Phrase, len(kept))
	for i, k := range kept {
		all[i] = say.Phrase(k)
	}
	return all
}

// sentence returns what is wrong with a request, in the visitor's language.
func (v *visit) sentence(e *tasks.RowError) string {
	var said []string
	for _, fault := range e.All() {
		said = append(said, v.tongue().voice(v.now).Say(intake.Why(fault)))
	}
	return strings.Join(said, " ")
}

// sum takes over a summary, with its warnings as phrases.
func (p *planView) sum(s enqueue.Summary, warnings []enqueue.Warning) {
	for _, w := range warnings {
		why, isCode := w.Why.(say.Phrase)
		if !isCode {
			why = say.Words(w.Message)
		}
		p.Warned = append(p.Warned, planWarning{w.Rows, say.Kept(why)})
	}
	p.Summary, p.Warnings = s, nil
}

// Because returns the plan's bottleneck.
func (p *planView) Because() say.Phrase { return say.Phrase(p.Bottleneck) }

// country is a country code and how many of a plan's people have it.
type country struct {
	Code string
	N    int
}

// Countries returns the countries of the people, most people first.
func (p *planView) Countries() []country {
	var all []country
	for code, n := range p.People.ByCountry {
		all = append(all, country{code, n})
	}
	slices.SortFunc(all, func(a, b country) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return strings.Compare(a.Code, b.Code)
	})
	return all
}

// maxPlanRows limits how many rows of a plan a page shows.
const maxPlanRows = 50

// add adds the outcome of a row.
func (p *planView) add(res enqueue.Result) {
	if p.wrong == nil {
		p.wrong = res.Error
	}
	switch {
	case res.Outcome == enqueue.Created && len(res.Unusable) == 0:
	case len(p.Rows) == maxPlanRows:
		p.More++
	default:
		row := planRow{Row: res.Row, Line: res.Line, Outcome: res.Outcome}
		if res.Error != nil {
			for _, fault := range res.Error.All() {
				row.Whys = append(row.Whys, say.Kept(intake.Why(fault)))
			}
		}
		for _, u := range res.Unusable {
			if why, isCode := u.Why.(say.Phrase); isCode {
				row.Whys = append(row.Whys, say.Kept(why))
			}
		}
		p.Rows = append(p.Rows, row)
	}
}

// planRows returns what creating rows would do, and calls each after every row. It writes nothing.
func (p *Page) planRows(ctx context.Context, batch string, rules enqueue.Rules, input *admission.Input, rows iter.Seq2[intake.Row, error], each func()) (_ *planView, err error) {
	defer panics.Catch(&err) // a file is planned outside its request's goroutine, where a panic would end the server
	if p.Photos != nil {
		input.Photos = photo.NewChecks(p.Photos, p.PoolPhotos)
	}
	plan := &planView{Places: map[string]int{}}
	found, err := p.Enqueue.PlanBatch(ctx, batch, rules, input.Rows(ctx, rows), func(res enqueue.Result) error {
		each()
		plan.add(res)
		return nil
	}, nil)
	if err != nil {
		return nil, err
	}
	plan.sum(found.Summary, input.Warned(found.Warnings))
	foreseen, err := admission.Foresee(ctx, p.Status.Within(rules.Pools), found)
	plan.EtaAt, plan.Bottleneck = foreseen.EtaAt, say.Kept(foreseen.Bottleneck)
	for name, place := range found.Places {
		plan.Places[name] = place.Groups
	}
	return plan, err
}

// readRules reads the choices that the form and the upload share.
func (p *Page) readRules(v *visit, r *rulesView) (*tasks.RowError, error) {
	r.Priorities = []tasks.Priority{tasks.High, tasks.Normal, tasks.Low}
	targets, err := p.others(v, "")
	if err != nil {
		return nil, err
	}
	r.Targets = targets
	r.Region = strings.ToUpper(strings.TrimSpace(v.r.PostFormValue("region")))
	r.To, r.Priority = v.r.PostFormValue("to"), tasks.Priority(v.r.PostFormValue("priority"))
	if r.To != "" && !slices.Contains(r.Targets, r.To) {
		r.Targets = append(r.Targets, r.To) // its worker is away; the plan says so
	}
	switch {
	case r.Region != "" && !phone.KnownRegion(r.Region):
		return tasks.NewRowError(tasks.BadField, "region", say.Phrase{Code: say.InputRegion}), nil
	case r.Priority != "" && !slices.Contains(r.Priorities, r.Priority):
		return tasks.NewRowError(tasks.BadField, "priority", say.Phrase{Code: say.InputPriority}), nil
	}
	return nil, nil
}

// target returns the target of rows that name none.
func (r *rulesView) target() tasks.Target {
	if r.To == "" {
		return tasks.Target{}
	}
	return targetOf(r.To)
}

// pageKey is the prefix of the idempotency keys of groups that the form requests.
const pageKey = "page-"

// emptyCreate returns the empty form.
func emptyCreate() createView {
	fields := editFields(&group.Group{})
	view := createView{Fields: slices.Insert(fields, 1, editField{Field: "externalRef", Label: "reference"}), Setup: setupFormOf(tasks.Setup{}), Invite: true, Key: pageKey + strings.ToLower(rand.Text())}
	view.Fields = append(view.Fields, editField{Field: "consentSource", Label: "create-consent"}, editField{Field: "consentAt", Label: "create-consent-at"})
	return view
}

func (p *Page) createForm(v *visit) error {
	view := emptyCreate()
	if _, err := p.readRules(v, &view.Rules); err != nil {
		return err
	}
	return v.show(http.StatusOK, say.Code("create-title"), view)
}

// planCreate shows what the values of the form would do. It writes nothing.
func (p *Page) planCreate(v *visit) error {
	_, err := p.withCreate(v, false)
	return err
}

// runCreate requests the group that was planned. If the values or the plan differ, it shows the plan instead.
func (p *Page) runCreate(v *visit) error {
	id, err := p.withCreate(v, true)
	if err != nil || id == "" {
		return err
	}
	return v.back("/groups/"+url.PathEscape(id), "asked")
}

// withCreate reads the form. If run is true and the plan is the one that was shown, it requests the group;
// otherwise it shows the plan.
func (p *Page) withCreate(v *visit, run bool) (id string, _ error) {
	view := emptyCreate()
	request, wrong, err := p.readCreate(v, &view)
	if err != nil {
		return "", err
	}
	if wrong != nil {
		return "", wrongCreate(v, view, wrong)
	}
	rules := enqueue.Rules{Region: view.Rules.Region, Pools: v.who.Pools}
	input := admission.Input{To: view.Rules.target(), Priority: view.Rules.Priority}
	row := func(yield func(intake.Row, error) bool) { yield(intake.Row{N: 1, Request: request}, nil) }
	if view.Plan, err = p.planRows(v.ctx(), "", rules, &input, row, func() {}); err != nil {
		return "", err
	}
	if wrong = view.Plan.wrong; wrong != nil {
		return "", wrongCreate(v, view, wrong)
	}
	view.Seal = sealOf(request, rules, view.Plan)
	if !run || v.r.PostFormValue("seal") != view.Seal {
		view.Differ = run
		return "", v.show(http.StatusOK, say.Code("create-title"), view)
	}
	for filled, err := range input.Rows(v.ctx(), row) {
		if err != nil {
			return "", err
		}
		request = filled.Request
	}
	res, err := p.Enqueue.Create(v.ctx(), request, rules)
	if res.Error != nil {
		return "", wrongCreate(v, view, res.Error)
	}
	if err != nil {
		p.Control.Audit.Did(v.ctx(), audit.CreateGroup, audit.About{}, err)
		return "", err
	}
	p.Control.Audit.Did(v.ctx(), audit.CreateGroup, audit.OfGroup(res.ID, string(res.Outcome)), nil)
	return res.ID, nil
}

// wrongCreate shows the form again with its error.
func wrongCreate(v *visit, view createView, wrong *tasks.RowError) error {
	view.Error = v.sentence(wrong)
	return v.show(http.StatusUnprocessableEntity, say.Code("create-title"), view)
}

// sealOf returns a digest of a request and its plan.
func sealOf(r tasks.GroupRequest, rules enqueue.Rules, plan *planView) string {
	said, err := json.Marshal(r)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(fmt.Append(said, rules, plan.Created, plan.Existed, plan.People.Total, plan.People.Suppressed, len(plan.Rows)))
	return hex.EncodeToString(sum[:8])
}

// readCreate reads the values into the view, and returns the request that they make.
func (p *Page) readCreate(v *visit, view *createView) (tasks.GroupRequest, *tasks.RowError, error) {
	var r tasks.GroupRequest
	wrong, err := p.readRules(v, &view.Rules)
	if err != nil {
		return r, nil, err
	}
	consent := tasks.Consent{}
	texts := map[string]*string{
		"groupName": &r.GroupName, "externalRef": &r.ExternalRef, "inviteMessage": &r.InviteMessage, "description": &r.Description, "photo": &r.Photo,
		"welcomeMessage": &r.WelcomeMessage, "consentSource": &consent.Source,
	}
	times := map[string]**time.Time{"notBefore": &r.NotBefore, "expiresAt": &r.ExpiresAt, "consentAt": &consent.At}
	for i := range view.Fields {
		f := &view.Fields[i]
		f.Value = formText(v, f.Field)
		switch {
		case texts[f.Field] != nil:
			*texts[f.Field] = f.Value
		case f.Value != "":
			at, err := formTime(f.Field, f.Value)
			if err != nil {
				wrong = err
			}
			*times[f.Field] = &at
		}
	}
	if consent != (tasks.Consent{}) {
		r.Consent = &consent
	}
	r.Admins, r.Settings = view.Setup.read(v, view.Rules.Region)
	view.Invite, view.Phones = v.r.PostFormValue("autoInvite") != "", v.r.PostFormValue("phones")
	r.AutoInvite = &view.Invite
	for line := range strings.Lines(view.Phones) {
		if line = strings.TrimSpace(line); line != "" {
			r.Phones = append(r.Phones, tasks.Phone(line))
		}
	}
	if key := v.r.PostFormValue("key"); strings.HasPrefix(key, pageKey) {
		view.Key = key
	}
	r.IdempotencyKey = view.Key
	return r, wrong, nil
}
