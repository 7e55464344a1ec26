package store_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// TestStoreAttend_ReplacedWorkersWaitOnce has each worker replaced before its own wait is over, as by a crash
// loop: the wait for a witness counts from the first of them.
func TestStoreAttend_ReplacedWorkersWaitOnce(t *testing.T) {
	t.Parallel()
	server, rdb := testutil.Mini(t)
	clock := time.Now()
	pass := func(d time.Duration) {
		clock = clock.Add(d)
		server.SetTime(clock)
	}
	pass(0)
	attend := func(st *store.Store) store.Verdict {
		t.Helper()
		_, verdict, _, err := st.Attend(t.Context(), false, 0)
		if err != nil {
			t.Fatal(err)
		}
		return verdict
	}
	witness := open(t, rdb)
	if got := attend(witness); got != store.New {
		t.Fatalf("the first worker: %s, want new", got)
	}
	restart := func() {
		if err := rdb.HSet(t.Context(), "rollcall:installation", "run", "another").Err(); err != nil {
			t.Fatal(err)
		}
	}

	restart()
	if got := attend(open(t, rdb)); got != store.Undecided {
		t.Errorf("a new worker after a restart: %s, want undecided", got)
	}
	pass(2 * time.Second)
	if got := attend(open(t, rdb)); got != store.Undecided {
		t.Errorf("its replacement two seconds later: %s, want undecided", got)
	}
	if got := attend(witness); got != store.Sound {
		t.Errorf("the witness: %s, want sound", got)
	}
	if got := attend(open(t, rdb)); got != store.Sound {
		t.Errorf("a new worker after the witness: %s, want sound", got)
	}

	restart()
	if got := attend(open(t, rdb)); got != store.Undecided {
		t.Errorf("a new worker after another restart: %s, want undecided", got)
	}
	pass(6 * time.Second)
	if got := attend(open(t, rdb)); got != store.Unvouched {
		t.Errorf("its replacement six seconds later: %s, want unvouched", got)
	}
}
