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

// stale is the age from which a webhook about a restriction is ignored. A provider may repeat a webhook for a day, and
// the instance's own calls have shown its state since.
const stale = time.Hour

// follow does what one hint asks for. It returns no error for a hint that concerns nothing of ours or says nothing new.
// own reports whether the hint concerns a group or a message of ours.
func (h *Handler) follow(ctx context.Context, door Door, n spec.Hint) (own bool, err error) {
	switch n.Kind {
	case spec.People, spec.Departed, spec.Asked, spec.Withdrew:
		return h.scheduleReading(ctx, door, n)
	case spec.Sent, spec.NotArrived:
		return h.recordFate(ctx, door, n)
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

// scheduleReading schedules a reading of the group for now, and records what the hint says about its people.
func (h *Handler) scheduleReading(ctx context.Context, door Door, n spec.Hint) (own bool, err error) {
	owners, err := h.Store.Records.WhatsAppOwners(ctx, []string{n.GroupID})
	if err != nil || owners[n.GroupID] == "" {
		return false, err // not a group of ours
	}
	g, err := h.change(ctx, door, owners[n.GroupID], func(g *group.Group, now time.Time) bool {
		if g.Exists() && !group.SameWhatsApp(g.WhatsAppID, n.GroupID) { // a person has adopted another group
			return false
		}
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

// recordFate records what became of messages, each for the member to whom it was sent.
func (h *Handler) recordFate(ctx context.Context, door Door, n spec.Hint) (own bool, err error) {
	for _, message := range n.Messages {
		id, person, failed := h.Store.People.MessageOf(ctx, door.Instance, message)
		if errors.Is(failed, store.ErrNotFound) && n.Kind == spec.NotArrived { // its send may still be under way
			failed = h.Store.People.KeepFate(ctx, door.Instance, group.Fate{MessageID: message, Status: fateOf(n), Reason: reasonOf(n)})
			if failed == nil {
				id, person, failed = h.Store.People.MessageOf(ctx, door.Instance, message)
			}
		}
		if errors.Is(failed, store.ErrNotFound) || errors.Is(failed, store.ErrUnreadable) {
			continue // not an invitation of ours, or an old one
		}
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		own = true
		if _, failed := h.change(ctx, door, id, func(g *group.Group, now time.Time) bool {
			if n.Kind == spec.Sent {
				return g.Delivered(person, message, now) == nil
			}
			return g.Bounced(person, message, fateOf(n), reasonOf(n), now) == nil
		}); failed != nil {
			err = errors.Join(err, failed)
		}
	}
	return own, err
}

// errNothing makes an update leave the record as it is.
var errNothing = errors.New("nothing changes")

// change applies a hint to a group of the door's instance. It returns nil if there is no such group, or if the hint
// changes nothing.
func (h *Handler) change(ctx context.Context, door Door, id string, apply func(g *group.Group, now time.Time) bool) (*group.Group, error) {
	g, err := h.Store.Records.Update(ctx, id, func(g *group.Group, now time.Time) error {
		if g.Instance != door.Instance || !apply(g, now) {
			return errNothing
		}
		return nil
	})
	if errors.Is(err, errNothing) || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUnreadable) {
		return nil, nil //nolint:nilnil // a hint about an unknown group is no error
	}
	if errors.Is(err, store.ErrIndexBehind) { // the hint is recorded: repeating it would change nothing
		h.Log.Warn().EmbedObject(event.IndexNotWritten).Err(err).Str("group", id).Str("instance", door.Instance).Msg("index not written")
		err = nil
	}
	return g, err
}

// rest makes the instance rest, as a call with the same restriction would. It also asks for a reading of the state,
// although not every provider shows the restriction there.
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

// departure returns how a member left the group, as the provider says.
func departure(n spec.Hint) group.Departure {
	if n.Removed {
		return group.SaidRemoved
	}
	return group.SaidLeft
}

// fateOf returns the status of a member whose invitation did not arrive.
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

// plain returns a provider's words in a form that is safe to store: one short line without phone numbers.
func plain(text string) string {
	const maxLength = 200
	text = phone.Mask(strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " "))
	if r := []rune(text); len(r) > maxLength {
		text = string(r[:maxLength]) + "…"
	}
	return text
}

// shown returns an error for a log: one short line without phone numbers.
func shown(err error) string { return plain(err.Error()) }
