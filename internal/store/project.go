package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

const (
	// gatherFor is the least time between two writings of the index: what moves meanwhile goes
	// together, which costs Redis a fraction of writing each move alone. When nothing has moved for so
	// long, a move is written at once.
	gatherFor = 5 * time.Millisecond
	// indexFor bounds one try to write the index, and how long somebody waits for it.
	indexFor = 15 * time.Second
	// indexTries is how long the index is tried to be written. Then the sweeper has to find out.
	indexTries = 5 * time.Minute
)

// Rider is a write that travels with the index, because nothing needs it sooner and a round trip of
// its own would cost more than itself. Like the index it may be lost by a crash.
type Rider struct {
	script *redis.Script // nil if it runs none
	fill   func(ctx context.Context, p redis.Pipeliner) error
}

// move is a group's revision on its way into the index.
type move struct {
	id     string
	args   []any // see index.lua
	riders []Rider
}

// projector keeps the index behind the records: in their order, together where many groups move.
type projector struct {
	write     func(ctx context.Context, moves []move) error
	fresh     func(ctx context.Context, moves []move) ([]move, error) // the same groups as their records stand now
	unindexed func(err error)

	mu      sync.Mutex
	next    *projection // what is to be written next; nil if there is nothing
	latest  *projection // the one that was begun last
	writing bool        // somebody writes, or gathers
	hurry   chan struct{}
}

// projection is some moves that are written together.
type projection struct {
	of    *projector
	moves []move
	done  chan struct{}
	err   error
}

func newProjector(ix *Index, unindexed func(err error)) *projector {
	return &projector{write: ix.writeIndex, fresh: ix.freshMoves, unindexed: unindexed, hurry: make(chan struct{}, 1)}
}

// project brings the index up to a group's revision, in the background: whatever happens to the
// caller, the record is written already.
func (ix *Index) project(g *group.Group, riders ...Rider) *projection {
	// The caller may go on changing g.
	return ix.projector.add(move{id: g.ID, args: indexArgs(g), riders: riders})
}

// Flush waits until the index shows what this store has written so far.
func (ix *Index) Flush(ctx context.Context) error {
	ix.projector.mu.Lock()
	latest := ix.projector.latest
	ix.projector.mu.Unlock()
	if latest == nil {
		return nil
	}
	return latest.wait(ctx)
}

func (p *projector) add(m move) *projection {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next == nil {
		p.next = &projection{of: p, done: make(chan struct{})}
		p.latest = p.next
	}
	p.next.moves = append(p.next.moves, m)
	if !p.writing {
		p.writing = true
		go p.run()
	}
	return p.next
}

// take is what is to be written next, or nil: then run ends.
func (p *projector) take() *projection {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := p.next
	p.next, p.writing = nil, next != nil
	return next
}

// run writes until nothing moves any more.
func (p *projector) run() {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for next := p.take(); next != nil; next = p.take() {
		if next.err = p.settle(next.moves); next.err != nil {
			p.unindexed(next.err)
		}
		next.moves = nil // as long as nothing moves, it is the latest
		close(next.done)
		pause.Reset(gatherFor)
		select {
		case <-pause.C:
		case <-p.hurry:
		}
	}
}

// settle writes until Redis takes it. If Redis refuses some of it, the others must not suffer.
func (p *projector) settle(moves []move) error {
	err := p.try(moves, false)
	if err != nil && !refused(err) {
		policy := backoff.NewExponentialBackOff(backoff.WithInitialInterval(50*time.Millisecond),
			backoff.WithMaxInterval(500*time.Millisecond), backoff.WithMaxElapsedTime(indexTries))
		err = backoff.Retry(func() error {
			err := p.try(moves, true)
			if refused(err) {
				return backoff.Permanent(err)
			}
			return err
		}, policy)
	}
	if !refused(err) {
		return err
	}
	var errs []error
	for _, m := range moves {
		if err := p.try([]move{m}, true); err != nil {
			errs = append(errs, fmt.Errorf("index %s: %w", m.id, err))
		}
	}
	return errors.Join(errs...)
}

// try writes once: the moves as they were made or, after a failure, the groups as they stand. The Redis
// that is back may be a replica that has not heard of the last records; the index must not go before.
func (p *projector) try(moves []move, again bool) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), indexFor)
	defer cancel()
	if again {
		if moves, err = p.fresh(ctx, moves); err != nil {
			return err
		}
	}
	return p.write(ctx, moves)
}

// refused says that Redis did not like what it was asked, and will not like it later. Of the other
// answers it can give, all are about a state of its own that passes.
func refused(err error) bool {
	if _, answered := errors.AsType[redis.Error](err); !answered {
		return false
	}
	passing := []func(error) bool{
		redis.IsLoadingError, redis.IsReadOnlyError, redis.IsMasterDownError, redis.IsClusterDownError, redis.IsTryAgainError,
		redis.IsMaxClientsError, redis.IsOOMError, redis.IsNoReplicasError, redis.IsAuthError, redis.IsPermissionError,
		func(err error) bool { return redis.HasErrorPrefix(err, "MISCONF") },
	}
	return !slices.ContainsFunc(passing, func(is func(error) bool) bool { return is(err) })
}

// wait returns when the index shows the moves, or newer ones.
func (n *projection) wait(ctx context.Context) error {
	select {
	case n.of.hurry <- struct{}{}:
	default:
	}
	ctx, cancel := context.WithTimeoutCause(ctx, indexFor, errors.New("redis did not take the index in time"))
	defer cancel()
	select {
	case <-n.done:
		return n.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// writeIndex writes moves and what travels with them.
func (ix *Index) writeIndex(ctx context.Context, moves []move) error {
	scripts := []*redis.Script{indexScript}
	args := make([][]any, len(moves))
	for i, m := range moves {
		args[i] = m.args
		for _, r := range m.riders {
			if r.script != nil && !slices.Contains(scripts, r.script) {
				scripts = append(scripts, r.script)
			}
		}
	}
	var indexed []*redis.Cmd
	_, err := ix.pipeline(ctx, scripts, func(p redis.Pipeliner) error {
		indexed = indexed[:0] // it may be sent again
		for some := range slices.Chunk(args, indexTogether) {
			indexed = append(indexed, indexing(ctx, p, some))
		}
		for _, m := range moves {
			for _, r := range m.riders {
				if err := r.fill(ctx, p); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for _, cmd := range indexed {
		_, _ = ix.broken(ctx, cmd) // the pipeline tells what failed
	}
	return err
}

// freshMoves are the groups of some moves as their records stand, each once, with all that travels.
func (ix *Index) freshMoves(ctx context.Context, moves []move) ([]move, error) {
	ids := make([]string, 0, len(moves))
	riders := make(map[string][]Rider, len(moves))
	for _, m := range moves {
		if _, known := riders[m.id]; !known {
			ids = append(ids, m.id)
		}
		riders[m.id] = append(riders[m.id], m.riders...)
	}
	groups, _, err := ix.records.LoadEach(ctx, ids) // the sweeper speaks of those that cannot be read
	if err != nil {
		return nil, err
	}
	fresh := make([]move, 0, len(groups))
	for _, g := range groups {
		fresh = append(fresh, move{id: g.ID, args: indexArgs(g), riders: riders[g.ID]})
	}
	return fresh, nil
}
