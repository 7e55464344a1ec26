package layers

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// The retries here bridge a hiccup: a dropped connection, a gateway that restarts. The queue handles longer faults:
// it can wait for hours without holding a worker.
const (
	maxRetries = 2
	firstPause = 250 * time.Millisecond
	// maxTime is the maximum time from the first try to the last.
	maxTime = 5 * time.Second
	// afterLimit is the minimum pause after a 429. Providers count requests by the second.
	afterLimit = time.Second
)

// retry returns a Doer that repeats a read if the next try may succeed. It repeats a change only if the request has
// certainly not left this process.
func retry(next wire.Doer) wire.Doer {
	return wire.DoerFunc(func(ctx context.Context, c wire.Call) error {
		pause := newPause()
		var last error
		// backoff's own result is not used: it is the bare ctx.Err() when the context ends in a pause. The provider's
		// last answer tells more, and its class decides.
		_ = backoff.Retry(func() error {
			last = next.Do(ctx, c)
			e, failed := errors.AsType[*provider.Error](last)
			if failed && again(c, e) {
				pause.asked = e.RetryAfter
				if e.Class == provider.Limited {
					pause.asked = max(e.RetryAfter, afterLimit)
				}
				return last
			}
			if last != nil {
				return backoff.Permanent(last)
			}
			return nil
		}, backoff.WithContext(pause, ctx))
		return last
	})
}

// again reports whether repeating c can help and cannot harm.
func again(c wire.Call, e *provider.Error) bool {
	if e.Health != "" || e.Rest || e.Denied || e.Quota != "" {
		return false // the instance cannot work, or the provider refused: a wait of seconds changes nothing
	}
	switch e.Class {
	case provider.NotSent:
		return e.Status == 0
	case provider.Unknown, provider.Limited:
		return c.Kind == wire.Read
	case provider.Refused:
	}
	return false
}

// pause is the time between tries. It grows, and is never shorter than the provider asked for. There is no further try
// that would begin later than maxTime after the first.
type pause struct {
	backoff.BackOff
	started time.Time
	asked   time.Duration
}

func newPause() *pause {
	return &pause{
		started: time.Now(),
		BackOff: backoff.WithMaxRetries(backoff.NewExponentialBackOff(
			backoff.WithInitialInterval(firstPause),
			backoff.WithMultiplier(3),
			backoff.WithMaxElapsedTime(maxTime), // v4's default is 15 minutes
		), maxRetries),
	}
}

// NextBackOff implements backoff.BackOff, which has no Retry-After in v4.
func (p *pause) NextBackOff() time.Duration {
	next := p.BackOff.NextBackOff()
	if next == backoff.Stop {
		return backoff.Stop
	}
	next = max(next, p.asked)
	if time.Since(p.started)+next > maxTime {
		return backoff.Stop
	}
	return next
}
