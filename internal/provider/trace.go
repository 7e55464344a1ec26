package provider

import (
	"context"
	"time"
)

// Trace tells a caller of CreateGroup or Invite when its request left. A pace counts from that
// moment and not from the call's beginning: dialling may take seconds, and a call that never
// left has used nothing.
type Trace struct {
	// WroteAt is when the request was written. It is zero if, and only if, surely no byte of
	// it left us. Where that cannot be told, it is the latest moment possible: the call's end.
	WroteAt time.Time
}

type traceKey struct{}

// WithTrace asks the one call made with the context to fill t. It is filled before the call
// returns and not touched afterwards. Reads leave it alone.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// TraceOf finds the context's trace; nil if the context has none.
func TraceOf(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}
