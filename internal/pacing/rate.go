package pacing

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrTooLong means that the turn would come after the context's deadline. Nothing is reserved.
var ErrTooLong = errors.New("pacing: the turn would come after the deadline")

// maxWait bounds a Wait whose context has no deadline; lua/rate.lua relies on it.
const maxWait = 2 * time.Minute

// rateInterval returns the gap between two requests at a rate, in µs. It adds 2 %, at least 2 ms and at most 20 ms,
// because requests may be delayed unequally and the provider counts arrivals.
func rateInterval(perSecond float64) int64 {
	exact := time.Duration(float64(time.Second) / perSecond)
	return (exact + min(max(exact/50, 2*time.Millisecond), 20*time.Millisecond)).Microseconds()
}

// Wait waits for a turn at a rate that all workers share under key. Turns are evenly spaced, without bursts. Wait
// reserves a turn and sleeps until then. If the turn would come after ctx's deadline (or after 2 minutes), Wait
// reserves nothing and at once returns an error that wraps ErrTooLong. If ctx ends during the sleep, Wait gives the
// turn back, unless a later turn is reserved. perSecond <= 0 means no limit.
func (p *Pacer) Wait(ctx context.Context, key string, perSecond float64) error {
	if !(perSecond > 0) {
		return nil
	}
	most := maxWait
	if deadline, ok := ctx.Deadline(); ok {
		most = min(most, time.Until(deadline))
	}
	if ctx.Err() != nil {
		return fmt.Errorf("pacing: rate: %w", context.Cause(ctx))
	}
	if most < 0 {
		return ErrTooLong
	}
	step := rateInterval(perSecond)
	tag := "{rate:" + key + "}"
	keys := []string{p.prefix + tag}
	answer, _, err := p.run(ctx, tag, p.scripts.rate, keys, step, most.Microseconds(), 0)
	if err == nil && len(answer) != 3 {
		err = fmt.Errorf("script answered %d values", len(answer))
	}
	if err != nil {
		return fmt.Errorf("pacing: rate: %w", err)
	}
	if answer[0] != "grant" {
		return ErrTooLong
	}
	at, err := micros(answer[2])
	if err != nil {
		return fmt.Errorf("pacing: rate: %w", err)
	}
	left := p.offset(tag).local(time.Duration(at)*time.Microsecond) - p.now()
	if left <= 0 {
		return nil
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		back, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonFor)
		defer cancel()
		_, _, _ = p.run(back, tag, p.scripts.rate, keys, step, 0, at)
		return fmt.Errorf("pacing: rate: %w", context.Cause(ctx))
	}
}
