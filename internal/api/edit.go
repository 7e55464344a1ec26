package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// GroupChange is an edit of a group's request. A field that is left out stays as it is.
type GroupChange struct {
	_              struct{}          `additionalProperties:"false"`
	GroupName      *string           `json:"groupName,omitempty" minLength:"1" maxLength:"100" doc:"The group's new name."`
	AddPhones      []tasks.Phone     `json:"addPhones,omitempty" maxItems:"2046" doc:"People to add. Bad ones become members with the status invalid."`
	RemovePhones   []tasks.Phone     `json:"removePhones,omitempty" maxItems:"2046" doc:"People to remove, in any spelling; for an entry that could not be used, its input. Each must be in the group."`
	Names          map[string]string `json:"names,omitempty" doc:"The new people's names, by the phone as it stands in addPhones."`
	AutoInvite     *bool             `json:"autoInvite,omitempty" doc:"Privately invite people who cannot be added."`
	InviteMessage  *string           `json:"inviteMessage,omitempty" doc:"The invitation's text; empty for the configured one."`
	Description    *string           `json:"description,omitempty" maxLength:"2048" doc:"The group's description; empty for the pool's."`
	Photo          *string           `json:"photo,omitempty" doc:"The https address of the group's picture; empty for the pool's."`
	WelcomeMessage *string           `json:"welcomeMessage,omitempty" maxLength:"4096" doc:"One message to the group, sent once; empty for the pool's."`
	Admins         *Admins           `json:"admins,omitempty" doc:"Who becomes admin: phones of people of this group, or all. An empty list is the pool's."`
	Settings       *tasks.Settings   `json:"settings,omitempty" doc:"WhatsApp's settings of the group. Those that are left out stay as they are."`
	NotBefore      *string           `json:"notBefore,omitempty" doc:"Do not create it before this time (RFC 3339); empty for at once."`
	ExpiresAt      *string           `json:"expiresAt,omitempty" doc:"Do not create it after this time (RFC 3339); empty for never."`
	Metadata       Metadata          `json:"metadata,omitempty" doc:"Replaces all metadata; an empty object removes it."`
	Consent        *tasks.Consent    `json:"consent,omitempty" doc:"The people's permission, as you vouch for it."`
}

// Metadata is an object of the client. Its numbers stay as written: an id of twenty digits is not rounded.
type Metadata map[string]any

// UnmarshalJSON reads the object.
func (m *Metadata) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode((*map[string]any)(m))
}

// GroupEdited is a group after an edit.
type GroupEdited struct {
	Outcome  operate.EditOutcome `json:"outcome" enum:"edited,replaced,unchanged" doc:"edited: the request of the waiting group was changed. replaced: another group is created instead, and the answer shows that one. unchanged: the request was like this already."`
	DryRun   bool                `json:"dryRun" doc:"Nothing was changed: this is what the edit would change."`
	New      []string            `json:"new" doc:"People who are new, in clear."`
	Gone     []string            `json:"gone" doc:"People who are removed, in clear."`
	Fields   []string            `json:"fields" doc:"What else differs, by the names of a request's fields."`
	Unusable []enqueue.Unusable  `json:"unusable" doc:"Entries of addPhones that cannot be used."`
	Group    group.Document      `json:"group" doc:"The group after the edit; with dryRun, as it would be. The id of a group that would be created is empty."`
}

// EditedOf returns the answer to an edit, or to its plan.
func EditedOf(e operate.Edited, doc group.Document, dryRun bool) GroupEdited {
	d := GroupEdited{
		Outcome: e.Outcome, DryRun: dryRun, Group: doc, Unusable: []enqueue.Unusable{},
		New: append([]string{}, e.New...), Gone: append([]string{}, e.Gone...), Fields: append([]string{}, e.Fields...),
	}
	if dryRun && e.Outcome == operate.Superseded {
		d.Group.ID = ""
	}
	for _, p := range e.Unusable {
		d.Unusable = append(d.Unusable, enqueue.Unusable{Input: p.Input, Code: string(p.Err.Reason), Message: p.Err.Error()})
	}
	return d
}

type editInput struct {
	GroupID
	Region string `query:"region" doc:"The country of numbers without a country code, two letters as BR." example:"BR"`
	Strict bool   `query:"strict" doc:"Refuse the edit if any phone of addPhones cannot be used."`
	DryRun bool   `query:"dryRun" doc:"Say what would be changed; change nothing."`
	Body   GroupChange
}

type editedGroup struct {
	Location string `header:"Content-Location" doc:"The group that is shown."`
	Body     GroupEdited
}

func (a *API) editGroup(ctx context.Context, in *editInput) (*editedGroup, error) {
	rules, err := Reading{Region: in.Region, Strict: in.Strict}.rules(ctx)
	if err != nil {
		return nil, err
	}
	change, err := in.Body.change()
	if err != nil {
		return nil, err
	}
	do := a.Control.Edit
	if in.DryRun {
		do = a.Control.PlanEdit
	}
	e, err := do(ctx, in.ID, change, operate.EditRules{Region: rules.Region, Strict: rules.Strict})
	if bad, ok := errors.AsType[*tasks.RowError](err); ok {
		return nil, ofRow(bad)
	}
	if errors.Is(err, store.ErrChanged) {
		return nil, problem(http.StatusConflict, "The group was changed at the same moment. Read it, and send the edit again.")
	}
	if err != nil {
		return nil, noGroup(in.ID, err)
	}
	docs, err := a.shown(ctx).Describe(ctx, []*group.Group{e.Group})
	if err != nil {
		return nil, err
	}
	if in.DryRun || e.Outcome == operate.Unchanged { // an edit has its own entry
		a.saw(ctx, 1)
	}
	out := &editedGroup{Body: EditedOf(e, docs[0], in.DryRun)}
	if id := out.Body.Group.ID; id != "" {
		out.Location = "/v1/groups/" + id
	}
	return out, nil
}

// change converts the body for operate.
func (b *GroupChange) change() (operate.Change, error) {
	c := operate.Change{
		Name: b.GroupName, Add: b.AddPhones, Remove: b.RemovePhones, Names: b.Names, AutoInvite: b.AutoInvite,
		Message: b.InviteMessage, Description: b.Description, Photo: b.Photo, Welcome: b.WelcomeMessage,
		Settings: b.Settings, Metadata: b.Metadata, Consent: b.Consent,
	}
	if b.Admins != nil {
		c.Admins = &b.Admins.Admins
	}
	for _, t := range []struct {
		field string
		text  *string
		to    **time.Time
	}{{"notBefore", b.NotBefore, &c.NotBefore}, {"expiresAt", b.ExpiresAt, &c.ExpiresAt}} {
		if t.text == nil {
			continue
		}
		at := time.Time{}
		if *t.text != "" {
			var err error
			if at, err = time.Parse(time.RFC3339, *t.text); err != nil {
				return c, invalid("body."+t.field, "", "%s is not a time. Write it as 2026-11-21T09:00:00Z, or leave it empty.", t.field)
			}
		}
		*t.to = &at
	}
	return c, nil
}
