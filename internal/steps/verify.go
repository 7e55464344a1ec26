package steps

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

// verify looks for the group of a create whose outcome is unknown.
func (d *delivery) verify(ctx context.Context) error {
	if d.g.Status != group.Verifying {
		return d.follow(ctx)
	}
	looks := d.Policy.VerifyLooks
	if err := d.due(d.g.Verify.At(looks, d.g.Verify.Looks)); err != nil {
		return err
	}
	this, last := lookOf(d.g), d.g.Verify.Last(looks)
	number := d.g.Latest().Number
	holder, err := d.Store.Records.ReserveName(ctx, number, d.g.Name, d.g.ID)
	if err != nil {
		return err
	}
	if holder != d.g.ID {
		// A failover has lost the reservation, and a look could not tell the two groups apart.
		if err := d.awaitName(ctx, number, holder); err != nil {
			return err
		}
	}

	home, err := d.home(ctx, d.in, number)
	var seen view
	if err == nil {
		seen, err = d.look(ctx, home)
	}
	if err != nil {
		e, err := providerError(err)
		if err != nil {
			return err
		}
		return d.lookFailed(ctx, this, last, e)
	}
	one, sure := seen.one()
	if !sure && len(seen.rest) > 0 {
		return d.readOn(ctx, last, seen.more())
	}
	if sure {
		// Only the first request to claim the group gets it.
		owner, err := d.Store.Records.ClaimWhatsApp(ctx, one.GroupID, d.g.ID)
		if err != nil {
			return err
		}
		if owner != d.g.ID {
			return &Later{After: d.Policy.Retry.delay(0, 0), Why: say.Phrase{Code: say.SnoozeTaken}}
		}
	}

	if err := d.amend(ctx, func(g *group.Group, now time.Time) error {
		switch {
		case g.Status != group.Verifying: // the lost call has returned and its answer is recorded
			return nil
		case sure:
			g.Instance = home.Name
			return g.Adopt(group.Answer{GroupID: one.GroupID, InviteLink: one.InviteLink}, now)
		case lookOf(g) != this: // another worker has made this look meanwhile: absence says nothing about a later create
			return nil
		case seen.likes() > 1, last && len(seen.found) > 0:
			return g.Ambiguous(candidates(seen.found), now)
		case !last:
			return g.Looked(len(seen.found), now)
		case d.Policy.Review:
			g.Doubtful(say.Phrase{Code: say.ErrorUnlisted}, now)
			return nil
		default:
			return g.Absent(d.Policy.Retry.GiveUpAfter, now)
		}
	}); err != nil {
		return err
	}
	return d.looked(ctx)
}

// looked ends a look. It asks for the next one, or enqueues what follows from the outcome.
func (d *delivery) looked(ctx context.Context) error {
	if d.g.Status == group.Verifying {
		at := d.g.Verify.At(d.Policy.VerifyLooks, d.g.Verify.Looks)
		return &Later{After: max(0, at.Sub(d.g.UpdatedAt)), Why: say.Phrase{Code: say.SnoozeDue}}
	}
	d.Log.Info().EmbedObject(event.CreateSettled).Str("group", d.g.ID).Str("instance", d.in.Name).Str("status", string(d.g.Status)).
		Bool("adopted", d.g.Adopted).Msg("unknown create settled")
	if d.g.Status != group.Queued { // else another worker may have prepared the next create already
		d.releaseName(ctx, d.g.Latest().Number)
	}
	return d.follow(ctx)
}

// readOn continues a look with more groups than one step may read. It gives up after the same time as a look that fails.
func (d *delivery) readOn(ctx context.Context, last bool, more say.Phrase) error {
	if err := d.amend(ctx, func(g *group.Group, now time.Time) error {
		switch {
		case g.Status != group.Verifying:
			return nil
		case now.Sub(g.Verify.From) >= d.Policy.Retry.GiveUpAfter:
			return g.LookFailed(more, last, d.Policy.Retry.GiveUpAfter, now)
		}
		g.Waits(more, now.Add(readPause))
		return nil
	}); err != nil {
		return err
	}
	if d.g.Status == group.Verifying {
		return &Later{After: readPause, Why: more}
	}
	return d.follow(ctx)
}

// lookFailed records a look that could not read the provider's lists.
func (d *delivery) lookFailed(ctx context.Context, this lookID, last bool, e *provider.Error) error {
	d.trouble(ctx, d.in, e, d.g.Verify.Failures)
	if e.Quota != "" {
		return d.readingHeld(ctx, e.Quota)
	}
	pause := d.Policy.Retry.delay(d.g.Verify.Failures, e.RetryAfter)
	if err := d.amend(ctx, func(g *group.Group, now time.Time) error {
		if g.Status != group.Verifying || lookOf(g) != this {
			return nil
		}
		if err := g.LookFailed(e.Said(), last, d.Policy.Retry.GiveUpAfter, now); err != nil {
			return err
		}
		if g.Status == group.Verifying && last {
			g.Waits(say.Phrase{Code: say.WaitListsUnread, Why: []say.Phrase{e.Said()}}, now.Add(pause))
		}
		return nil
	}); err != nil {
		return err
	}
	if d.g.Status == group.Verifying && last {
		return &Later{After: pause, Why: say.Phrase{Code: say.WaitListsUnread, Why: []say.Phrase{e.Said()}}}
	}
	return d.looked(ctx)
}
