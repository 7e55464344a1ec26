package cli

import (
	"context"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/tracing"
)

// Tracing begins to send traces to where the standard OTEL_ variables say. It returns nil, which is off, if they are
// not set. CloseTracing must be called.
func (s *Session) Tracing(ctx context.Context, service string) (*tracing.Tracing, error) {
	t, err := tracing.Open(ctx, service, ReadVersion().Version, s.LookupEnv, func(why string, lost int64) {
		s.Log.Warn().EmbedObject(event.TracesLost).Str("why", why).Int64("spans", lost).Msg("traces lost")
	})
	if err != nil {
		return nil, Usage("traces: %w; see the OTEL_… variables", err)
	}
	return t, nil
}

// CloseTracing sends the last spans. If the receiver refuses them, that is logged and the command still succeeds.
func (s *Session) CloseTracing(ctx context.Context, t *tracing.Tracing) {
	if err := t.Close(ctx); err != nil {
		s.Log.Warn().EmbedObject(event.LastTracesLost).Err(err).Msg("last traces lost")
	}
}
