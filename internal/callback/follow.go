package callback

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// stale is how old the news of a restriction may be to still make an instance rest. A provider may
// keep a webhook for a day and repeat it, and the instance's calls have told better since.
const stale = time.Hour

// follow does what one hint asks for. A hint that concerns nothing of ours, or says nothing new, is
// no error. own says that the hint concerns a group or a message of ours.
func (h *Handler) follow(ctx context.Context, door Door, n spec.Hint) (own bool, err error) {
	switch n.Kind {
	case spec.People, spec.Departed, spec.Asked, spec.Withdrew:
		return h.lookAgain(ctx, door, n)
	case spec.Sent, spec.NotArrived:
		return h.settle(ctx, door, n)
	case spec.State:
		return false, h.Store.Presence.Doubt(ctx, door.Instance)
	case spec.Quota:
		now, err := h.Store.Now(ctx)
		if err != nil {
			return false, err
		}
		return false, errors.Join(
			h.Store.Presence.NoteError(ctx, door.Instance, say.Phrase{Code: say.QuotaTold, Text: plain(n.Text)}, now),
			h.Store.Presence.Doubt(ctx, door.Instance))
	case spec.Restricted:
		return false, h.rest(ctx, door, n)
	default:
		return false, nil
	}
}

// lookAgain has the group read now, keeping what was told of its people.
func (h *Handler) lookAgain(ctx context.Context, door Door, n spec.Hint) (own bool, err error) {
	owners, err := h.Store.Records.WhatsAppOwners(ctx, []string{n.GroupID})
	if err != nil || owners[n.GroupID] == "" {
		return false, err // not a group of ours
	}
	g, err := h.change(ctx, door, owners[n.GroupID], func(g *group.Group, now time.Time) bool {
		told := false
		switch n.Kind {
		case spec.Departed:
			told = g.Told(n.Who, departure(n))
		case spec.Asked:
			told = g.RequestedJoin(n.Told, group.JoinMethod(n.Method), now)
		case spec.Withdrew:
			told = g.WithdrewJoin(n.Told, now)
		}
		return g.Ask(now) || told
	})
	if err != nil || g == nil {
		return true, err
	}
	return true, h.Queue.Put(ctx, g.NextReading()...)
}

// settle tells the member whom a message was sent to what became of it.
func (h *Handler) settle(ctx context.Context, door Door, n spec.Hint) (own bool, err error) {
	for _, message := range n.Messages {
		id, person, err := h.Store.People.MessageOf(ctx, door.Instance, message)
		if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUnreadable) {
			continue // not an invitation of ours, or an old one
		}
		if err != nil {
			return own, err
		}
		own = true
		if _, err := h.change(ctx, door, id, func(g *group.Group, now time.Time) bool {
			if n.Kind == spec.Sent {
				return g.Delivered(person, message, now) == nil
			}
			return g.Bounced(person, message, fateOf(n), reasonOf(n), now) == nil
		}); err != nil {
			return own, err
		}
	}
	return own, nil
}

// errNothing leaves a record as it is.
var errNothing = errors.New("nothing changes")

// change changes a group of the door's instance, if the hint is news to it; otherwise it is nil.
func (h *Handler) change(ctx context.Context, door Door, id string, apply func(g *group.Group, now time.Time) bool) (*group.Group, error) {
	g, err := h.Store.Records.Update(ctx, id, func(g *group.Group, now time.Time) error {
		if g.Instance != door.Instance || !apply(g, now) {
			return errNothing
		}
		return nil
	})
	if errors.Is(err, errNothing) || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUnreadable) {
		return nil, nil //nolint:nilnil // a hint without an object is not a fault
	}
	if errors.Is(err, store.ErrIndexBehind) { // the hint is recorded: telling it again would do nothing
		h.Log.Warn().EmbedObject(event.IndexNotWritten).Err(err).Str("group", id).Str("instance", door.Instance).Msg("index not written")
		err = nil
	}
	return g, err
}

// rest lets the instance rest, as a call would that meets the same restriction. No reading of the
// state shows it where a webhook must, but it is asked for all the same.
func (h *Handler) rest(ctx context.Context, door Door, n spec.Hint) error {
	now, err := h.Store.Now(ctx)
	if err != nil {
		return err
	}
	if !n.At.IsZero() && now.Sub(n.At) > stale {
		return nil
	}
	_, err = h.Rests.Rest(ctx, door.Instance, h.Rest, pacing.Why{Cause: pacing.CauseLimited, Said: say.Words(n.Text)})
	return errors.Join(err, h.Store.Presence.Doubt(ctx, door.Instance))
}

// departure is what was told of a member who is gone.
func departure(n spec.Hint) group.Departure {
	if n.Removed {
		return group.SaidRemoved
	}
	return group.SaidLeft
}

// fateOf is what a message that did not arrive makes of its invitation.
func fateOf(n spec.Hint) group.MemberStatus {
	switch n.Fate {
	case spec.FateNoAccount:
		return group.NotOnWhatsApp
	case spec.FateFailed:
		return group.InviteFailed
	default:
		return group.InviteUnknown // nothing is proved
	}
}

func reasonOf(n spec.Hint) say.Phrase {
	switch n.Fate {
	case spec.FateNoAccount:
		return say.Phrase{Code: say.NoWhatsAppLater}
	case spec.FateUnknown:
		return say.Phrase{Code: say.InviteUnanswered, Text: plain(n.Text)}
	default:
		return say.Phrase{Code: say.InviteBounced, Text: plain(n.Text)}
	}
}

// plain makes a provider's words fit to be kept: one short line without phone numbers.
func plain(text string) string {
	const most = 200
	text = phone.Mask(strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " "))
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return text
}

// shown is an error for a log: no body, no number.
func shown(err error) string { return plain(err.Error()) }
