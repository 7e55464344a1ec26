package store_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
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

// startedOver empties Redis under a worker and lets a person start over.
func startedOver(t *testing.T, rdb redis.UniversalClient, worker *store.Store) {
	t.Helper()
	attend := func(want store.Verdict) {
		t.Helper()
		if _, verdict, _, err := worker.Attend(t.Context(), false, 0); err != nil || verdict != want {
			t.Fatalf("the worker's verdict is %s, %v; want %s", verdict, err, want)
		}
	}
	attend(store.New)
	if err := rdb.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	attend(store.Lost)
	if err := open(t, rdb).StartOver(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	attend(store.Renewed)
}

// The API's process runs on while Redis is emptied and a person starts over. Who is suppressed through it must be
// suppressed for the workers.
func TestStoreStartOver_ProcessesThatRunOnUseTheNewSecret(t *testing.T) {
	t.Parallel()
	_, rdb := testutil.Mini(t)
	worker, api, forms, old := open(t, rdb), open(t, rdb), open(t, rdb), open(t, rdb)
	plans, searches, evidence, checks, lists := open(t, rdb), open(t, rdb), open(t, rdb), open(t, rdb), open(t, rdb)
	startedOver(t, rdb, worker)
	const ana, bia = phone.Number("+5511999990001"), phone.Number("+5511999990002")
	if err := api.People.Suppress(t.Context(), []phone.Number{ana}, "asked"); err != nil {
		t.Fatal(err)
	}
	for name, st := range map[string]*store.Store{"a worker": worker, "another process": lists} {
		if on, err := st.People.Suppressed(t.Context(), []phone.Identity{ana.Identity()}); err != nil || !on[0] {
			t.Errorf("%s finds the person suppressed: %v, %v; want true", name, on, err)
		}
	}
	entry := newRequest("deal-1")
	if err := forms.Records.Claim(t.Context(), []*store.Entry{entry}, nil); err != nil || len(entry.Out) == 0 || !entry.Out[0] {
		t.Errorf("a request for the person knows of it: %v, %v; want true", entry.Out, err)
	}
	planned := newRequest("deal-2")
	if err := plans.Records.Known(t.Context(), []*store.Entry{planned}); err != nil || len(planned.Out) == 0 || !planned.Out[0] {
		t.Errorf("a plan of a request for the person knows of it: %v, %v; want true", planned.Out, err)
	}
	g := fresh("Turma", "+5511999990003")
	accept(t, worker, g)
	if found, _, err := searches.Index.List(t.Context(), store.Filter{Person: phone.IdentityOf("5511999990003")}, "", 10); err != nil || len(found) != 1 {
		t.Errorf("a search for a person finds %d groups, %v; want 1", len(found), err)
	}
	was := map[string]provider.Checked{"5511999990001": {Exists: true}}
	if err := worker.People.RememberChecks(t.Context(), "zapi", was); err != nil {
		t.Fatal(err)
	}
	if is, err := checks.People.RecallChecks(t.Context(), "zapi", []string{"5511999990001"}); err != nil || len(is) != 1 {
		t.Errorf("what a provider said of the person is %v, %v; want one answer", is, err)
	}
	if s, err := evidence.People.Suppression(t.Context(), ana.Identity()); err != nil || s == nil {
		t.Errorf("the evidence of the person has the suppression %v, %v; want one", s, err)
	}
	if n, err := old.People.Unsuppress(t.Context(), []phone.Number{ana, bia}); err != nil || n != 1 {
		t.Errorf("another process took %d people off the list, %v; want 1", n, err)
	}
}

// Two servers run on. A login through one must hold at the other, also once one of them uses the new secret.
func TestStoreStartOver_ALoginHoldsAtEveryServer(t *testing.T) {
	t.Parallel()
	_, rdb := testutil.Mini(t)
	worker, one, other := open(t, rdb), open(t, rdb), open(t, rdb)
	startedOver(t, rdb, worker)
	token, err := one.Trail.PutSession(t.Context(), store.Session{Key: "ana"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for name, st := range map[string]*store.Store{"that took the login": one, "that runs on, too": other, "that was started since": open(t, rdb)} {
		if s, err := st.Trail.Session(t.Context(), token); err != nil || s.Key != "ana" {
			t.Errorf("the server %s finds the session %+v, %v; want that of ana", name, s, err)
		}
	}
}

func TestStoreStartOver_WhatIsSealedAfterwardsIsReadByEveryProcess(t *testing.T) {
	t.Parallel()
	_, rdb := testutil.Mini(t)
	key := masterKey("k1")
	worker, api, later := with(t, rdb, key), with(t, rdb, key), with(t, rdb, key)
	for _, st := range []*store.Store{worker, api} {
		if _, err := st.Rotate(t.Context(), func(store.Rotated) {}); err != nil {
			t.Fatal(err)
		}
	}
	if _, verdict, _, err := worker.Attend(t.Context(), false, 0); err != nil || verdict != store.New {
		t.Fatal(verdict, err)
	}
	if err := rdb.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	if _, verdict, _, err := worker.Attend(t.Context(), false, 0); err != nil || verdict != store.Lost {
		t.Fatal(verdict, err)
	}
	g, other := secretGroup(), secretGroup()
	accept(t, worker, g)
	accept(t, api, other)
	for name, st := range map[string]*store.Store{"the worker": worker, "the API": api, "a process that only reads": later, "a new process": with(t, rdb, key)} {
		for of, id := range map[string]string{"the worker": g.ID, "the API": other.ID} {
			if _, err := st.Records.Load(t.Context(), id); err != nil {
				t.Errorf("%s reads a record of %s: %v", name, of, err)
			}
		}
	}
}
