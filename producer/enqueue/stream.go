package enqueue

import (
	"context"
	"iter"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rollcallhq/rollcall/internal/panics"
)

// recordWidth is how many chunks are recorded at once: the next is encoded while Redis writes one.
const recordWidth = 2

// stream passes chunks of rows through the stages in order: reading, checking (on all processors),
// claiming, recording, putting. The stages run concurrently on unbuffered channels, so a slow stage holds back the
// stages before it.
func (r *run) stream(ctx context.Context, rows iter.Seq2[Row, error]) error {
	ctx, halt := context.WithCancelCause(ctx)
	defer halt(nil)
	// Rows that were read before the input or the context failed are whole, so they are accepted.
	writing := context.WithoutCancel(ctx)
	defer r.keepAlive(writing)()
	var work errgroup.Group

	read := make(chan Row)
	work.Go(func() (err error) {
		defer close(read)
		defer panics.Catch(&err) // of the reader: a damaged file must not end the process
		for row, err := range rows {
			if err != nil {
				return err
			}
			select {
			case read <- row:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return nil
	})
	gathered, known := make(chan []Row), make(chan []checked)
	work.Go(func() error {
		defer close(gathered)
		for some := range collect(read) {
			gathered <- some
		}
		return nil
	})
	work.Go(func() error {
		defer close(known)
		return stage(gathered, known, runtime.GOMAXPROCS(0), halt, func(rows []Row) ([]checked, error) { return r.checkAll(writing, rows), nil })
	})
	claimed, recorded := make(chan []checked), make(chan []checked)
	work.Go(func() error {
		defer close(claimed)
		return r.claimAll(writing, known, claimed, halt)
	})
	work.Go(func() error {
		defer close(recorded)
		return stage(claimed, recorded, recordWidth, halt, func(rows []checked) ([]checked, error) { return rows, r.record(writing, rows) })
	})
	work.Go(func() error {
		return stage(recorded, nil, 1, halt, func(rows []checked) ([]checked, error) { return rows, r.put(writing, rows) })
	})
	return work.Wait()
}

// stage runs do on the chunks of in, width at a time, and sends the results in order. After an error it halts
// the reading, starts no more work and drains in, so that no other stage blocks on it.
func stage[A, B any](in <-chan A, out chan<- B, width int, halt context.CancelCauseFunc, do func(A) (B, error)) (err error) {
	type turn struct {
		is   B
		done bool // false if it failed, or was not started after an error
		err  error
	}
	turns := make(chan chan turn, width-1)
	var failed atomic.Bool
	go func() {
		defer close(turns)
		for {
			done := make(chan turn, 1)
			turns <- done // before reading in, so that at most width chunks are in this stage
			some, more := <-in
			if !more {
				close(done)
				return
			}
			go func() {
				var t turn
				if !failed.Load() {
					func() {
						defer panics.Catch(&t.err)
						t.is, t.err = do(some)
					}()
					if t.done = t.err == nil; !t.done {
						failed.Store(true)
					}
				}
				done <- t
			}()
		}
	}()
	for done := range turns {
		t, more := <-done
		switch {
		case !more:
		case err != nil:
		case t.err != nil:
			err = t.err
			halt(err)
		case t.done && out != nil: // even if a later chunk has failed meanwhile
			out <- t.is
		}
	}
	return err
}

// claimAll is the claiming stage. It decides the rows that wait as soon as the input ends or pauses, or too many rows
// wait.
func (r *run) claimAll(ctx context.Context, known <-chan []checked, out chan<- []checked, halt context.CancelCauseFunc) (err error) {
	pass := func(rows []checked) {
		if err != nil {
			return
		}
		if rows, err = r.claim(ctx, rows); err != nil {
			halt(err)
			return
		}
		out <- rows
	}
	decide := func() {
		r.waiting.decide = true
		for rows := range chunks(r.waiting.take()) {
			pass(r.checkAll(ctx, rows))
		}
		r.waiting.decide = false
	}
	idle := time.NewTimer(r.heldFor)
	defer idle.Stop()
	for {
		select {
		case rows, more := <-known:
			if !more {
				decide()
				return err
			}
			if pass(rows); r.waiting.full() {
				decide()
			}
			idle.Reset(r.heldFor)
		case <-idle.C:
			decide()
			idle.Reset(r.heldFor)
		}
	}
}

// keepAlive sends the heartbeat of the run until stop is called, even while the input or the caller is slow.
func (r *run) keepAlive(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(r.heartbeat)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			r.mu.Lock()
			adding := r.adding
			r.mu.Unlock()
			if adding.BatchID != "" {
				// A missed heartbeat does no harm: the next one comes in time.
				_ = r.c.store.Index.KeepAdding(ctx, &adding)
			}
		}
	}()
	return func() { cancel(); <-done }
}

// collect gathers rows into chunks of at most chunkRows rows and about chunkBytes bytes. No row waits longer
// than gatherFor for others.
func collect(read <-chan Row) iter.Seq[[]Row] {
	return func(yield func([]Row) bool) {
		var rows []Row
		var late <-chan time.Time
		weight := 0
		for {
			select {
			case row, more := <-read:
				if more {
					if rows = append(rows, row); len(rows) == 1 {
						late = time.After(gatherFor)
					}
					weight += weigh(row.Request)
				}
				if len(rows) < chunkRows && weight < chunkBytes && more {
					continue
				}
				if len(rows) > 0 && !yield(rows) || !more {
					return
				}
			case <-late:
				if !yield(rows) {
					return
				}
			}
			rows, late, weight = nil, nil, 0
		}
	}
}

// checkAll checks rows one by one.
func (r *run) checkAll(ctx context.Context, rows []Row) []checked {
	out := make([]checked, len(rows))
	for i, row := range rows {
		out[i] = r.c.check(ctx, row, r.sum.Batch, r.rules)
	}
	return out
}
