package steps

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// acquaintance is what is known of a group's people before the create.
type acquaintance struct {
	self    own
	checked map[string]provider.Checked // by address
	fresh   map[string]provider.Checked // those of them that were asked now
	out     []bool                      // by member: on the suppression list
}

// acquaint reserves the group's name and reads what must be known of the people: who is suppressed,
// who is on WhatsApp and under which addresses, and which number is our own. A check that fails
// does not hold the group: the answer of the create and the roll call will tell.
func (d *delivery) acquaint(ctx context.Context) (*acquaintance, error) {
	a := &acquaintance{}
	var err error
	if a.self, err = d.ownOf(ctx, d.in); err != nil {
		e, err := heard(err)
		if err != nil {
			return nil, err
		}
		d.trouble(ctx, d.in, e, 0)
		return nil, &Later{After: d.Policy.Retry.delay(d.g.Tries, e.RetryAfter), Why: say.Phrase{Code: say.NumberUnread, Why: []say.Phrase{e.Said()}}}
	}
	q := store.Preparing{
		Number: a.self.number, Name: d.g.Name, ID: d.g.ID,
		People: make([]phone.Identity, len(d.g.Members)), Provider: d.in.Provider.Traits().Name, Now: d.at.Now(),
	}
	for i := range d.g.Members {
		m := &d.g.Members[i]
		q.People[i] = m.Identity()
		if m.Status == group.Pending && q.People[i].Digits != "" && m.LID == "" {
			q.Addresses = append(q.Addresses, q.People[i].Digits)
		}
	}
	d.named = d.g.Name
	prepared, err := d.Store.Records.Prepare(ctx, q)
	if err != nil {
		return nil, err
	}
	if prepared.Holder != d.g.ID {
		if err := d.awaitName(ctx, a.self.number, prepared.Holder); err != nil {
			return nil, err
		}
	}
	a.out, a.checked, d.intent = prepared.Suppressed, prepared.Checks, prepared.Intent
	err = d.check(ctx, a, q.Addresses)
	if _, later := errors.AsType[*Later](err); later {
		d.releaseName(ctx, a.self.number)
	}
	return a, err
}

// check asks the network about addresses of which nothing is remembered, and about those that it did
// not know before a person asked for another try. What cannot be asked again stays as remembered.
func (d *delivery) check(ctx context.Context, a *acquaintance, addresses []string) error {
	var ask []string
	for _, address := range addresses {
		if c, ok := a.checked[address]; !ok || !c.Exists && c.At.Before(d.g.AskAgain) {
			ask = append(ask, address)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	fresh, unasked := d.askAbout(ctx, ask)
	suppressed, err := d.Store.People.RememberChecks(context.WithoutCancel(ctx), d.in.Provider.Traits().Name, fresh)
	if err != nil {
		return err
	}
	for i := range d.g.Members {
		a.out[i] = a.out[i] || suppressed[d.g.Members[i].Identity().Digits]
	}
	if unasked != nil {
		e := provider.AsError(unasked)
		open := func(address string) bool {
			_, told := fresh[address]
			_, remembered := a.checked[address]
			return !told && !remembered
		}
		if e.Quota == provider.QuotaCheck && slices.ContainsFunc(ask, open) {
			return d.unchecked(ctx, e)
		}
		d.Log.Warn().EmbedObject(event.NumberCheckFailed).Str("instance", d.in.Name).Str("error", e.Error()).Int("people", len(ask)).Msg("number check failed")
	}
	a.fresh = fresh
	maps.Copy(a.checked, fresh)
	return nil
}

// apply writes what is known into the members.
func (a *acquaintance) apply(g *group.Group, now time.Time) {
	for i := range g.Members {
		m := &g.Members[i]
		if m.Status != group.Pending {
			continue
		}
		if i < len(a.out) && a.out[i] {
			m.End(group.OptedOut, say.Phrase{Code: say.Suppressed}, now)
			continue
		}
		digits := m.Identity().Digits
		c, ok := a.checked[digits]
		_, fresh := a.fresh[digits]
		switch {
		case !ok:
		case !c.Exists && !fresh:
			m.End(group.NotOnWhatsApp, say.Phrase{Code: say.HadNoWhatsApp, At: c.At}, now)
		case !c.Exists:
			m.End(group.NotOnWhatsApp, say.Phrase{Code: say.NoWhatsApp}, now)
		default:
			m.Learn(c.Identity)
		}
	}
}

// request is the create's request: everybody who may be added, without our own number. People who
// are only known by a LID cannot be named there: they are invited.
//
// Where the numbers are checked first, one without WhatsApp makes the whole create fail, and the
// documented check may take no number of 13 digits. So when creates came to nothing twice without a
// reason, people who could not be checked are left out, if others remain; they are invited then.
func (a *acquaintance) request(g *group.Group) provider.CreateRequest {
	r := provider.CreateRequest{Name: g.Name}
	var unchecked []string
	for i := range g.Members {
		m := &g.Members[i]
		if m.Status != group.Pending || m.Identity().Digits == "" || phone.SamePerson(m.Identity(), a.self.Identity) {
			continue
		}
		if _, ok := a.checked[m.Identity().Digits]; ok || m.LID != "" {
			r.Addresses = append(r.Addresses, m.Address())
		} else {
			unchecked = append(unchecked, m.Address())
		}
	}
	if len(r.Addresses) == 0 || unexplained(g) < 2 {
		r.Addresses = append(r.Addresses, unchecked...)
	}
	return r
}

// unexplained counts the attempts that ended without a clear answer.
func unexplained(g *group.Group) int {
	n := 0
	for _, a := range g.Attempts {
		if a.Outcome == group.OutcomeUnknown {
			n++
		}
	}
	return n
}
