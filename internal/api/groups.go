package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

func (a *API) addGroups() {
	op := add(a, operation{
		method: http.MethodPost, path: "/v1/groups", id: "createGroup", tag: "groups", role: auth.Operator, pools: true, creates: true, does: audit.CreateGroup,
		summary: "Ask for one group", status: http.StatusAccepted, body: true,
		about: "The group is accepted when this answers 202; a worker creates it later. The body may as well be a provider's create-group body with groupName, and phones or chatIds.\n\n" +
			"With an idempotency key, in the body or in the header Idempotency-Key, asking again is the same request: the same content is answered 202 with the first group's document, " +
			"other content 422 (with ?update=true its new people are added to the group). The header Rollcall-Outcome says created, existed or updated. While the first request is still under way it is 409: ask again a second later. A key is remembered as long as its group: while it waits, and for the retention after its end.",
		keyed: true, problems: []int{http.StatusConflict},
	}, a.createGroup)
	jsonBody(op, requestSchema(a.huma.OpenAPI().Components.Schemas), map[string]*huma.Example{
		"group": {Summary: "A group of two", Value: map[string]any{
			"groupName": "Turma 12", "phones": []any{"+5544999999999", 79001234567}, "idempotencyKey": "deal-812",
		}},
	})
	location(op, "group")
	op.Responses[strconv.Itoa(http.StatusAccepted)].Headers["Rollcall-Outcome"].Required = true
	op = add(a, operation{
		method: http.MethodGet, path: "/v1/groups", id: "listGroups", tag: "groups", role: auth.Viewer, pools: true,
		summary: "List groups, newest first", many: "status",
		about: "All filters that are given must match. The cursor of a page stays valid while groups come and go. An instance that does not exist and has no groups is 422.",
	}, a.listGroups)
	for _, p := range op.Parameters {
		if p.Name == "status" {
			p.Description = "Only groups in one of these states: several by commas, or by giving the parameter several times."
			p.Schema = &huma.Schema{Type: huma.TypeArray, Items: choice(group.Statuses...)}
		}
	}
	add(a, operation{
		method: http.MethodPost, path: "/v1/groups/search", id: "searchGroups", tag: "groups", role: auth.Viewer, pools: true, body: true,
		summary: "List groups by a filter in the body",
		about:   "The same list as GET /v1/groups. A phone in an address is written into the logs of proxies and servers; here it stands in the body.",
	}, a.searchGroups)
	add(a, operation{
		method: http.MethodGet, path: "/v1/groups/{id}", id: "getGroup", tag: "groups", role: auth.Viewer, pools: true,
		summary: "Show one group", problems: []int{http.StatusNotFound},
	}, a.getGroup)
	add(a, operation{
		method: http.MethodGet, path: "/v1/groups/{id}/explain", id: "explainGroup", tag: "groups", role: auth.Viewer, pools: true,
		summary: "Say why a group waits", problems: []int{http.StatusNotFound},
		about: "In one sentence and until when; fact by fact: who is before it, what holds each instance that may take it, the latest call, the last error; and what a person can do.",
	}, a.explainGroup)
}

// Reading says how numbers are read. Groups and batches share it.
type Reading struct {
	Region string `query:"region" doc:"The country of numbers without a country code, two letters as BR." example:"BR"`
	Strict bool   `query:"strict" doc:"Refuse a group with any bad phone, instead of taking the good ones."`
	Update bool   `query:"update" doc:"Add the new people of a request to the group of its key, or of its name in its batch. Without it the request is an error, conflict or changed."`
}

func (r Reading) rules(ctx context.Context) (enqueue.Rules, error) {
	who := auth.Of(ctx)
	if r.Update && who.OnlyCreate {
		return enqueue.Rules{}, problem(http.StatusForbidden, "The key %s only creates groups; update adds people to one that exists.", who.Name)
	}
	if r.Region != "" && !phone.KnownRegion(r.Region) {
		return enqueue.Rules{}, invalid("query.region", "", "region is not a country. Write its two letters, for example BR.")
	}
	return enqueue.Rules{Region: r.Region, Strict: r.Strict, Update: r.Update, Pools: who.Pools}, nil
}

type createInput struct {
	raw
	Reading
	Key string `header:"Idempotency-Key" maxLength:"255" doc:"The same as idempotencyKey in the body, with or without quotes."`
}

type acceptedGroup struct {
	Location string `header:"Location"`
	Outcome  string `header:"Rollcall-Outcome" enum:"created,existed,updated" doc:"created: this request asked for the group first. existed: the idempotency key was known with the same content. updated: it was known, and new people were added."`
	Body     group.Document
}

func (a *API) createGroup(ctx context.Context, in *createInput) (*acceptedGroup, error) {
	rules, err := in.rules(ctx)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(in.r.Body) // readJSON has read and limited it
	if err != nil {
		return nil, ofBody(err)
	}
	request, rowErr := intake.Decode(data)
	if rowErr != nil {
		return nil, ofRow(rowErr)
	}
	if err := takeKey(&request, in.r.Header.Values("Idempotency-Key")); err != nil {
		return nil, err
	}
	if key := strings.TrimSpace(request.IdempotencyKey); key != "" && key != headerKey(in.r) {
		land, taken := a.flights.begin(key)
		if taken != nil {
			return nil, taken
		}
		defer land()
	}
	res, err := a.Enqueue.Create(ctx, request, rules)
	if auth.Of(ctx).OnlyCreate {
		res = blinded(res)
	}
	if res.Error != nil {
		return nil, ofRow(res.Error)
	}
	if err != nil {
		a.Control.Audit.Did(ctx, audit.CreateGroup, audit.About{}, err)
		return nil, err
	}
	a.Control.Audit.Did(ctx, audit.CreateGroup, audit.OfGroup(res.ID, string(res.Outcome)), nil)
	at := "/v1/groups/" + res.ID
	doc, err := a.shown(ctx).Group(ctx, res.ID)
	if err != nil {
		p := *a.ofError(ctx, err)
		p.Detail = fmt.Sprintf("The group %s is accepted, but it could not be read just now: %s", res.ID, p.Detail)
		p.header.Set("Location", at)
		p.header.Set("Rollcall-Outcome", string(res.Outcome))
		return nil, &p
	}
	if auth.Of(ctx).OnlyCreate && res.Outcome != enqueue.Created { // others may have added people since
		blindDocument(&doc, request.GroupName)
	}
	return &acceptedGroup{Location: at, Outcome: string(res.Outcome), Body: doc}, nil
}

// blindDocument removes from the document of an existing group what a key that only creates must not see: people, the
// link, metadata and consent, the group's present name, and the candidates of a review.
func blindDocument(doc *group.Document, name string) {
	doc.Members, doc.Askers, doc.InviteLink, doc.GroupName = nil, nil, "", strings.TrimSpace(name)
	doc.Metadata, doc.Consent = map[string]any{}, nil
	if doc.Error != nil {
		e := *doc.Error
		e.Candidates, doc.Error = nil, &e
	}
}

// takeKey merges the idempotency key of the header and of the field.
func takeKey(r *tasks.GroupRequest, values []string) error {
	if len(values) == 0 {
		return nil
	}
	key := bareKey(values[0])
	switch {
	case len(values) > 1:
		return invalid("header.Idempotency-Key", "", "The header Idempotency-Key is given %d times. Give it once.", len(values))
	case key == "":
		return invalid("header.Idempotency-Key", "", "The header Idempotency-Key is empty. Fill it, or leave it out.")
	case r.IdempotencyKey != "" && strings.TrimSpace(r.IdempotencyKey) != key:
		return invalid("header.Idempotency-Key", string(tasks.BadField), "The header Idempotency-Key and the field idempotencyKey differ. Keep one of them.")
	}
	r.IdempotencyKey = key
	return nil
}

// Page has the parameters of every list.
type Page struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"The maximum of items to list."`
	Cursor string `query:"cursor" doc:"The nextCursor of the page before."`
}

type listInput struct {
	Page
	Status        []string  `query:"status,explode" maxItems:"8"`
	BatchID       string    `query:"batchId" maxLength:"255" doc:"Only groups of this batch, by its id or name."`
	Instance      string    `query:"instance" maxLength:"40" doc:"Only groups that this instance creates or created."`
	Phone         string    `query:"phone" doc:"Only groups with this person: a phone in any spelling, or a chat id."`
	Region        string    `query:"region" maxLength:"2" doc:"The country of a phone without a country code, two letters as BR."`
	ExternalRef   string    `query:"externalRef" maxLength:"255" doc:"Only groups with this reference of yours."`
	CreatedAfter  time.Time `query:"createdAfter" doc:"Only groups accepted at this time or later."`
	CreatedBefore time.Time `query:"createdBefore" doc:"Only groups accepted before this time."`
}

// GroupSearch is a filter of groups; every field that is given must match.
type GroupSearch struct {
	_             struct{}       `additionalProperties:"false"`
	Status        []group.Status `json:"status,omitempty" maxItems:"8" doc:"Only groups in one of these states."`
	BatchID       string         `json:"batchId,omitempty" maxLength:"255" doc:"Only groups of this batch, by its id or name."`
	Instance      string         `json:"instance,omitempty" maxLength:"40" doc:"Only groups that this instance creates or created."`
	Phone         tasks.Phone    `json:"phone,omitempty" doc:"Only groups with this person: a phone in any spelling, or a chat id."`
	Region        string         `json:"region,omitempty" maxLength:"2" doc:"The country of a phone without a country code, two letters as BR."`
	ExternalRef   string         `json:"externalRef,omitempty" maxLength:"255" doc:"Only groups with this reference of yours."`
	CreatedAfter  time.Time      `json:"createdAfter,omitzero" doc:"Only groups accepted at this time or later."`
	CreatedBefore time.Time      `json:"createdBefore,omitzero" doc:"Only groups accepted before this time."`
	Limit         int            `json:"limit,omitempty" minimum:"1" maximum:"500" default:"50" doc:"The maximum of items to list."`
	Cursor        string         `json:"cursor,omitempty" doc:"The nextCursor of the page before."`
}

type searchInput struct{ Body GroupSearch }

func (a *API) searchGroups(ctx context.Context, in *searchInput) (*answered[groupList], error) {
	b := in.Body
	if b.Limit == 0 {
		b.Limit = 50
	}
	return a.groups(ctx, &listInput{
		Page: Page{Limit: b.Limit, Cursor: b.Cursor}, Status: texts(b.Status), BatchID: b.BatchID, Instance: b.Instance, Phone: string(b.Phone), Region: b.Region,
		ExternalRef: b.ExternalRef, CreatedAfter: b.CreatedAfter, CreatedBefore: b.CreatedBefore,
	}, "body")
}

type groupList struct {
	Items      []group.Document `json:"items"`
	NextCursor string           `json:"nextCursor"`
}

func (a *API) listGroups(ctx context.Context, in *listInput) (*answered[groupList], error) {
	return a.groups(ctx, in, "query")
}

// groups lists the groups that match a filter. place says where the filter came from: the query or the body.
func (a *API) groups(ctx context.Context, in *listInput, place string) (*answered[groupList], error) {
	list := groupList{Items: []group.Document{}}
	filter, err := a.filter(ctx, in, place)
	if errors.Is(err, store.ErrNotFound) { // an unknown batch has no groups
		return &answered[groupList]{list}, nil
	}
	if err != nil {
		return nil, err
	}
	docs, next, err := a.shown(ctx).Groups(ctx, filter, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	if len(docs) == 0 && in.Cursor == "" {
		if err := a.known(ctx, filter, place); err != nil {
			return nil, err
		}
	}
	list.Items, list.NextCursor = append(list.Items, docs...), next
	a.saw(ctx, len(list.Items))
	return &answered[groupList]{list}, nil
}

// filter reads the filter of a list, a search or a bulk job.
func (a *API) filter(ctx context.Context, in *listInput, place string) (store.Filter, error) {
	f := store.Filter{Instance: in.Instance, ExternalRef: in.ExternalRef, After: in.CreatedAfter, Before: in.CreatedBefore}
	for field, t := range map[string]time.Time{".createdAfter": f.After, ".createdBefore": f.Before} {
		if !intake.Writable(t) {
			return f, invalid(place+field, "", "In UTC, the year of this time is before 0 or after 9999.")
		}
	}
	var err error
	if f.Statuses, err = statuses(place+".status", in.Status); err != nil {
		return f, err
	}
	if in.Phone != "" {
		if f.Person, err = person(place+".phone", in.Phone, in.Region); err != nil {
			return f, err
		}
	}
	if in.BatchID != "" {
		f.BatchID, err = a.shown(ctx).BatchID(ctx, in.BatchID)
	}
	return f, err
}

// known refuses a filter by an instance or a pool that does not exist.
func (a *API) known(ctx context.Context, f store.Filter, place string) error {
	err := a.shown(ctx).Known(ctx, f)
	if unknown, ok := errors.AsType[*view.UnknownError](err); ok {
		field := map[tasks.Code]string{tasks.UnknownInstance: ".instance", tasks.UnknownPool: ".pool"}[unknown.Code]
		return invalid(place+field, string(unknown.Code), "%s", unknown)
	}
	return err
}

// statuses reads the statuses of a filter. Each value holds one, or several separated by commas.
func statuses(location string, values []string) ([]group.Status, error) {
	var all []group.Status
	for _, value := range values {
		for word := range strings.SplitSeq(value, ",") {
			s := group.Status(strings.TrimSpace(word))
			if !s.Valid() {
				return nil, invalid(location, "", "%q is not a status of a group. They are %s.", phone.Show(word), joined(group.Statuses))
			}
			all = append(all, s)
		}
	}
	return all, nil
}

func joined[S ~string](words []S) string {
	return strings.Join(texts(words), ", ")
}

// person reads a phone in any spelling, or a chat id.
func person(location, typed, region string) (phone.Identity, error) {
	if strings.HasPrefix(location, "query.") {
		typed = plus(typed)
	}
	_, id, err := phone.ParsePerson(typed, region)
	if err != nil {
		return id, invalid(location, string(tasks.BadPhone), "%s", err)
	}
	return id, nil
}

// plus restores the + before a phone of a query: unescaped, it arrives as a space.
func plus(typed string) string {
	if rest, ok := strings.CutPrefix(typed, " "); ok {
		return "+" + rest
	}
	return typed
}

// GroupID names a group.
type GroupID struct {
	ID string `path:"id" doc:"The group's id." example:"grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10"`
}

func (g GroupID) mine(ctx context.Context, a *API) error {
	return noGroup(g.ID, a.shown(ctx).Has(ctx, g.ID))
}

func (a *API) getGroup(ctx context.Context, in *GroupID) (*answered[group.Document], error) {
	doc, err := a.shown(ctx).Group(ctx, in.ID)
	if err != nil {
		return nil, noGroup(in.ID, err)
	}
	a.saw(ctx, 1)
	return &answered[group.Document]{doc}, nil
}

func (a *API) explainGroup(ctx context.Context, in *GroupID) (*answered[view.Explanation], error) {
	doc, err := a.shown(ctx).Explain(ctx, in.ID)
	if err != nil {
		return nil, noGroup(in.ID, err)
	}
	return &answered[view.Explanation]{doc}, nil
}

// noGroup turns store.ErrNotFound into a 404 that names the group.
func noGroup(id string, err error) error {
	return unknown(err, "There is no group %s.", id)
}
