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
	fresh   map[string]provider.Checked // the entries of checked that this delivery asked about
	out     []bool                      // by member: on the suppression list
	sought  []phone.Identity            // by member: the person who was looked up on that list
}

// acquaint reserves the group's name and reads what the create needs to know: the instance's own number, and which of
// the people are on WhatsApp and under which addresses. The group waits if the provider checks no more numbers, as
// check says. After any other failed check it goes on: the create's answer and the roll call show who is in it.
func (d *delivery) acquaint(ctx context.Context) (*acquaintance, error) {
	a := &acquaintance{}
	var err error
	if a.self, err = d.ownOf(ctx, d.in); err != nil {
		e, err := providerError(err)
		if err != nil {
			return nil, err
		}
		d.trouble(ctx, d.in, e, 0)
		return nil, &Later{After: d.Policy.Retry.delay(d.g.Tries, e.RetryAfter), Why: say.Phrase{Code: say.NumberUnread, Why: []say.Phrase{e.Said()}}}
	}
	q := store.Preparing{
		Number: a.self.number, Name: d.g.Name, ID: d.g.ID,
		Provider: d.in.Provider.Traits().Name, Now: d.at.Now(),
	}
	for i := range d.g.Members {
		m := &d.g.Members[i]
		if digits := m.Identity().Digits; m.Status == group.Pending && digits != "" && m.LID == "" {
			q.Addresses = append(q.Addresses, digits)
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
	a.checked, d.intent = prepared.Checks, prepared.Intent
	err = d.check(ctx, a, q.Addresses)
	if _, later := errors.AsType[*Later](err); later {
		d.releaseName(ctx, a.self.number)
	}
	return a, err
}

// check asks the provider about addresses without a stored answer. If a person asked for another try, it also asks
// about those that an earlier answer found not on WhatsApp. If asking fails, the stored answers count. If the quota of
// checks is used up and an address has no answer, check returns Later.
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
	if err := d.Store.People.RememberChecks(context.WithoutCancel(ctx), d.in.Provider.Traits().Name, fresh); err != nil {
		return err
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

// suppress looks up who is on the suppression list, under every address that is known by now. It runs last, because the
// checks, a search for the group and the wait for the slot take time.
func (d *delivery) suppress(ctx context.Context, a *acquaintance) error {
	people := make([]phone.Identity, 0, 2*len(d.g.Members))
	of := make([]int, 0, cap(people)) // the member of each
	a.sought = make([]phone.Identity, len(d.g.Members))
	for i := range d.g.Members {
		m := &d.g.Members[i]
		a.sought[i] = m.Identity()
		checked := a.checked[a.sought[i].Digits].Identity
		for _, who := range m.Identities() {
			if who.Digits == checked.Digits {
				checked.Digits = ""
			}
			people, of = append(people, who), append(of, i)
		}
		people, of = append(people, checked), append(of, i)
	}
	listed, err := d.Store.People.Suppressed(ctx, people)
	if err != nil {
		return err
	}
	a.out = make([]bool, len(d.g.Members))
	for n, i := range of {
		a.out[i] = a.out[i] || listed[n]
	}
	return nil
}

// covers reports whether suppress looked for all members of a group, in their order.
func (a *acquaintance) covers(g *group.Group) bool {
	return slices.EqualFunc(g.Members, a.sought, func(m group.Member, who phone.Identity) bool { return m.Identity() == who })
}

// apply ends the members who are on the suppression list or not on WhatsApp, and records the addresses of the others.
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

// request returns the create's request: all people who may be added, without the instance's own number. A create
// cannot name people who are known only by a LID: they are invited.
//
// At a provider that checks the numbers first, one number without WhatsApp fails the whole create, and the provider's
// documented check may not accept numbers of 13 digits. So after two creates without a clear outcome, request leaves
// out the people who could not be checked, if others remain. They are invited.
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
