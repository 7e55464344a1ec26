package dispatch

import (
	"context"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/queue"
)

// pollAll polls until it has read all lines.
func (d *dispatcher) pollAll(ctx context.Context) {
	d.cursor = 0
	for d.poll(ctx) && d.cursor != 0 {
	}
}

// block logs once when one of asynq's keys holds a value of the wrong type, and once when that is over.
func (d *dispatcher) block(by *queue.BlockedError) {
	key := ""
	if by != nil {
		key = by.Key
	}
	switch {
	case key == d.blocked:
	case key != "":
		d.opts.Log.Error().EmbedObject(event.QueueBlocked).Err(by).Str("key", key).Msg("queue blocked by foreign value")
	default:
		d.opts.Log.Info().EmbedObject(event.QueueUnblocked).Str("key", d.blocked).Msg("queue no longer blocked")
	}
	d.blocked = key
}

// poll reads what the bell does not announce, and some of the lines. It reports whether it succeeded. If it failed, the
// next poll retries.
func (d *dispatcher) poll(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, leaseFor)
	defer cancel()
	counts, err := d.opts.Queue.Counts(ctx)
	blocked, isBlocked := errors.AsType[*queue.BlockedError](err)
	if err != nil && !isBlocked {
		return false // the turns fail too, and their error is logged
	}
	d.block(blocked)
	d.paused.Store(isBlocked || counts[callQueue].Paused)
	back, err := d.opts.Store.Lines.Lapse(ctx)
	if err != nil {
		return false
	}
	for _, name := range back {
		d.turns.ring(name)
	}
	now, err := d.opts.Store.Now(ctx) // this machine's clock may be hours off
	if err != nil {
		return false
	}
	here := time.Now()
	due, cursor, err := d.opts.Store.Lines.Due(ctx, d.cursor)
	if err != nil {
		return false
	}
	d.cursor = cursor
	for name, at := range due {
		if !at.IsZero() {
			at = here.Add(at.Sub(now))
		}
		d.turns.found(name, at)
	}
	return true
}
