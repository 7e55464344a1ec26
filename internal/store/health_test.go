package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestPresenceSetHealth_ManyInstancesAtOnceDoNotHoldUpEachOther(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	st := open(t, rdb)
	report := func(name string) {
		if _, err := st.Presence.SetHealth(t.Context(), name, provider.State{Health: provider.Ready}, time.Now()); err != nil {
			t.Error(err)
		}
	}
	report("first") // Redis knows the script from now on
	var sent counted
	rdb.AddHook(&sent)
	const instances = 50
	var all sync.WaitGroup
	for i := range instances {
		all.Go(func() { report(fmt.Sprintf("i%03d", i)) })
	}
	all.Wait()
	if got, want := sent.commands.Load(), int64(2*instances); got != want { // a reading and a writing
		t.Errorf("%d instances took %d commands, want %d", instances, got, want)
	}
}

// counted counts the commands about instances' health.
type counted struct{ commands atomic.Int64 }

func (c *counted) count(cmds ...redis.Cmder) {
	for _, cmd := range cmds {
		if slices.Contains(cmd.Args(), any("rollcall:health")) {
			c.commands.Add(1)
		}
	}
}

func (c *counted) DialHook(next redis.DialHook) redis.DialHook { return next }
func (c *counted) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.count(cmd)
		return next(ctx, cmd)
	}
}

func (c *counted) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.count(cmds...)
		return next(ctx, cmds)
	}
}

func TestPresenceNoteError_KeepsAStateThatAnotherWorkerRecordsMeanwhile(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	meddler := testutil.Meddle(rdb)
	st := open(t, rdb)
	now := time.Now().UTC().Truncate(time.Second)
	if _, err := st.Presence.SetHealth(t.Context(), "alpha", provider.State{Health: provider.Ready}, now); err != nil {
		t.Fatal(err)
	}
	meddler.Before([]string{"rollcall:health", "alpha", "hget"}, func() { // the reading
		meddler.Before([]string{"rollcall:health", "alpha"}, func() { // the writing
			if _, err := st.Presence.SetHealth(t.Context(), "alpha", provider.State{Health: provider.Restricted}, now); err != nil {
				t.Error(err)
			}
		})
	})
	if err := st.Presence.NoteError(t.Context(), "alpha", say.Words("busy"), now); err != nil {
		t.Fatal(err)
	}
	states, err := st.Presence.States(t.Context(), []string{"alpha"})
	if err != nil || states["alpha"].Health != provider.Restricted {
		t.Errorf("the state is %+v, %v; want restricted", states["alpha"], err)
	}
}

func TestPresenceDoubtNumber_KeepsANumberThatAnotherWorkerRecordsMeanwhile(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	meddler := testutil.Meddle(rdb)
	st := open(t, rdb)
	if _, err := st.Presence.SetNumber(t.Context(), "alpha", "", "first"); err != nil {
		t.Fatal(err)
	}
	meddler.Before([]string{"rollcall:numbers", "alpha"}, func() { // the reading
		meddler.Before([]string{"rollcall:numbers", "alpha"}, func() { // the writing
			if _, err := st.Presence.SetNumber(t.Context(), "alpha", "first", "second"); err != nil {
				t.Error(err)
			}
		})
	})
	if err := st.Presence.DoubtNumber(t.Context(), "alpha"); err != nil {
		t.Fatal(err)
	}
	if numbers, err := st.Presence.Numbers(t.Context(), "alpha"); err != nil || numbers[0] != "second" {
		t.Errorf("the pace counts for %q, %v; want the second number", numbers, err)
	}
}
