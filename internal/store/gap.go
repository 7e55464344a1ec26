package store

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// EventTime returns when an event of the stream was written.
func EventTime(id string) time.Time {
	ms, _, _ := parseEventID(id)
	return moment(int64(ms)) //nolint:gosec // a time of Redis' clock
}

// EventID returns the lowest id that an event of a time can have.
func EventID(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) + "-0" }

// parseEventID reads an id as Redis does.
func parseEventID(id string) (ms, n uint64, ok bool) {
	a, b, _ := strings.Cut(id, "-")
	ms, errMs := strconv.ParseUint(a, 10, 64)
	n, errN := strconv.ParseUint(b, 10, 64)
	return ms, n, errMs == nil && errN == nil
}

// EventBefore reports whether an event comes before another one in the stream.
func EventBefore(a, b string) bool {
	aMs, aN, _ := parseEventID(a)
	bMs, bN, _ := parseEventID(b)
	return aMs < bMs || aMs == bMs && aN < bN
}

// Missed reports whether the stream may have dropped events that came after an id, so that a reader must read the
// lists instead. A stream that is not full has never dropped any.
func (ob *Outbox) Missed(ctx context.Context, after string) (bool, error) {
	var first *redis.XMessageSliceCmd
	var length *redis.IntCmd
	if _, err := ob.each(ctx, nil, func(p redis.Pipeliner) error {
		first, length = p.XRangeN(ctx, eventsKey, "-", "+", 1), p.XLen(ctx, eventsKey)
		return nil
	}); err != nil {
		return false, fmt.Errorf("look how far back the events go: %w", err)
	}
	if length.Val() < keepEvents || len(first.Val()) == 0 {
		return false, nil
	}
	return EventBefore(after, first.Val()[0].ID), nil
}

// Place is where a reader of the stream resumes.
type Place struct {
	After string // it reads the events after this one
	// Gap says that events may be missing between what the reader saw last and Next: it must read the
	// lists again.
	Gap  bool
	Next string // the first event that it reads, or After while there is none
}

// Resume returns the place at which a reader resumes after the last event that it saw. "0-0" is the beginning of what
// is kept. An id that is not in the stream leaves a gap: the stream no longer keeps that event, or it never had it.
// Such an event is from another Redis, or from this one before it was emptied or restored. An id beyond the newest
// event would hide all events until the stream has grown past it, so its reader resumes after the newest one.
func (ob *Outbox) Resume(ctx context.Context, last string) (Place, error) {
	p := Place{After: last}
	ahead := false
	if ms, n, ok := parseEventID(last); !ok || ms&n == math.MaxUint64 { // nothing can come behind it
		p.After, ahead = "0-0", true
	}
	var same, newest, next *redis.XMessageSliceCmd
	if _, err := ob.each(ctx, nil, func(pipe redis.Pipeliner) error {
		same = pipe.XRangeN(ctx, eventsKey, p.After, p.After, 1)
		newest = pipe.XRevRangeN(ctx, eventsKey, "+", "-", 1)
		next = pipe.XRangeN(ctx, eventsKey, "("+p.After, "+", 1)
		return nil
	}); err != nil {
		return p, fmt.Errorf("look for an event: %w", err)
	}
	if len(next.Val()) == 0 || ahead {
		p.After = latest(newest.Val())
		p.Next = p.After
	} else {
		p.Next = next.Val()[0].ID
	}
	p.Gap = len(same.Val()) == 0 && last != "0-0"
	return p, nil
}

// Resign ends a Lead early, so that another worker can begin at once.
func (pr *Presence) Resign(ctx context.Context, job, worker string) error {
	return swapScript.Run(ctx, pr.rdb, []string{leadKey(job)}, deleteIf(whole, worker)...).Err()
}

// Led reports whether any worker leads a job now.
func (pr *Presence) Led(ctx context.Context, job string) (bool, error) {
	n, err := pr.rdb.Exists(ctx, leadKey(job)).Result()
	return n == 1, err
}
