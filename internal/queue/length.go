package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Length is what one queue holds.
type Length struct {
	Pending, Active, Scheduled, Retry, Archived int
	// OldestPending is since when the next task to be taken has been waiting; zero if none waits.
	OldestPending time.Time
	// NextDue is when the first scheduled or retried task becomes due; zero if there is none.
	NextDue time.Time
	// Paused says that asynq's own tools have paused the queue: no worker gets a task from it. It is so
	// also of a queue that those tools have removed since, because they leave the pause behind.
	Paused bool
	// PausedAt is since when, to the second, as asynq wrote it down; zero where that cannot be read.
	PausedAt time.Time
}

// oldest reads since when the head of a queue has been pending. A task that was given back has no
// such time (asynq deletes it at the dequeue and Requeue does not write it again).
//
// KEYS[1] pending; ARGV[1] prefix of the task keys. Returns nanoseconds, or nil.
const oldest = `local id = redis.call("LINDEX", KEYS[1], -1)
if not id then return false end
return redis.call("HGET", ARGV[1] .. id, "pending_since")`

// Lengths reads many queues in three round trips: which hold anything, what, and since when the first of
// each has been waiting. A queue nobody has used yet is all zero.
func (q *Queue) Lengths(ctx context.Context, queues []string) (map[string]Length, error) {
	type reading struct {
		glance
		archived *redis.IntCmd
		paused   *redis.StringCmd
		delayed  [2]*redis.IntCmd
		oldest   *redis.Cmd
	}
	out := make(map[string]Length, len(queues))
	for _, name := range queues {
		out[name] = Length{}
	}
	queues, err := q.used(ctx, queues, "pending", "active", "scheduled", "retry", "archived", "paused")
	if err != nil {
		return nil, err
	}
	readings := make([]reading, len(queues))
	if _, err := q.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, name := range queues {
			readings[i] = reading{
				glance:   look(ctx, p, name),
				archived: p.ZCard(ctx, key(name, "archived")),
				paused:   p.Get(ctx, key(name, "paused")),
				delayed:  [2]*redis.IntCmd{p.ZCard(ctx, key(name, "scheduled")), p.ZCard(ctx, key(name, "retry"))},
			}
		}
		return nil
	}); err != nil && !errors.Is(err, redis.Nil) && !redis.HasErrorPrefix(err, "WRONGTYPE") {
		return nil, fmt.Errorf("read the queues' lengths: %w", err)
	}
	if _, err := q.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, name := range queues {
			if r := &readings[i]; r.pending.Val() > 0 {
				r.oldest = p.Eval(ctx, oldest, []string{key(name, "pending")}, key(name, "t:"))
			}
		}
		return nil
	}); err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("read since when the queues' heads wait: %w", err)
	}
	for i, name := range queues {
		r := readings[i]
		l := Length{
			Pending: int(r.pending.Val()), Active: int(r.active.Val()), Archived: int(r.archived.Val()),
			Scheduled: int(r.delayed[0].Val()), Retry: int(r.delayed[1].Val()), NextDue: r.due(), Paused: !errors.Is(r.paused.Err(), redis.Nil),
		}
		if s, err := r.paused.Int64(); err == nil {
			l.PausedAt = time.Unix(s, 0)
		}
		if r.oldest != nil {
			if text, ok := r.oldest.Val().(string); ok {
				if ns, err := strconv.ParseInt(text, 10, 64); err == nil {
					l.OldestPending = time.Unix(0, ns)
				}
			}
		}
		out[name] = l
	}
	return out, nil
}

// used finds the queues in whose parts there is anything: Redis keeps no empty list and no empty set. It
// is one command a queue, and most of thousands are empty most of the time.
func (q *Queue) used(ctx context.Context, queues []string, parts ...string) (some []string, err error) {
	held := make([]*redis.IntCmd, len(queues))
	if _, err := q.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, name := range queues {
			keys := make([]string, len(parts))
			for n, part := range parts {
				keys[n] = key(name, part)
			}
			held[i] = p.Exists(ctx, keys...)
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("look which queues hold anything: %w", err)
	}
	for i, name := range queues {
		if held[i].Val() > 0 {
			some = append(some, name)
		}
	}
	return some, nil
}

// Glance is the part of a Length that says whether there is anything to do.
type Glance struct {
	Pending, Active int
	NextDue         time.Time
}

// Glances reads, without a script, what the lanes' watch needs every second: in one round trip which
// queues hold anything, in another what.
func (q *Queue) Glances(ctx context.Context, queues []string) (map[string]Glance, error) {
	out := make(map[string]Glance, len(queues))
	for _, name := range queues {
		out[name] = Glance{}
	}
	queues, err := q.used(ctx, queues, "pending", "active", "scheduled", "retry")
	if err != nil {
		return nil, err
	}
	readings := make([]glance, len(queues))
	if _, err := q.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, name := range queues {
			readings[i] = look(ctx, p, name)
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("look at the queues: %w", err)
	}
	for i, name := range queues {
		r := readings[i]
		out[name] = Glance{Pending: int(r.pending.Val()), Active: int(r.active.Val()), NextDue: r.due()}
	}
	return out, nil
}

// glance is the replies of one queue, once its pipeline has run.
type glance struct {
	pending, active *redis.IntCmd
	first           [2]*redis.ZSliceCmd // of the scheduled and of the retried
}

func look(ctx context.Context, p redis.Pipeliner, queue string) glance {
	return glance{
		pending: p.LLen(ctx, key(queue, "pending")),
		active:  p.LLen(ctx, key(queue, "active")),
		first: [2]*redis.ZSliceCmd{
			p.ZRangeWithScores(ctx, key(queue, "scheduled"), 0, 0),
			p.ZRangeWithScores(ctx, key(queue, "retry"), 0, 0),
		},
	}
}

func (g glance) due() time.Time {
	var due time.Time
	for _, z := range g.first {
		if v := z.Val(); len(v) == 1 {
			if at := time.Unix(int64(v[0].Score), 0); due.IsZero() || at.Before(due) {
				due = at
			}
		}
	}
	return due
}
