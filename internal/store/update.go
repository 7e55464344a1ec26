package store

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

var (
	//go:embed load.lua
	loadSource string

	loadScript = redis.NewScript(loadSource)
)

// Clock tells the time of the Redis that holds a record: the time read together with the record, plus what has passed
// since on this process' clock.
type Clock struct {
	there, here time.Time
	elapsed     func(since time.Time) time.Duration
}

// Now returns Redis' time.
func (c Clock) Now() time.Time { return c.there.Add(c.elapsed(c.here)) }

// Load reads one group. It fails with ErrNotFound, or with ErrUnreadable.
func (rs *Records) Load(ctx context.Context, id string) (*group.Group, error) {
	g, _, err := rs.LoadNow(ctx, id)
	return g, err
}

// LoadNow reads one group and Redis' time, in one step. It fails as Load does.
func (rs *Records) LoadNow(ctx context.Context, id string) (*group.Group, Clock, error) {
	defer rs.timed("load", time.Now())
	res, err := loadScript.Run(ctx, rs.rdb, []string{recordKey(id)}).Slice()
	if err != nil {
		return nil, Clock{}, fmt.Errorf("load %s: %w", id, err)
	}
	micros, _ := res[0].(int64)
	at := Clock{there: time.UnixMicro(micros).UTC(), here: time.Now(), elapsed: rs.elapsed}
	if len(res) > 2 {
		return nil, at, rs.unreadable(ctx, KindGroup, id, errType)
	}
	value, ok := res[1].(string)
	if !ok {
		return nil, at, fmt.Errorf("group %s: %w", id, ErrNotFound)
	}
	g, err := rs.crypt.openRecord(ctx, id, value)
	if errors.Is(err, ErrUnreadable) {
		return nil, at, rs.unreadable(ctx, KindGroup, id, err)
	}
	return g, at, err
}

// Update changes one group. It loads the record, calls change with Redis' time, and writes the record back if no other
// write came between; otherwise it begins again. So change may run several times, each time on a fresh copy. If change
// fails, Update leaves the record as it was and returns that error. Otherwise it returns the group as written, and lists
// show it by then. With ErrIndexBehind the group is written too, and lists show it later.
func (rs *Records) Update(ctx context.Context, id string, change func(g *group.Group, now time.Time) error) (*group.Group, error) {
	return rs.amend(ctx, id, nil, Clock{}, change)
}

// Amend is Update for a group that the caller has read. It tries that copy first, and reads a fresh one only if another
// writer was quicker or change fails on the copy.
func (rs *Records) Amend(ctx context.Context, g *group.Group, at Clock, change func(g *group.Group, now time.Time) error) (*group.Group, error) {
	return rs.amend(ctx, g.ID, g, at, change)
}

// amend changes the copy g, or a fresh one if g is nil.
func (rs *Records) amend(ctx context.Context, id string, g *group.Group, at Clock, change func(g *group.Group, now time.Time) error) (*group.Group, error) {
	defer rs.timed("amend", time.Now())
	for {
		fresh := g == nil
		if fresh {
			var err error
			if g, at, err = rs.LoadNow(ctx, id); err != nil {
				return nil, err
			}
		}
		was := g.Status
		if err := change(g, at.Now()); err != nil {
			if fresh {
				return g, err
			}
			g = nil // the copy may have been out of date: the record decides
			continue
		}
		if was.Ended() && g.Status != was {
			if err := rs.index.reopening(ctx, id, at.Now()); err != nil {
				return nil, err
			}
		}
		written, err := rs.save(ctx, g)
		if err != nil {
			return nil, err
		}
		if written {
			return g, rs.index.follow(ctx, g)
		}
		g = nil
	}
}

// commitFor is how long Insist tries to write.
const commitFor = 5 * time.Minute

// Commit is Amend for what has already happened outside Redis. As Insist does, it outlives the caller's context and
// retries for minutes. It does not retry if change fails, or after ErrIndexBehind, ErrNotFound or ErrUnreadable.
func (rs *Records) Commit(ctx context.Context, g *group.Group, at Clock, change func(g *group.Group, now time.Time) error) (*group.Group, error) {
	defer rs.timed("commit", time.Now())
	id, copied := g.ID, g
	return Insist(ctx, func(ctx context.Context) (*group.Group, error) {
		var refused error
		g, err := rs.amend(ctx, id, copied, at, func(g *group.Group, now time.Time) error {
			refused = change(g, now)
			return refused
		})
		copied = nil // a try that failed may have written
		if refused != nil || errors.Is(err, ErrIndexBehind) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrUnreadable) {
			return g, backoff.Permanent(err)
		}
		return g, err
	})
}

// Insist writes to Redis what has already happened outside. It outlives the caller's context and retries for minutes
// while Redis fails. An error that backoff.Permanent wraps ends it.
func Insist[T any](ctx context.Context, write func(ctx context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), commitFor, errors.New("redis did not accept the outcome in time"))
	defer cancel()
	policy := backoff.NewExponentialBackOff(backoff.WithInitialInterval(50*time.Millisecond),
		backoff.WithMaxInterval(5*time.Second), backoff.WithMaxElapsedTime(commitFor))
	return backoff.RetryWithData(func() (T, error) {
		// Each try has a timeout, or one hanging connection would use up the whole time.
		try, cancel := context.WithTimeout(ctx, 15*time.Second)
		defer cancel()
		return write(try)
	}, backoff.WithContext(policy, ctx))
}

// headOfRecord returns the beginning of the record from which g was loaded. A record is "<revision>.<token of the
// write>|<content>". The revision alone does not identify a write: a failover may lose one, and another write then gets
// the same revision.
func headOfRecord(g *group.Group) string { return fmt.Sprintf("%d.%s|", g.Rev, g.Write) }

// save writes g if its record is still the one that was loaded, and reports whether it did.
func (rs *Records) save(ctx context.Context, g *group.Group) (bool, error) {
	rs.crypt.fresh(ctx)
	loaded := headOfRecord(g)
	g.Rev, g.Write = g.Rev+1, token()
	value, err := rs.crypt.sealRecord(g)
	if err != nil {
		return false, err
	}
	written, err := swapScript.Run(ctx, rs.rdb, []string{recordKey(g.ID)}, setIf(head, loaded, value, 0)...).Int()
	if err != nil {
		return false, fmt.Errorf("save %s: %w", g.ID, err)
	}
	return written == 1, nil
}
