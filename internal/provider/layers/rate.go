package layers

import (
	"context"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Limiter makes the caller wait until another request of key may leave. It counts the requests of all workers.
type Limiter interface {
	Wait(ctx context.Context, key string, perSecond float64) error
}

// rate returns a Doer that waits for the provider's own limit on the method. If the wait fails, the call is NotSent.
func rate(next wire.Doer, l Limiter, key string) wire.Doer {
	return wire.DoerFunc(func(ctx context.Context, c wire.Call) error {
		if c.PerSecond > 0 {
			if err := l.Wait(ctx, key+"/"+c.Method, c.PerSecond); err != nil {
				cause := err
				if ctx.Err() != nil {
					cause = context.Cause(ctx)
				}
				why := say.Phrase{Code: say.CallRate, Why: []say.Phrase{say.OfError(cause)}}
				return &provider.Error{Class: provider.NotSent, Scope: c.Scope, Op: c.Op, Why: why, Err: err}
			}
		}
		return next.Do(ctx, c)
	})
}
