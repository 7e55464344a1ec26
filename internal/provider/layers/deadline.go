package layers

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// TimeoutError is the cause of a context that a timeout of the configuration has ended; it is
// how logs can tell that timeout from a task's or a person's. It is a DeadlineExceeded.
type TimeoutError struct {
	Kind  wire.Kind
	After time.Duration
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("no answer within %v (timeouts.%s)", e.After, e.Kind)
}

// Is makes errors.Is find context.DeadlineExceeded.
func (e *TimeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// deadline gives every call the time of its kind.
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
