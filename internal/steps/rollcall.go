package steps

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

// rollCall reads who is in the group. Members in the group become added; members missing from every reading are invited
// or reported.
func (d *delivery) rollCall(ctx context.Context) error {
	if d.g.Status != group.Inviting || d.g.Called {
		return d.follow(ctx)
	}
	looks, retry := d.Policy.RollLooks, d.Policy.Retry
	if err := d.due(d.g.Roll.At(looks, d.g.Roll.Looks)); err != nil {
		return err
	}
	last := d.g.Roll.Last(looks)

	seen, err := d.read(ctx)
	if err == nil {
		d.askLink(ctx, &seen)
	}
	if err == nil && last {
		err = d.strays(ctx)
	}
	var missed map[string]provider.Checked
	if err == nil && last {
		missed, err = d.checkMissed(ctx, seen.Reading)
	}
	if later, ok := errors.AsType[*Later](err); ok {
		return later
	}
	if err != nil {
		e, err := providerError(err)
		if err != nil {
			return err
		}
		return d.rollCallFailed(ctx, e)
	}

	if err := d.amend(ctx, func(g *group.Group, now time.Time) error {
		if g.Status != group.Inviting || g.Called {
			return nil
		}
		seen.tellLink(g, now)
		for i := range g.Members {
			if c := missed[g.Members[i].Identity().Digits]; c.Exists {
				g.Members[i].Learn(c.Identity)
			}
		}
		if err := g.CallRoll(seen.Reading, last, now); err != nil {
			return err
		}
		if !seen.Complete && now.Sub(g.Roll.From) >= retry.GiveUpAfter {
			return g.RollFailed(say.Phrase{Code: say.ListIncomplete}, retry.GiveUpAfter, now)
		}
		return nil
	}); err != nil {
		return err
	}
	if d.g.Status == group.Inviting && !d.g.Called {
		after := max(0, d.g.Roll.At(looks, d.g.Roll.Looks).Sub(d.g.UpdatedAt))
		if !seen.Complete {
			after = max(after, retry.delay(d.g.Roll.Failures-1, 0))
		}
		return &Later{After: after, Why: say.Phrase{Code: say.SnoozeDue}}
	}
	d.Log.Info().EmbedObject(event.RollCalled).Str("group", d.g.ID).Str("instance", d.in.Name).Str("status", string(d.g.Status)).
		Int("added", d.g.Counts()[group.Added]).Int("toInvite", d.g.Counts()[group.InviteQueued]).Msg("roll called")
	return d.follow(ctx)
}

// checkMissed checks again the people whose check before the create failed and whom the last reading lacks. The reading
// may list them without a number, and their LIDs show that.
func (d *delivery) checkMissed(ctx context.Context, r group.Reading) (map[string]provider.Checked, error) {
	if !slices.ContainsFunc(r.People, func(p phone.Identity) bool { return p.Digits == "" }) {
		return nil, nil
	}
	var missed []string
	for i := range d.g.Members {
		if m := &d.g.Members[i]; m.Status == group.Pending && m.LID == "" && m.Identity().Digits != "" && !r.Holds(m.Identity()) {
			missed = append(missed, m.Identity().Digits)
		}
	}
	if len(missed) == 0 {
		return nil, nil
	}
	return d.checks(ctx, missed, d.g.AskAgain)
}

// sight is a reading of the group's people, with the invite link if the provider includes it.
type sight struct {
	group.Reading

	link    string
	profile group.Profile
}

// askLink reads a group's link if neither the create nor a reading returned it, because every group's document has its
// link. If this fails, the next reading or invitation asks again.
func (d *delivery) askLink(ctx context.Context, s *sight) {
	if !d.in.Provider.Traits().LinkApart || d.g.InviteLink != "" || s.Own != group.StandingAdmin {
		return
	}
	link, err := d.in.Provider.InviteLink(ctx, d.g.WhatsAppID)
	if err != nil {
		d.Log.Info().EmbedObject(event.InviteLinkUnread).Str("group", d.g.ID).Str("instance", d.in.Name).Str("error", provider.AsError(err).Error()).Msg("invite link not read")
	}
	s.link = link
}

func (s sight) tellLink(g *group.Group, now time.Time) {
	if s.link != "" {
		g.InviteLink, g.LinkAt = s.link, now
	}
}

// read reads who is in the group. The reading names the instance's own number apart, because it was not requested.
func (d *delivery) read(ctx context.Context) (sight, error) {
	self, err := d.ownOf(ctx, d.in)
	if err != nil {
		return sight{}, err
	}
	roll, err := d.in.Provider.Members(ctx, d.g.WhatsAppID)
	seen := sight{
		Reading: reading(roll, self.Identity), link: roll.InviteLink,
		profile: group.Profile{Description: roll.Profile.Description, HasPhoto: roll.Profile.HasPhoto, Settings: roll.Profile.Settings},
	}
	if made := d.g.Latest(); made != nil && made.Number != "" && made.Number != self.number {
		// If the new number is in the group too, the group goes on with it.
		if e := provider.AsError(err); err == nil && !seen.Holds(self.Identity) || err != nil && e.Scope == provider.ScopeRequest {
			err = otherNumber(d.in, say.NumberGoneGroup)
		}
	}
	return seen, err
}

func reading(roll provider.Roll, self phone.Identity) group.Reading {
	r := group.Reading{Self: self, Complete: roll.Complete, People: make([]phone.Identity, len(roll.Participants)), Admins: make([]bool, len(roll.Participants))}
	hidden := false
	for i, p := range roll.Participants {
		r.People[i], r.Admins[i] = p.Identity, p.Admin
		hidden = hidden || p.Digits == ""
		switch {
		case !phone.SamePerson(p.Identity, self):
		case p.Admin:
			r.Own = group.StandingAdmin
		default:
			r.Own = group.StandingMember
		}
	}
	if r.Own == "" && roll.Complete && !hidden && self.Digits != "" {
		r.Own = group.StandingOut
	}
	return r
}

// searchTries is how often the roll call tries to read the lists of the group's instance for a second group.
const searchTries = 3

// strays checks whether an earlier create of the request made a second group although it seemed to fail. A person must
// decide about the two groups before anyone is invited. Lists that cannot be read are skipped: those of the group's own
// instance after searchTries tries, or at once if a quota is used up, and those of other instances at once.
func (d *delivery) strays(ctx context.Context) error {
	if !d.g.MayHaveSecond() {
		return nil
	}
	senders, err := d.senders(ctx)
	if err != nil {
		return err
	}
	var found []candidate
	for i, s := range senders {
		seen, err := d.lookAt(ctx, s)
		if e, ok := errors.AsType[*provider.Error](err); ok && (i > 0 || e.Quota != "" || d.g.Roll.Failures+1 >= searchTries) {
			d.Log.Warn().EmbedObject(event.SearchSkipped).Str("group", d.g.ID).Str("instance", s.Instance).Str("error", e.Error()).
				Msg("second group not searched for")
			continue
		}
		if err != nil {
			return err
		}
		if slices.ContainsFunc(seen.rest, func(l provider.Listed) bool { return l.Name == "" || group.SameName(l.Name, d.g.Name) }) {
			return d.straysLeft(ctx, seen.more()) // groups with other names need not be read before the invitations
		}
		for _, c := range seen.found {
			if c.Likeness == group.Like {
				found = append(found, c)
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	return d.amend(ctx, func(g *group.Group, now time.Time) error {
		for _, s := range found {
			if err := g.Stray(s.GroupID, s.on, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// senders returns an attempt for each number whose lists may show a second group: first the number of the group's
// instance, then those of the attempts with an unknown outcome.
func (d *delivery) senders(ctx context.Context) ([]group.Attempt, error) {
	self, err := d.ownOf(ctx, d.in)
	if err != nil {
		return nil, err
	}
	senders := []group.Attempt{{Instance: d.in.Name, Number: self.number}}
	for _, a := range d.g.Attempts {
		known := slices.ContainsFunc(senders, func(s group.Attempt) bool { return s.Number == a.Number })
		if a.Outcome == group.OutcomeUnknown && !known {
			senders = append(senders, a)
		}
	}
	return senders, nil
}

// lookAt calls look on the lists of the number that sent an attempt.
func (d *delivery) lookAt(ctx context.Context, a group.Attempt) (view, error) {
	in := d.instances.Load().find(a.Instance)
	if in == nil {
		in = d.in // another instance may have the number
	}
	on, err := d.home(ctx, in, a.Number)
	if err != nil {
		return view{}, err
	}
	return d.look(ctx, on)
}

// straysLeft puts strays off when there are more groups than one step may read; a later delivery continues. It gives up
// after the same time as a failing roll call.
func (d *delivery) straysLeft(ctx context.Context, more say.Phrase) error {
	if err := d.amend(ctx, func(g *group.Group, now time.Time) error {
		switch {
		case g.Status != group.Inviting || g.Called:
			return nil
		case now.Sub(g.Roll.From) >= d.Policy.Retry.GiveUpAfter:
			return g.RollFailed(more, d.Policy.Retry.GiveUpAfter, now)
		}
		g.Waits(more, now.Add(readPause))
		return nil
	}); err != nil {
		return err
	}
	if d.g.Status == group.Inviting && !d.g.Called {
		return &Later{After: readPause, Why: more}
	}
	return nil
}

// rollCallFailed records a failed reading.
func (d *delivery) rollCallFailed(ctx context.Context, e *provider.Error) error {
	d.trouble(ctx, d.in, e, d.g.Roll.Failures)
	if e.Quota != "" {
		return d.readingHeld(ctx, e.Quota)
	}
	pause := d.Policy.Retry.delay(d.g.Roll.Failures, e.RetryAfter)
	if err := d.amend(ctx, func(g *group.Group, now time.Time) error {
		if g.Status != group.Inviting || g.Called {
			return nil
		}
		if err := d.countRollFailure(g, e, now); err != nil {
			return err
		}
		if g.Status == group.Inviting {
			g.Waits(say.Phrase{Code: say.WaitMembersUnread, Why: []say.Phrase{e.Said()}}, now.Add(pause))
		}
		return nil
	}); err != nil {
		return err
	}
	if d.g.MayBeMistyped() { // the group may belong to another request
		if err := d.Store.Records.ReleaseWhatsApp(ctx, d.g.WhatsAppID, d.g.ID); err != nil {
			return err
		}
	}
	if d.g.Status == group.Inviting && !d.g.Called {
		return &Later{After: pause, Why: say.Phrase{Code: say.MembersUnread, Why: []say.Phrase{e.Said()}}}
	}
	return d.follow(ctx)
}

// countRollFailure counts a failed reading. A group that a person named should be readable at once. If the provider
// still refuses to show it at the time of the last look, its id may be mistyped, so the group goes into review, where a
// person can correct the id.
func (d *delivery) countRollFailure(g *group.Group, e *provider.Error, now time.Time) error {
	looks, giveUp := d.Policy.RollLooks, d.Policy.Retry.GiveUpAfter
	if !g.ByHand || !e.Declined() || e.Scope != provider.ScopeRequest || len(looks) == 0 {
		return g.RollFailed(e.Said(), giveUp, now)
	}
	return g.RollRefused(e.Said(), min(giveUp, looks[len(looks)-1]), now)
}
