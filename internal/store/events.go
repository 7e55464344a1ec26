package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

const eventsKey = index + "events"

// Event reports a change of status. The script that updates the index writes the stream, so it has every status once,
// in order. Only a group's first event is written elsewhere: after its record, and once more if an acceptance that was
// cut is repeated.
type Event struct {
	ID     string // "<ms>-<n>", for resuming
	Type   string // group, batch, instance or pace (of an instance)
	Of     string // the id, or the instance's name
	Status string
	Batch  string
}

// eventArgs returns the arguments that append an event to the stream.
func eventArgs(kind, of, status, batch string) *redis.XAddArgs {
	return &redis.XAddArgs{
		Stream: eventsKey, MaxLen: keepEvents, Approx: true,
		Values: []any{"type", kind, "id", of, "status", status, "batch", batch},
	}
}

// LatestEvent returns the id of the newest event: Events after it reads only what is still to come.
func (ob *Outbox) LatestEvent(ctx context.Context) (string, error) {
	newest, err := ob.rdb.XRevRangeN(ctx, eventsKey, "+", "-", 1).Result()
	if err = ob.tolerate(ctx, eventsKey, err); err != nil {
		return "", fmt.Errorf("look for the latest event: %w", err)
	}
	return latest(newest), nil
}

// latest returns the id of the newest event, or the beginning of an empty stream.
func latest(newest []redis.XMessage) string {
	if len(newest) == 0 {
		return "0-0"
	}
	return newest[0].ID
}

// Events reads what happened after an id. It waits at most wait for the first event. An event that cannot be read has
// no type; it is noted, and moves the reader on like any other.
func (ob *Outbox) Events(ctx context.Context, after string, wait time.Duration) ([]Event, error) {
	res, err := ob.rdb.XRead(ctx, &redis.XReadArgs{Streams: []string{eventsKey, after}, Count: 500, Block: wait}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if wrongType(err) { // no events, until the sweeper starts the stream again
		_ = ob.tolerate(ctx, eventsKey, err)
		select {
		case <-time.After(max(0, wait)):
		case <-ctx.Done():
		}
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the events: %w", err)
	}
	var events []Event
	for _, m := range res[0].Messages {
		text := func(field string) string { s, _ := m.Values[field].(string); return s }
		e := Event{ID: m.ID, Type: text("type"), Of: text("id"), Status: text("status")}
		if e.Type == "" || e.Of == "" {
			_ = ob.unreadable(ctx, KindEvent, m.ID, errForm)
		}
		if e.Type == "group" { // there are many of these, so their ids are short
			e.Of = longID(e.Of)
		}
		e.Batch = lengthen(group.BatchIDPrefix, []byte(text("batch")))
		events = append(events, e)
	}
	return events, nil
}
