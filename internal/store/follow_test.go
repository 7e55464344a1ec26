package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// indexed returns what the index holds of the present state of groups: counters that are not zero, and lists with their
// scores. It leaves out their history: events, hours, days and the count of groups that ever failed.
func indexed(t *testing.T, rdb redis.UniversalClient) map[string][]string {
	t.Helper()
	ctx := t.Context()
	keys, err := rdb.Keys(ctx, "rollcall:{ix}:*").Result()
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][]string)
	for _, key := range keys {
		var lines []string
		switch kind := rdb.Type(ctx, key).Val(); kind {
		case "hash":
			for field, value := range rdb.HGetAll(ctx, key).Val() {
				if value != "0" && field != "createdAt" && field != "finishedAt" && field != "ever:failed" {
					lines = append(lines, fmt.Sprintf("%x %q", field, value))
				}
			}
			slices.Sort(lines)
		case "zset":
			for _, z := range rdb.ZRangeWithScores(ctx, key, 0, -1).Val() {
				lines = append(lines, fmt.Sprintf("%x %v", z.Member, z.Score))
			}
		case "stream":
			continue
		default:
			t.Fatalf("%s is a %s, want a hash, a sorted set or a stream", key, kind)
		}
		_, own, _ := strings.Cut(key, "}:")
		if name, _, _ := strings.Cut(own, ":"); !slices.Contains([]string{"adding", "batches", "reopened", "hour", "day"}, name) && len(lines) > 0 {
			all[key] = lines
		}
	}
	return all
}

func creating(g *group.Group, _ time.Time) error {
	if g.Status != group.Queued {
		return group.ErrState
	}
	g.Status = group.Creating
	return nil
}

// wander moves a group to any state, also by transitions that do not exist: the index follows every record.
func wander(r *rand.Rand, g *group.Group, from time.Time) {
	g.Status = group.Statuses[r.IntN(len(group.Statuses))]
	g.Instance = []string{"", "alpha", "beta"}[r.IntN(3)]
	g.Target = []tasks.Target{{Pool: "default"}, {Pool: "other"}, {Instance: "beta"}}[r.IntN(3)]
	for i := range g.Members {
		g.Members[i].Status = group.MemberStatuses[r.IntN(len(group.MemberStatuses))]
	}
	g.FinishedAt, g.Watch.At = time.Time{}, time.Time{}
	if g.Status.Ended() {
		g.FinishedAt = from.Add(time.Duration(r.IntN(1000)) * time.Second)
	}
	if r.IntN(3) == 0 {
		g.Watch.At = from.Add(time.Duration(r.IntN(1000)) * time.Second)
	}
	if g.Status == group.Failed || g.Status == group.Review {
		g.Error = &group.Error{Code: []group.Code{group.CodeExpired, group.CodeNoMembers}[r.IntN(2)]}
	}
}

// Writers of one group may reach the index in another order than the record. An index that follows every write must
// still equal one that missed all writes and is then brought up to the records.
func TestIndex_FollowsEachRecordAndCatchesUpToTheSame(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	from := time.Now().UTC().Truncate(time.Hour)
	follows, missed := testutil.Redis(t), testutil.Redis(t)
	groups := make([]*group.Group, 6)
	for i := range groups {
		groups[i] = fresh(fmt.Sprintf("Turma %d", i), fmt.Sprintf("+55119999900%02d", i), fmt.Sprintf("+55119999901%02d", i))
		if i < 3 {
			groups[i].BatchID = "bat_01a202c0-3421-7ec5-8a3e-2c1fef8ffed9"
		}
	}
	st, late := open(t, follows), open(t, missed)
	accept(t, st, groups...)
	accept(t, late, groups...)
	var writers sync.WaitGroup
	for w := range uint64(4) {
		writers.Go(func() {
			r := rand.New(rand.NewPCG(seed, w))
			for range 50 {
				if _, err := st.Records.Update(t.Context(), groups[r.IntN(len(groups))].ID, func(g *group.Group, _ time.Time) error { wander(r, g, from); return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	var now []*group.Group
	for _, g := range groups {
		g, err := st.Records.Load(t.Context(), g.ID)
		if err != nil {
			t.Fatal(err)
		}
		now = append(now, g)
	}
	if err := late.Index.Refresh(t.Context(), now...); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(indexed(t, missed), indexed(t, follows)); diff != "" {
		t.Errorf("the two indexes differ (-caught up +followed):\n%s", diff)
	}
}

// heldKey is a key that each script that writes the index takes.
const heldKey = "rollcall:{ix}:held"

// ofIndex reports whether a command runs a script that writes the index.
func ofIndex(args []any) bool { return slices.Contains(args, any(heldKey)) }

// amended changes a group by Amend, with a copy that it has just read.
func amended(t *testing.T, st *store.Store, id string, change func(g *group.Group, now time.Time) error) (*group.Group, error) {
	t.Helper()
	g, at, err := st.Records.LoadNow(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return st.Records.Amend(t.Context(), g, at, change)
}

// shows checks which groups the index lists in a status.
func shows(t *testing.T, st *store.Store, status group.Status, want ...*group.Group) {
	t.Helper()
	ids := make([]string, len(want))
	for i, g := range want {
		ids[i] = g.ID
	}
	got, err := st.Index.Indexed(t.Context(), status, "", 10)
	if diff := cmp.Diff(ids, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("the list of %s groups (-want +got): %s %v", status, diff, err)
	}
}

func TestRecords_ListsShowAChangeWhenTheCallReturns(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st, reader := open(t, rdb), open(t, rdb)
	a := &store.Adding{}
	if err := st.Index.JoinBatch(t.Context(), "file", a); err != nil {
		t.Fatal(err)
	}
	g := fresh("Turma", "+5511999990001")
	g.BatchID = a.BatchID
	accept(t, st, g)
	shows(t, reader, group.Queued, g)
	if err := st.Index.CloseBatch(t.Context(), a, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := amended(t, st, g.ID, creating); err != nil {
		t.Fatal(err)
	}
	shows(t, reader, group.Queued)
	shows(t, reader, group.Creating, g)
	copied, at, err := st.Records.LoadNow(t.Context(), g.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Records.Commit(t.Context(), copied, at, func(g *group.Group, _ time.Time) error { g.Status = group.Review; return nil }); err != nil {
		t.Fatal(err)
	}
	shows(t, reader, group.Review, g)
	if _, err := st.Records.Update(t.Context(), g.ID, (*group.Group).Abandon); err != nil {
		t.Fatal(err)
	}
	shows(t, reader, group.Cancelled, g)
	groups, _, err := reader.Index.Totals(t.Context())
	if err != nil || groups[group.Cancelled] != 1 || groups[group.Review] != 0 {
		t.Errorf("Totals = %v, %v; want 1 cancelled and 0 in review", groups, err)
	}
	if b, err := reader.Index.Batch(t.Context(), a.BatchID); err != nil || b.FinishedAt.IsZero() {
		t.Errorf("after its last group the batch is %+v, %v; want it finished", b, err)
	}
}

// meddled returns a store on a Redis whose answers a test can change, with one accepted group.
func meddled(t *testing.T, rdb redis.UniversalClient) (*testutil.Meddler, *store.Store, *group.Group) {
	t.Helper()
	m := testutil.Meddle(rdb)
	st := open(t, rdb)
	g := fresh("Turma", "+5511999990001")
	accept(t, st, g)
	return m, st, g
}

func TestRecordsAmend_TakesTwoRoundTripsForACopyAtHand(t *testing.T) {
	t.Parallel()
	m, st, g := meddled(t, testutil.Redis(t))
	if _, err := amended(t, st, g.ID, creating); err != nil { // Redis knows the scripts from here on
		t.Fatal(err)
	}
	g, at, err := st.Records.LoadNow(t.Context(), g.ID)
	if err != nil {
		t.Fatal(err)
	}
	var keys []any
	m.With(func(args []any) error { keys = append(keys, args[0], args[3]); return nil })
	if _, err := st.Records.Amend(t.Context(), g, at, func(g *group.Group, _ time.Time) error { g.Tries++; return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{"evalsha", "rollcall:{" + g.ID + "}", "evalsha", heldKey}, keys); diff != "" {
		t.Errorf("commands and their first keys (-want +got):\n%s", diff)
	}
}

// indexCalls counts the calls that write the index.
type indexCalls struct{ n atomic.Int64 }

func (c *indexCalls) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *indexCalls) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if ofIndex(cmd.Args()) {
			c.n.Add(1)
		}
		return next(ctx, cmd)
	}
}

func (c *indexCalls) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			if ofIndex(cmd.Args()) {
				c.n.Add(1)
			}
		}
		return next(ctx, cmds)
	}
}

func TestRecordsUpdate_ChangesAtTheSameTimeShareOneIndexCall(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	m, st, first := meddled(t, rdb)
	if _, err := st.Records.Update(t.Context(), first.ID, creating); err != nil { // Redis knows the scripts from here on
		t.Fatal(err)
	}
	groups := make([]*group.Group, 7)
	for i := range groups {
		groups[i] = fresh(fmt.Sprintf("Turma %d", i), "+5511999990001")
	}
	accept(t, st, groups...)
	calls, hold, held := &indexCalls{}, make(chan struct{}), make(chan struct{})
	rdb.AddHook(calls)
	m.With(func(args []any) error {
		if ofIndex(args) {
			m.With(nil)
			close(held)
			<-hold
		}
		return nil
	})
	var writers sync.WaitGroup
	write := func(id string, change func(g *group.Group, now time.Time) error) {
		writers.Go(func() {
			if _, err := st.Records.Update(t.Context(), id, change); err != nil {
				t.Error(err)
			}
		})
	}
	write(first.ID, func(g *group.Group, _ time.Time) error { g.Status = group.Verifying; return nil })
	<-held
	for i, g := range groups {
		write(g.ID, creating)
		testutil.Until(t, fmt.Sprintf("the index entries of %d groups wait", i+1), func() bool { return st.Index.EntriesWaiting() == i+1 })
	}
	write(groups[0].ID, func(g *group.Group, _ time.Time) error { g.Status = group.Verifying; return nil }) // one call never takes a group twice
	testutil.Until(t, "all index entries wait", func() bool { return st.Index.EntriesWaiting() == len(groups)+1 })
	close(hold)
	writers.Wait()
	if n := calls.n.Load(); n != 3 {
		t.Errorf("%d index calls for %d entries, want 3", n, len(groups)+2)
	}
	shows(t, st, group.Creating, groups[1:]...)
	shows(t, st, group.Verifying, first, groups[0])
}

func TestAmend_ARecordWhoseIndexRedisRefusesIsWrittenAndSaysSo(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	m := testutil.Meddle(rdb)
	st := open(t, rdb)
	calls := map[string]func(id string) (*group.Group, error){
		"update": func(id string) (*group.Group, error) { return st.Records.Update(t.Context(), id, creating) },
		"amend":  func(id string) (*group.Group, error) { return amended(t, st, id, creating) },
		"commit": func(id string) (*group.Group, error) {
			g, at, err := st.Records.LoadNow(t.Context(), id)
			if err != nil {
				return nil, err
			}
			return st.Records.Commit(t.Context(), g, at, creating)
		},
	}
	for name, call := range calls {
		m.With(nil)
		g := fresh("Turma", "+5511999990001")
		accept(t, st, g)
		m.Refuse(heldKey)
		got, err := call(g.ID)
		if !errors.Is(err, store.ErrIndexBehind) || got == nil || got.Status != group.Creating || got.Rev != 2 {
			t.Errorf("%s = %+v, %v; want the changed group at revision 2 with ErrIndexBehind", name, got, err)
		}
		if is, err := st.Records.Load(t.Context(), g.ID); err != nil || is.Status != group.Creating {
			t.Errorf("after %s the record is %+v, %v; want it creating", name, is, err)
		}
		if _, err := call(g.ID); !errors.Is(err, group.ErrState) { // a second time the change fails
			t.Errorf("%s once more: got %v, want ErrState", name, err)
		}
		if is, err := st.Records.Load(t.Context(), g.ID); err != nil || is.Rev != 2 {
			t.Errorf("after %s once more the record is %+v, %v; want revision 2", name, is, err)
		}
	}
}

// loading is the error of a Redis that is still reading its data after a start.
type loading struct{}

func (loading) Error() string { return "LOADING Redis is loading the dataset in memory" }
func (loading) RedisError()   {}

func TestRecordsAmend_WritesTheIndexWhenRedisAcceptsItAgain(t *testing.T) {
	t.Parallel()
	m, st, g := meddled(t, testutil.Redis(t))
	failures := []error{loading{}, io.EOF, loading{}}
	m.With(func(args []any) error {
		if !ofIndex(args) || len(failures) == 0 {
			return nil
		}
		err := failures[0]
		failures = failures[1:]
		return err
	})
	if _, err := amended(t, st, g.ID, creating); err != nil || len(failures) > 0 {
		t.Fatalf("Amend: %v; failures left: %v, want none of either", err, failures)
	}
	shows(t, st, group.Creating, g)
}

func TestRecordsUpdate_WritesTheIndexAfterTheCallerIsCancelled(t *testing.T) {
	t.Parallel()
	m, st, g := meddled(t, testutil.Redis(t))
	ctx, cancel := context.WithCancel(t.Context())
	m.With(func(args []any) error {
		if ofIndex(args) {
			cancel()
		}
		return nil
	})
	if _, err := st.Records.Update(ctx, g.ID, creating); err != nil || ctx.Err() == nil {
		t.Fatalf("Update: %v, want none; the context: %v, want it cancelled", err, ctx.Err())
	}
	shows(t, st, group.Creating, g)
}

// A replica that replaces its master may not have the last records.
func TestRecordsAmend_AfterAFailoverTheIndexIsNotAheadOfTheRecords(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	m, st, g := meddled(t, rdb)
	record := "rollcall:{" + g.ID + "}"
	before := rdb.Get(t.Context(), record).Val()
	failed := false
	m.With(func(args []any) error {
		if !ofIndex(args) || failed {
			return nil
		}
		failed = true
		return errors.Join(io.EOF, rdb.Set(t.Context(), record, before, 0).Err())
	})
	if _, err := amended(t, st, g.ID, creating); err != nil || !failed {
		t.Fatalf("Amend: %v, want none; failed over: %v, want true", err, failed)
	}
	shows(t, st, group.Queued, g)
	shows(t, st, group.Creating)
}
