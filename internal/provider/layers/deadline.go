package layers

import (
	"cmp"
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
)

// TimeoutError is the cause of a context that a timeout of the configuration has ended. By its type, logs tell it from
// the end of a task's time and from a person's cancellation. It is a DeadlineExceeded.
type TimeoutError struct {
	Kind  wire.Kind
	After time.Duration
}

func (e *TimeoutError) Error() string { return e.Said().String() }

// Said returns the timeout for people.
func (e *TimeoutError) Said() say.Phrase {
	return say.Phrase{Code: say.CallTimeout, Every: e.After, Kind: string(e.Kind)}
}

// Is lets errors.Is find context.DeadlineExceeded.
func (e *TimeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// deadline returns a Doer that gives every call the timeout of its kind.
func deadline(next wire.Doer, t Timeouts) wire.Doer {
	return wire.DoerFunc(func(ctx context.Context, c wire.Call) error {
		after := cmp.Or(t.Read, 30*time.Second)
		switch c.Kind {
		case wire.Create:
			after = cmp.Or(t.Create, 90*time.Second)
		case wire.Invite:
			after = cmp.Or(t.Invite, 30*time.Second)
		case wire.Read, wire.Change:
		}
		ctx, cancel := context.WithTimeoutCause(ctx, after, &TimeoutError{Kind: c.Kind, After: after})
		defer cancel()
		return next.Do(ctx, c)
	})
}
