package health

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// Report records a state that a call or a webhook told, for all workers, and at once for this one.
func (k *Keeper) Report(ctx context.Context, name string, s provider.State) {
	ctx = context.WithoutCancel(ctx)
	now, err := k.Presence.Now(ctx)
	if err != nil {
		k.Log.Warn().EmbedObject(event.InstanceStateLost).Err(err).Str("instance", name).Msg("instance state not stored")
		return
	}
	switch s.Health {
	case provider.Ready, provider.Restricted, provider.UnknownState: // the number stays
	default: // another one may come back
		if err := k.Presence.DoubtNumber(ctx, name); err != nil {
			k.Log.Warn().EmbedObject(event.InstanceStateLost).Err(err).Str("instance", name).Msg("instance state not stored")
			return
		}
		k.setNumber(name, "")
	}
	changed, err := k.Presence.SetHealth(ctx, name, s, now)
	if err != nil {
		k.Log.Warn().EmbedObject(event.InstanceStateLost).Err(err).Str("instance", name).Msg("instance state not stored")
		return
	}
	if s.Health == provider.Restricted && !s.Until.IsZero() {
		if _, err := k.Pacer.RestUntil(ctx, name, s.Until, pacing.Why{Cause: pacing.CauseRestricted, Said: s.Reason}); err != nil {
			k.Log.Warn().EmbedObject(event.InstanceRestLost).Err(err).Str("instance", name).Msg("instance rest not stored")
		}
	}
	if changed {
		level := zerolog.InfoLevel
		if s.Health != provider.Ready {
			level = zerolog.WarnLevel
		}
		k.Log.WithLevel(level).EmbedObject(event.InstanceState).Str("instance", name).Str("state", string(s.Health)).Str("reason", s.Reason.String()).Msg("instance state changed")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	// The map that refresh stored is not shared, but its values may be in a reader's hand.
	fresh := &store.Instance{}
	if old := k.states[name]; old != nil {
		*fresh = *old
	}
	if fresh.Health != s.Health {
		fresh.Since = now
	}
	fresh.Health, fresh.Reason, fresh.Until = s.Health, say.Kept(s.Reason), s.Until
	k.put(name, fresh)
	if s.Health != provider.Ready {
		k.nextRead[name] = minTime(k.nextRead[name], time.Now().Add(k.soon(fresh)))
	}
}

// Error keeps the latest error of an instance for admins.
func (k *Keeper) Error(ctx context.Context, name string, what say.Phrase) {
	ctx = context.WithoutCancel(ctx)
	now, err := k.Presence.Now(ctx)
	if err == nil {
		err = k.Presence.NoteError(ctx, name, what, now)
	}
	if err != nil {
		k.Log.Debug().EmbedObject(event.InstanceErrorLost).Err(err).Str("instance", name).Msg("instance error not stored")
	}
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
