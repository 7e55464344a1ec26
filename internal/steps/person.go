package steps

import (
	"context"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// errand is a kind of call for one person, made at most once, and how the record stores it.
type errand struct {
	op       string   // the provider's call
	retrying say.Code // what a group waits for while the call has not left

	open    func(g *group.Group, person int) bool // the call is still to be made
	look    func(g *group.Group, person int, r group.Reading, now time.Time) (bool, error)
	still   func(g *group.Group, person int, now time.Time) (bool, error) // like look, but uses the reading in the record
	begin   func(g *group.Group, person int, owner string, budget time.Duration, alive func(string) bool, now time.Time) group.Begun
	notSent func(g *group.Group, person int, why say.Phrase, giveUp time.Duration, now time.Time) error
	putOff  func(g *group.Group, person int, now time.Time) error
	ended   func(g *group.Group, person int, s group.MemberStatus, reason say.Phrase, now time.Time) error
}

// The errands.
var (
	adding = errand{
		op: "add member", retrying: say.WaitNextAdd,
		open: (*group.Group).Adding, look: (*group.Group).LateLook, still: (*group.Group).StillOutside, begin: (*group.Group).BeginAdd,
		notSent: (*group.Group).AddNotSent, putOff: (*group.Group).AddPutOff, ended: (*group.Group).AddEnded,
	}
	inviting = errand{
		op: "invite", retrying: say.WaitNextInvite,
		open: (*group.Group).ToInvite, look: (*group.Group).LateJoin, still: (*group.Group).StillWaits, begin: (*group.Group).BeginInvite,
		notSent: (*group.Group).InviteNotSent, putOff: (*group.Group).InviteLimited, ended: (*group.Group).InviteEnded,
	}
)

func (d *delivery) member() *group.Member { return &d.g.Members[d.person] }

// disturbable returns Later during the person's quiet hours.
func (d *delivery) disturbable(ctx context.Context) error {
	if d.Policy.Quiet == nil {
		return nil
	}
	now := d.at.Now()
	until := d.Policy.Quiet.Until(now, d.Policy.ZonesOf(d.member().Number))
	if until.IsZero() {
		return nil
	}
	if d.g.Wait.Until.Before(now) {
		if err := d.amend(ctx, func(g *group.Group, _ time.Time) error {
			g.Waits(say.Phrase{Code: say.WaitNight}, until)
			return nil
		}); err != nil {
			return err
		}
	}
	return &Later{After: until.Sub(now), Why: say.Phrase{Code: say.WaitNight}}
}

// ZonesOf returns the zones in which a recipient's quiet hours apply: the configured one, or all zones that the number
// may be in. For a number without a known zone it returns the installation's zone.
func (p Policy) ZonesOf(n phone.Number) []*time.Location {
	if p.QuietZone != nil {
		return []*time.Location{p.QuietZone}
	}
	if zones := phone.Zones(n); len(zones) > 0 {
		return zones
	}
	return []*time.Location{p.Zone}
}

// sharedFor is how long a reading that was made for one person's call also serves the other calls of the group. The
// reading is in the record, so all workers share it.
const sharedFor = 10 * time.Second

// lateLook reads the group once more before a call, unless the record's reading is recent enough: then beginFor uses
// the record's. A person who is in the group by now needs no call. It reports whether the call is still to be made.
func (d *delivery) lateLook(ctx context.Context, what errand, recent bool) (open bool, err error) {
	if recent {
		return true, nil
	}
	seen, err := d.read(ctx)
	if err != nil {
		e, err := providerError(err)
		if err != nil {
			return false, err
		}
		d.trouble(ctx, d.in, e, d.member().Tries)
		if e.Quota != "" {
			return false, d.putOff(ctx, what, usedUp(e.Quota), d.Policy.Rest.Initial)
		}
		if e.Class != provider.NotSent && ofInstance(e) {
			return false, d.limited(ctx, what, e)
		}
		return false, d.notSent(ctx, what, say.Phrase{Code: say.MembersUnread, Why: []say.Phrase{e.Said()}}, e.RetryAfter)
	}
	err = d.amend(ctx, func(g *group.Group, now time.Time) (err error) {
		seen.tellLink(g, now)
		open, err = what.look(g, d.person, seen.Reading, now)
		return err
	})
	if err != nil {
		return false, settled(err)
	}
	if !open {
		return false, d.followJoins(ctx)
	}
	return true, nil
}

// waitAndCheck waits for the slot's start and checks once more that the person is not on the suppression list. If the
// person is, it ends the person's part and reports over.
func (d *delivery) waitAndCheck(ctx context.Context, what errand) (over bool, err error) {
	if err := d.wait(ctx); err != nil {
		return false, err
	}
	asked, err := d.Store.Records.Prepare(ctx, store.Preparing{People: d.member().Identities()})
	if err != nil {
		return false, unsure(err)
	}
	d.intent = asked.Intent
	return d.optedOut(ctx, what, asked.Suppressed)
}

// optedOut ends the person's part if one of the person's addresses is on the suppression list, and reports over.
func (d *delivery) optedOut(ctx context.Context, what errand, listed []bool) (over bool, err error) {
	if !slices.Contains(listed, true) {
		return false, nil
	}
	return true, d.end(ctx, what, group.OptedOut, say.Phrase{Code: say.Suppressed})
}

// searched checks the suppression list again after a search for an earlier call, which takes time. If the person is on
// it by now, it ends the person's part and reports over.
func (d *delivery) searched(ctx context.Context, what errand) (over bool, err error) {
	if d.intent.Doubt == nil { // no search was made
		return false, nil
	}
	listed, err := d.Store.People.Suppressed(ctx, d.member().Identities())
	if err != nil {
		return false, err
	}
	return d.optedOut(ctx, what, listed)
}

// beginFor checks whether the call may be made, and writes its intent unless the record's latest reading shows that the
// call is not needed. It reports whether to make the call. It checks the person's quiet hours again, because they may
// have begun during the step.
func (d *delivery) beginFor(ctx context.Context, what errand) (bool, error) {
	if err := d.disturbable(ctx); err != nil {
		return false, err
	}
	if err := d.begin(ctx); err != nil {
		return false, err
	}
	var begun group.Begun
	change := func(g *group.Group, now time.Time) error {
		begun, d.begun = group.Past, now
		if open, err := what.still(g, d.person, now); err != nil || !open {
			return err
		}
		begun = what.begin(g, d.person, d.Worker, d.in.InviteBudget, d.alive(ctx), now)
		return nil
	}
	if err := d.intend(ctx, change, d.ours, func(g *group.Group, _ say.Phrase, now time.Time) error {
		return what.putOff(g, d.person, now)
	}); err != nil {
		return false, err
	}
	switch begun {
	case group.Go:
		return true, nil
	case group.Past:
		return false, d.followJoins(ctx)
	default: // another worker began it since we loaded the group
		return false, &Later{After: time.Second, Why: say.Phrase{Code: say.SnoozeElsewhere}}
	}
}

// callFor makes the one call for the person; see call.
func (d *delivery) callFor(ctx context.Context, what errand, send func(ctx context.Context) error) (*provider.Error, error) {
	return d.call(ctx, what.op, d.ours, send)
}

// underWay returns Later while another worker's call may be under way.
func (d *delivery) underWay(ctx context.Context, what errand, intent *group.Intent) error {
	if now := d.at.Now(); now.Before(intent.Until) && d.alive(ctx)(intent.Owner) {
		return &Later{After: min(5*time.Second, intent.Until.Sub(now)), Why: say.Phrase{Code: say.SnoozeElsewhere}}
	}
	return nil
}

// limited records a call that was not sent because the instance cannot make it now. The instance's state or rest says
// until when; for other quotas the call waits for a fixed pause.
func (d *delivery) limited(ctx context.Context, what errand, e *provider.Error) error {
	if e.Quota != "" && e.Quota != provider.QuotaSend {
		return d.putOff(ctx, what, usedUp(e.Quota), d.Policy.Rest.Initial)
	}
	return d.putOff(ctx, what, e.Said(), 0)
}

// putOff postpones a call that was not sent, for a reason that does not count towards giving up. A zero pause leaves
// the time of the retry to the instance's state.
func (d *delivery) putOff(ctx context.Context, what errand, why say.Phrase, pause time.Duration) error {
	if err := d.commit(ctx, func(g *group.Group, now time.Time) error {
		if err := d.elsewhere(g); err != nil {
			return err
		}
		if err := what.putOff(g, d.person, now); err != nil {
			return err
		}
		if pause > 0 && what.open(g, d.person) {
			g.Waits(why, now.Add(pause))
		}
		return nil
	}); err != nil {
		return settled(err)
	}
	return &Later{After: pause, Why: why}
}

// notSent retries a call that was not sent, with growing pauses, until it gives up.
func (d *delivery) notSent(ctx context.Context, what errand, why say.Phrase, retryAfter time.Duration) error {
	pause := d.Policy.Retry.delay(d.member().Tries, retryAfter)
	if err := d.commit(ctx, func(g *group.Group, now time.Time) error {
		if err := d.elsewhere(g); err != nil {
			return err
		}
		if err := what.notSent(g, d.person, why, d.Policy.Retry.GiveUpAfter, now); err != nil {
			return err
		}
		if what.open(g, d.person) {
			g.Waits(say.Phrase{Code: what.retrying, Why: []say.Phrase{why}}, now.Add(pause))
		}
		return nil
	}); err != nil {
		return settled(err)
	}
	if !what.open(d.g, d.person) {
		return nil
	}
	return &Later{After: pause, Why: why}
}

// elsewhere returns Later if another delivery has begun the person's call: its intent stays until its outcome is known.
func (d *delivery) elsewhere(g *group.Group) error {
	if g.Members[d.person].Invite != nil && !d.ours(g) {
		return &Later{After: time.Second, Why: say.Phrase{Code: say.SnoozeElsewhere}}
	}
	return nil
}

// end ends the person's part with a status, with or without a call.
func (d *delivery) end(ctx context.Context, what errand, status group.MemberStatus, reason say.Phrase) error {
	if err := d.commit(ctx, func(g *group.Group, now time.Time) error {
		return what.ended(g, d.person, status, reason, now)
	}); err != nil {
		return settled(err)
	}
	return d.followJoins(ctx)
}
