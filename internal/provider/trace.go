package provider

import (
	"context"
	"time"
)

// Trace tells the caller of a method that changes something, such as CreateGroup, AddMember or
// Invite, when its request left. The pace counts from that moment, not from the beginning of the
// call: dialling may take seconds, and a request that was not sent does not count.
type Trace struct {
	// WroteAt is when the request was written. It is zero only if certainly no byte of it was
	// sent. If the moment is unknown, WroteAt is the latest possible: when the answer or the
	// error came.
	WroteAt time.Time
}

type traceKey struct{}

// WithTrace returns a context with which one call fills t, before it returns. Calls that only
// read do not change t.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// TraceOf returns the context's trace, or nil if it has none.
func TraceOf(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}
