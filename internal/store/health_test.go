package store_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestPresenceNoteError_KeepsAStateThatAnotherWorkerRecordsMeanwhile(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	redis := testutil.Meddle(rdb)
	st := open(t, rdb)
	now := time.Now().UTC().Truncate(time.Second)
	if _, err := st.Presence.SetHealth(t.Context(), "alpha", provider.State{Health: provider.Ready}, now); err != nil {
		t.Fatal(err)
	}
	redis.Before([]string{"rollcall:health", "alpha", "hget"}, func() { // the reading
		redis.Before([]string{"rollcall:health", "alpha"}, func() { // the writing
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
	redis := testutil.Meddle(rdb)
	st := open(t, rdb)
	if _, err := st.Presence.SetNumber(t.Context(), "alpha", "first"); err != nil {
		t.Fatal(err)
	}
	redis.Before([]string{"rollcall:numbers", "alpha"}, func() { // the reading
		redis.Before([]string{"rollcall:numbers", "alpha"}, func() { // the writing
			if _, err := st.Presence.SetNumber(t.Context(), "alpha", "second"); err != nil {
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
