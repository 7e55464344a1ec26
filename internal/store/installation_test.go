package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// TestStoreAttend_ReplacedWorkersWaitOnce has each worker replaced before its own wait is over, as by a crash
// loop: the wait for a witness counts from the first of them.
func TestStoreAttend_ReplacedWorkersWaitOnce(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
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
	age := func(by time.Duration) {
		asked, err := rdb.HGet(t.Context(), "rollcall:installation", "asked").Result()
		run, _, _ := strings.Cut(asked, "|")
		now, timeErr := rdb.Time(t.Context()).Result()
		if err != nil || timeErr != nil || run == "" {
			t.Fatal(asked, err, timeErr)
		}
		rdb.HSet(t.Context(), "rollcall:installation", "asked", fmt.Sprintf("%s|%d", run, now.Add(-by).UnixMilli()))
	}

	restart()
	if got := attend(open(t, rdb)); got != store.Undecided {
		t.Errorf("a new worker after a restart: %s, want undecided", got)
	}
	age(2 * time.Second)
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
	age(6 * time.Second)
	if got := attend(open(t, rdb)); got != store.Unvouched {
		t.Errorf("its replacement six seconds later: %s, want unvouched", got)
	}
}
