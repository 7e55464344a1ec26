package view

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// Evidence is everything the installation knows about one person: to answer that person, or an authority that asks
// on what basis they were contacted.
type Evidence struct {
	Phone       string             `json:"phone"` // as it was asked for, in clear
	At          time.Time          `json:"at"`
	Suppression *store.Suppression `json:"suppression"`
	Checks      []Check            `json:"numberChecks"`
	Groups      []Membership       `json:"groups"`     // newest first
	Unreadable  []string           `json:"unreadable"` // ids of the person's groups whose records cannot be read
}

// Check is a stored answer of a provider about the number.
type Check struct {
	Provider string     `json:"provider"`
	Exists   bool       `json:"exists"`
	WhatsApp string     `json:"whatsApp"` // WhatsApp's own form of the number
	LID      string     `json:"lid"`
	AskedAt  *time.Time `json:"askedAt"` // when the network was asked
}

// Membership is the person in one group.
type Membership struct {
	ID          string         `json:"id"`
	GroupName   string         `json:"groupName"`
	GroupID     string         `json:"groupId"`
	Status      group.Status   `json:"status"`
	Instance    string         `json:"instance"`
	BatchID     string         `json:"batchId"`
	Row         int            `json:"row"`
	ExternalRef string         `json:"externalRef"`
	Metadata    map[string]any `json:"metadata"`
	CreatedAt   time.Time      `json:"createdAt"`
	FinishedAt  *time.Time     `json:"finishedAt"`
	Consent     *group.Consent `json:"consent"`
	Member      Person         `json:"member"`
}

// Person is the person's own state in a group, with its times.
type Person struct {
	Input     string             `json:"input"` // as the client wrote it
	WhatsApp  string             `json:"whatsApp"`
	LID       string             `json:"lid"`
	Status    group.MemberStatus `json:"status"`
	Reason    say.Phrase         `json:"reason"`
	MessageID string             `json:"messageId"`
	InvitedAt *time.Time         `json:"invitedAt"`
	Request   *group.JoinRequest `json:"joinRequest,omitempty"`
	UpdatedAt time.Time          `json:"updatedAt"`
}

// evidencePage is how many groups are read at once.
const evidencePage = 200

// Evidence gathers what is known of a person, by a number or a LID. A number that was checked leads
// to its LID, and so to the groups that were asked for by it.
func (r *Reader) Evidence(ctx context.Context, who phone.Identity) (Evidence, error) {
	now, err := r.store.Now(ctx)
	if err != nil {
		return Evidence{}, err
	}
	e := Evidence{Phone: who.LID, At: now, Checks: []Check{}, Groups: []Membership{}, Unreadable: []string{}}
	if who.Digits != "" {
		e.Phone = "+" + who.Digits
	}
	if e.Checks, err = r.checks(ctx, who); err != nil {
		return e, err
	}
	for _, c := range e.Checks {
		who.LID = cmp.Or(who.LID, c.LID)
	}
	if e.Suppression, err = r.store.People.Suppression(ctx, who); err != nil {
		return e, err
	}
	if e.Suppression != nil && len(r.pools) > 0 { // the entry applies to all pools; its reason may be another tenant's
		e.Suppression.Reason = ""
	}
	cursor := ""
	for {
		groups, next, err := r.store.Index.List(ctx, store.Filter{Person: who, Pools: r.pools}, cursor, evidencePage)
		if err != nil {
			return e, err
		}
		for _, g := range groups {
			if g.Status == group.Unreadable {
				e.Unreadable = append(e.Unreadable, g.ID)
			}
			e.Groups = append(e.Groups, memberships(g, who)...)
		}
		if cursor = next; cursor == "" {
			return e, nil
		}
	}
}

// Empty reports whether nothing is known of the person.
func (e Evidence) Empty() bool {
	return e.Suppression == nil && len(e.Checks)+len(e.Groups)+len(e.Unreadable) == 0
}

// checks returns the stored answers of the providers whose instances are known.
func (r *Reader) checks(ctx context.Context, who phone.Identity) ([]Check, error) {
	checks := []Check{}
	if who.Digits == "" {
		return checks, nil
	}
	instances, err := r.store.Presence.Instances(ctx)
	if err != nil {
		return checks, err
	}
	var providers []string
	for _, i := range instances {
		providers = append(providers, i.Provider)
	}
	slices.Sort(providers)
	for _, name := range slices.Compact(providers) {
		known, err := r.store.People.RecallChecks(ctx, name, []string{who.Digits})
		if err != nil {
			return checks, err
		}
		if c, ok := known[who.Digits]; ok {
			checks = append(checks, Check{Provider: name, Exists: c.Exists, WhatsApp: c.Identity.Digits, LID: c.Identity.LID, AskedAt: moment(c.At)})
		}
	}
	return checks, nil
}

// memberships returns the person's entries in a group: one, unless the request had two addresses that turned out
// to be one person's.
func memberships(g *group.Group, who phone.Identity) []Membership {
	var all []Membership
	d := g.Document()
	for i := range g.Members {
		m := &g.Members[i]
		if !m.Is(who) {
			continue
		}
		all = append(all, Membership{
			ID: d.ID, GroupName: d.GroupName, GroupID: d.GroupID, Status: d.Status, Instance: d.Instance, BatchID: d.BatchID,
			Row: d.Row, ExternalRef: d.ExternalRef, Metadata: d.Metadata, CreatedAt: d.CreatedAt, FinishedAt: d.FinishedAt, Consent: d.Consent,
			Member: Person{
				Input: m.Input, WhatsApp: m.WhatsApp, LID: m.LID, Status: m.Status, Reason: m.Reason, MessageID: m.MessageID,
				InvitedAt: moment(m.InvitedAt), Request: m.Request, UpdatedAt: m.UpdatedAt.UTC(),
			},
		})
	}
	return all
}
