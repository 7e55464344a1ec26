package enqueue_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

func TestClientWatch_OutlivesARestartOfRedis(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t)
	var breaks, ends atomic.Int32
	c, err := enqueue.New(t.Context(), rdb.Client(), enqueue.Options{OnRedis: func(err error) {
		if err != nil {
			breaks.Add(1)
		} else {
			ends.Add(1)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), rdb.Client(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := bundle{client: c, store: st}
	_, results := b.create(t, "watched", requests(1)...)
	ctx, giveUp := context.WithCancelCause(t.Context())
	defer giveUp(nil)
	reach := func(what *atomic.Int32, name string) {
		late := time.AfterFunc(testutil.Timeout, func() { giveUp(fmt.Errorf("OnRedis reported no %s", name)) })
		defer late.Stop()
		for tick := time.NewTicker(5 * time.Millisecond); what.Load() == 0 && ctx.Err() == nil; {
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	}
	var failing sync.WaitGroup // fail waits for the index, and Watch may see the end before
	defer failing.Wait()
	var last enqueue.Event
	for e, err := range c.Watch(ctx, "watched") {
		if err != nil {
			t.Fatal(err)
		}
		if last.Batch == nil && last.Group == nil {
			rdb.Kill()
			failing.Go(func() {
				// Even if Restart fails and ends this function: Watch then has this long to end.
				defer time.AfterFunc(testutil.Timeout, func() { giveUp(errors.New("Watch does not end")) })
				reach(&breaks, "break")
				rdb.Restart()
				reach(&ends, "end of the break")
				b.fail(t, results[0].ID)
			})
		}
		last = e
	}
	if last.Batch == nil || last.Batch.Status != "done" || breaks.Load() != 1 || ends.Load() != 1 {
		t.Errorf("the last event is %+v; OnRedis reported %d breaks and %d ends, want one of each", last, breaks.Load(), ends.Load())
	}
}

func TestClientWatch_YieldsNothingMoreOnceItsCallerStopsAfterAGap(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t)
	broken := make(chan struct{}, 1)
	c, err := enqueue.New(t.Context(), rdb.Client(), enqueue.Options{OnRedis: func(err error) {
		if err != nil {
			broken <- struct{}{}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), rdb.Client(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := bundle{client: c, store: st}
	_, results := b.create(t, "watched", requests(2)...)
	var restarting sync.WaitGroup
	defer restarting.Wait()
	yielded := 0
	for _, err := range c.Watch(t.Context(), "watched") {
		if err != nil {
			t.Fatal(err)
		}
		if yielded++; yielded == 2 { // the current state again, because of the gap
			break
		}
		// The event that Watch saw last is gone, and another one has come.
		if err := rdb.Client().Del(t.Context(), "rollcall:{ix}:events").Err(); err != nil {
			t.Fatal(err)
		}
		b.fail(t, results[0].ID)
		rdb.Kill()
		restarting.Go(func() {
			<-broken
			rdb.Restart()
		})
	}
	if yielded != 2 {
		t.Errorf("Watch yielded %d events, want 2", yielded)
	}
}
