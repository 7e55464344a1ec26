package health

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Report records the state that a reading or a failed call has shown, in the store and in this worker's memory.
func (k *Keeper) Report(ctx context.Context, name string, s provider.State) {
	ctx = context.WithoutCancel(ctx)
	now, err := k.Presence.Now(ctx)
	if err != nil {
		k.Log.Warn().EmbedObject(event.InstanceStateLost).Err(err).Str("instance", name).Msg("instance state not stored")
		return
	}
	switch s.Health {
	case provider.Ready, provider.Restricted, provider.UnknownState: // the number stays
	default: // the instance may come back with another number
		if err := k.Presence.DoubtNumber(ctx, name); err != nil {
			k.Log.Warn().EmbedObject(event.InstanceStateLost).Err(err).Str("instance", name).Msg("instance state not stored")
			return
		}
		k.learnt(name, "")
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
	k.change(name, func(r *row, fresh *state) {
		if fresh.health != s.Health {
			fresh.since = millis(now)
		}
		fresh.health = s.Health
		if s.Health != provider.Ready {
			r.nextRead = min(r.nextRead, time.Since(k.epoch)+k.soon(*fresh))
		}
	})
}

// change changes what this worker knows of an instance. The next refresh replaces it.
func (k *Keeper) change(name string, change func(r *row, fresh *state)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r := k.row(name)
	if r == nil {
		return // removed meanwhile
	}
	fresh := r.state
	fresh.mark = 0
	change(r, &fresh)
	k.put(r, fresh)
	r.changed = time.Since(k.epoch)
}

// Error stores the latest error of an instance, for admins.
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
