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
)

// indexed is everything the index holds but times of its own: counters that are not zero, lists with
// their scores, and the events in their order.
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
				if value != "0" && field != "createdAt" {
					lines = append(lines, fmt.Sprintf("%x %q", field, value))
				}
			}
			slices.Sort(lines)
		case "zset":
			for _, z := range rdb.ZRangeWithScores(ctx, key, 0, -1).Val() {
				lines = append(lines, fmt.Sprintf("%x %v", z.Member, z.Score))
			}
		case "stream":
			for _, m := range rdb.XRange(ctx, key, "-", "+").Val() {
				lines = append(lines, fmt.Sprintf("%v %x %v %x", m.Values["type"], m.Values["id"], m.Values["status"], m.Values["batch"]))
			}
		default:
			t.Fatalf("%s is a %s", key, kind)
		}
		if strings.Contains(key, "}:adding:") || strings.HasSuffix(key, "}:batches") || len(lines) == 0 {
			continue
		}
		all[key] = lines
	}
	return all
}

// amend changes a group without waiting for the index.
func amend(ctx context.Context, st *store.Store, id string, change func(g *group.Group, now time.Time) error) error {
	g, at, err := st.Records.LoadNow(ctx, id)
	if err == nil {
		_, err = st.Records.Amend(ctx, g, at, change)
	}
	return err
}

func creating(g *group.Group, _ time.Time) error {
	g.Status = group.Creating
	return nil
}

// wander moves a group anywhere, lawful or not: the index believes every record.
func wander(r *rand.Rand, g *group.Group, from time.Time, ends bool) {
	statuses := slices.Clone(group.Statuses)
	if !ends {
		statuses = slices.DeleteFunc(statuses, group.Status.Ended)
	}
	g.Status = statuses[r.IntN(len(statuses))]
	g.Instance = []string{"", "alpha", "beta"}[r.IntN(3)]
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

func TestTheIndexIsTheSameWhetherMovesAreWrittenTogetherOrEachAlone(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	alone, together := testutil.Redis(t), testutil.Redis(t)
	from := time.Now().UTC().Truncate(time.Hour)
	groups := make([]*group.Group, 6)
	for i := range groups {
		groups[i] = fresh(fmt.Sprintf("Turma %d", i), fmt.Sprintf("+55119999900%02d", i), fmt.Sprintf("+55119999901%02d", i))
		if i < 3 {
			groups[i].BatchID = "bat_01a202c0-3421-7ec5-8a3e-2c1fef8ffed9"
		}
	}
	for range 60 { // an hour may end between the two: then once more
		hour := time.Now().Hour()
		for _, rdb := range []redis.UniversalClient{alone, together} {
			rdb.FlushDB(t.Context())
			st := open(t, rdb)
			copies := make([]*group.Group, len(groups))
			for i, g := range groups {
				c := *g
				c.Members = slices.Clone(g.Members)
				copies[i] = &c
			}
			accept(t, st, copies...)
			r := rand.New(rand.NewPCG(seed, 0))
			for range 200 {
				i := r.IntN(len(groups))
				move := func(g *group.Group, _ time.Time) error { wander(r, g, from, i > 0); return nil }
				var err error
				if rdb == alone {
					_, err = st.Records.Update(t.Context(), groups[i].ID, move)
				} else {
					err = amend(t.Context(), st, groups[i].ID, move)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := st.Index.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if time.Now().Hour() == hour {
			break
		}
	}
	if diff := cmp.Diff(indexed(t, alone), indexed(t, together)); diff != "" {
		t.Errorf("(-alone +together):\n%s", diff)
	}
}

// scripts counts the runs of scripts.
type scripts struct {
	redis.UniversalClient
	mu   sync.Mutex
	runs int
}

func (s *scripts) Pipelined(ctx context.Context, fill func(redis.Pipeliner) error) ([]redis.Cmder, error) {
	cmds, err := s.UniversalClient.Pipelined(ctx, fill)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, cmd := range cmds {
		if cmd.Name() == "evalsha" {
			s.runs++
		}
	}
	return cmds, err
}

func TestTheIndexIsWrittenAtMostOnceInFiveMilliseconds(t *testing.T) {
	t.Parallel()
	counted := &scripts{UniversalClient: testutil.Redis(t)}
	st := open(t, counted)
	groups := make([]*group.Group, 300)
	for i := range groups {
		groups[i] = fresh("Turma", "+5511999990001")
	}
	accept(t, st, groups...)
	counted.runs = 0
	begun := time.Now()
	for _, g := range groups {
		if err := amend(t.Context(), st, g.ID, creating); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Index.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	ids, err := st.Index.Indexed(t.Context(), group.Creating, "", 1000)
	if err != nil || len(ids) != len(groups) {
		t.Errorf("%d of %d groups are indexed, %v", len(ids), len(groups), err)
	}
	// The first one is written at once, and whoever waits for the last ones is spared the pause.
	if took := time.Since(begun); counted.runs > 3+int(took/(5*time.Millisecond)) {
		t.Errorf("%d moves in %s took %d runs of the script", len(groups), took, counted.runs)
	}
}

func TestAMoveThatRedisRefusesKeepsNoOtherOneFromTheIndex(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	told := make(chan error, 9)
	p := &picky{UniversalClient: rdb}
	st, err := store.Open(t.Context(), p, store.Options{Unindexed: func(err error) { told <- err }})
	if err != nil {
		t.Fatal(err)
	}
	groups := []*group.Group{fresh("one", "+5511999990001"), fresh("two", "+5511999990002"), fresh("three", "+5511999990003")}
	accept(t, st, groups...)
	held, err := rdb.HKeys(t.Context(), "rollcall:{ix}:held").Result()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(held) // as the ids do: by the time of their making
	p.refused.Store(&held[1])
	for _, g := range groups {
		if err := amend(t.Context(), st, g.ID, creating); err != nil {
			t.Fatal(err)
		}
	}
	_ = st.Index.Flush(t.Context()) // the error is that of whatever was written last
	ids, err := st.Index.Indexed(t.Context(), group.Creating, "", 10)
	if diff := cmp.Diff([]string{groups[0].ID, groups[2].ID}, ids); diff != "" || err != nil {
		t.Error(diff, err)
	}
	select {
	case err := <-told:
		if !strings.Contains(err.Error(), groups[1].ID) {
			t.Error(err)
		}
	case <-time.After(testutil.Patience):
		t.Error("nobody was told")
	}
}

// picky refuses every pipeline that is about one group.
type picky struct {
	redis.UniversalClient

	refused atomic.Pointer[string] // its id in lists
}

type pickyError struct{}

func (pickyError) Error() string { return "ERR no" }
func (pickyError) RedisError()   {}

func (p *picky) Pipelined(ctx context.Context, fill func(redis.Pipeliner) error) ([]redis.Cmder, error) {
	pipe := p.Pipeline()
	if err := fill(pipe); err != nil {
		return nil, err
	}
	id := p.refused.Load()
	for _, cmd := range pipe.Cmds() {
		if id != nil && cmd.Name() == "evalsha" && slices.Contains(cmd.Args(), any(*id)) {
			return nil, pickyError{}
		}
	}
	return pipe.Exec(ctx)
}

// loading is what a Redis answers that reads its data after a start.
type loading struct{}

func (loading) Error() string { return "LOADING Redis is loading the dataset in memory" }
func (loading) RedisError()   {}

// moody fails the next pipelines.
type moody struct {
	redis.UniversalClient

	failures chan func() error
}

func (m *moody) Pipelined(ctx context.Context, fill func(redis.Pipeliner) error) ([]redis.Cmder, error) {
	select {
	case fail := <-m.failures:
		return nil, fail()
	default:
		return m.UniversalClient.Pipelined(ctx, fill)
	}
}

func TestTheIndexIsWrittenAsSoonAsRedisTakesIt(t *testing.T) {
	t.Parallel()
	m := &moody{UniversalClient: testutil.Redis(t), failures: make(chan func() error, 3)}
	st := open(t, m)
	one, two := fresh("one", "+5511999990001"), fresh("two", "+5511999990002")
	accept(t, st, one, two)
	for _, err := range []error{loading{}, io.EOF, loading{}} {
		m.failures <- func() error { return err }
	}
	for _, g := range []*group.Group{one, two} {
		if err := amend(t.Context(), st, g.ID, creating); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Index.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	ids, err := st.Index.Indexed(t.Context(), group.Creating, "", 10)
	if diff := cmp.Diff([]string{one.ID, two.ID}, ids); diff != "" || err != nil || len(m.failures) > 0 {
		t.Errorf("%s %v, %d failures left", diff, err, len(m.failures))
	}
}

// A replica that takes the place of its master may not have heard of the last records.
func TestTheIndexGoesNoFurtherThanTheRecordsOfTheRedisThatIsBack(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	m := &moody{UniversalClient: rdb, failures: make(chan func() error, 1)}
	st := open(t, m)
	g := fresh("Turma", "+5511999990001")
	accept(t, st, g)
	record := "rollcall:{" + g.ID + "}"
	before := rdb.Get(t.Context(), record).Val()
	m.failures <- func() error { return errors.Join(io.EOF, rdb.Set(t.Context(), record, before, 0).Err()) }
	if err := amend(t.Context(), st, g.ID, creating); err != nil {
		t.Fatal(err)
	}
	if err := st.Index.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for status, want := range map[group.Status][]string{group.Queued: {g.ID}, group.Creating: {}} {
		ids, err := st.Index.Indexed(t.Context(), status, "", 10)
		if diff := cmp.Diff(want, ids, cmpopts.EquateEmpty()); diff != "" || err != nil || len(m.failures) > 0 {
			t.Errorf("%s: %s %v, %d failures left", status, diff, err, len(m.failures))
		}
	}
}
