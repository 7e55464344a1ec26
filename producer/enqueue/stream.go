package enqueue

import (
	"context"
	"iter"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rollcallhq/rollcall/internal/intake"
)

// stream takes the rows from stage to stage, some hundred at a time and always in their order:
// reading, checking (on all processors), claiming, recording, putting. Each stage works on its own
// rows while the others work on theirs, and none runs ahead by more than one handful.
func (r *run) stream(ctx context.Context, rows iter.Seq2[Row, error]) error {
	ctx, halt := context.WithCancelCause(ctx)
	defer halt(nil)
	// What was read before the input or the context failed is whole: it is accepted all the same.
	writing := context.WithoutCancel(ctx)
	var work errgroup.Group

	read := make(chan intake.Row, together)
	work.Go(func() error {
		defer close(read)
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
	checking := make(chan chan []checked, runtime.GOMAXPROCS(0))
	work.Go(func() error {
		defer close(checking)
		for some := range collect(read) {
			done := make(chan []checked, 1)
			checking <- done
			go func() { done <- r.checkAll(writing, some) }()
		}
		return nil
	})
	claimed, recorded := make(chan []checked), make(chan []checked)
	work.Go(func() error {
		defer close(claimed)
		return r.claimAll(writing, checking, claimed, halt)
	})
	work.Go(func() error {
		defer close(recorded)
		return stage(claimed, recorded, halt, func(rows []checked) error { return r.record(writing, rows) })
	})
	work.Go(func() error {
		return stage(recorded, nil, halt, func(rows []checked) error { return r.put(writing, rows) })
	})
	return work.Wait()
}

// stage does its part with all that comes and hands it on. After an error it halts the reading and
// takes what is on its way, so that nobody waits for it.
func stage(in <-chan []checked, out chan<- []checked, halt context.CancelCauseFunc, do func([]checked) error) (err error) {
	for rows := range in {
		if err != nil {
			continue
		}
		if err = do(rows); err != nil {
			halt(err)
			continue
		}
		if out != nil {
			out <- rows
		}
	}
	return err
}

// claimAll is the stage that claims. It also says, while the input is slow, that the run lives.
func (r *run) claimAll(ctx context.Context, checking <-chan chan []checked, out chan<- []checked, halt context.CancelCauseFunc) (err error) {
	alive := time.NewTicker(stillOn)
	defer alive.Stop()
	for {
		select {
		case done, more := <-checking:
			if !more {
				return err
			}
			rows := <-done
			if err != nil {
				continue
			}
			if err = r.claim(ctx, rows); err != nil {
				halt(err)
				continue
			}
			out <- rows
		case <-alive.C:
			if r.adding.BatchID != "" {
				// A miss is no harm: the next one comes in time.
				_ = r.c.ledger.JoinBatch(ctx, r.sum.Batch, &r.adding)
			}
		}
	}
}

// collect gathers rows that can travel together, without letting the first of them wait long.
func collect(read <-chan intake.Row) iter.Seq[[]intake.Row] {
	return func(yield func([]intake.Row) bool) {
		var rows []intake.Row
		var late <-chan time.Time
		for {
			select {
			case row, more := <-read:
				if more {
					if rows = append(rows, row); len(rows) == 1 {
						late = time.After(patience)
					}
				}
				if len(rows) < together && more {
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
			rows, late = nil, nil
		}
	}
}

// checkAll judges rows by themselves.
func (r *run) checkAll(ctx context.Context, rows []intake.Row) []checked {
	out := make([]checked, len(rows))
	for i, row := range rows {
		out[i] = r.c.check(ctx, row, r.sum.Batch, r.rules)
	}
	return out
}
