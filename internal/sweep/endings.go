package sweep

import (
	"context"
	"errors"
	"maps"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/store"
)

// endings logs each pause and each slower pace that has ended, and warns once of each pause that has no end and is a day
// old. The pacer ends pauses on time without it: see pacing.Pacer.Pause.
func (s *Sweeper) endings(ctx context.Context) error {
	pauses, paces, err := s.Store.Presence.EndPauses(ctx)
	faults := []error{err}
	for _, name := range pauses {
		faults = append(faults, s.Store.Presence.TellPause(ctx, name, false))
		s.Log.Info().EmbedObject(event.PauseEnded).Str("instance", name).Msg("pause ended")
	}
	for _, name := range paces {
		faults = append(faults, s.Store.Presence.TellPace(ctx, name, false))
		s.Log.Info().EmbedObject(event.PaceEnded).Str("instance", name).Msg("slower pace ended")
	}
	standing, now, err := s.Store.Presence.Pauses(ctx)
	if err != nil {
		return errors.Join(append(faults, err)...)
	}
	maps.DeleteFunc(standing, func(_ string, p *store.Pause) bool { return !p.Forgotten(now) })
	for name, p := range standing {
		if !s.old[name].Equal(p.At) {
			s.Log.Warn().EmbedObject(event.PauseForgotten).Str("instance", name).Time("since", p.At).Str("remedy", "rollcall-producer resume "+name).Msg("pause forgotten")
		}
		s.old[name] = p.At
	}
	return errors.Join(faults...)
}
