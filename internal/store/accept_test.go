package store_test

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// dying fails every command after a pipeline with a script that Redis does not know, as if the process had been
// killed then. A spared one never fails.
type dying struct{ dead, spared bool }

var errDead = errors.New("killed")

func (d *dying) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (d *dying) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if d.dead {
			return errDead
		}
		return next(ctx, cmd)
	}
}

func (d *dying) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if d.dead {
			return errDead
		}
		err := next(ctx, cmds)
		for _, cmd := range cmds {
			d.dead = d.dead || !d.spared && redis.HasErrorPrefix(cmd.Err(), "NOSCRIPT")
		}
		return err
	}
}

// A Redis that has just started knows no scripts, so the index is written by a second pipeline. A producer that is
// killed between the two must not leave a record that no list shows: the next producer would take the request for
// accepted.
func TestRecordsRecord_WritesNoRecordBeforeItsIndex(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	st := open(t, rdb)
	d := &dying{}
	rdb.AddHook(d)
	e := &store.Entry{Group: fresh("One", "+5511987654321"), Scope: "s", Key: "k", Content: "c"}
	if err := st.Records.Claim(t.Context(), []*store.Entry{e}, nil); err != nil {
		t.Fatal(err)
	}
	if err := st.Records.Record(t.Context(), []*store.Entry{e}); err == nil || !d.dead {
		t.Fatalf("Record = %v, want an error: no pipeline had a script unknown to Redis", err)
	}
	d.dead, d.spared = false, true // the next producer
	again := &store.Entry{Group: fresh("One", "+5511987654321"), Scope: "s", Key: "k", Content: "c"}
	if err := st.Records.Claim(t.Context(), []*store.Entry{again}, nil); err != nil {
		t.Fatal(err)
	}
	if again.Outcome != store.Created || again.Group.ID != e.Group.ID {
		t.Fatalf("the second Claim has outcome %v and group %s, want created and %s", again.Outcome, again.Group.ID, e.Group.ID)
	}
	if err := st.Records.Record(t.Context(), []*store.Entry{again}); err != nil {
		t.Fatal(err)
	}
	if ids, err := st.Index.Indexed(t.Context(), group.Queued, "", 10); err != nil || len(ids) != 1 {
		t.Errorf("the queued groups are %v, %v; want one", ids, err)
	}
}

// A producer that was frozen for a day between Claim and Record finds its claim gone, or another request's.
func TestRecordsRecord_WritesNothingForAClaimThatHasLapsed(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]string{"gone": "", "another's": "grp_other\x00c"} {
		rdb := testutil.Redis(t)
		st := open(t, rdb)
		e := &store.Entry{Group: fresh("One", "+5511987654321"), Scope: "s", Key: "k", Content: "c"}
		if err := st.Records.Claim(t.Context(), []*store.Entry{e}, nil); err != nil {
			t.Fatal(err)
		}
		claims, err := rdb.Keys(t.Context(), "rollcall:key:*").Result()
		if err != nil || len(claims) != 1 {
			t.Fatalf("the claims are %q, %v; want one", claims, err)
		}
		if rdb.Del(t.Context(), claims[0]); later != "" {
			rdb.Set(t.Context(), claims[0], later, 0)
		}
		if err := st.Records.Record(t.Context(), []*store.Entry{e}); err == nil {
			t.Errorf("%s: Record = nil, want an error", name)
		}
		if _, err := st.Records.Load(t.Context(), e.Group.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: the record is there (%v), want none", name, err)
		}
	}
}

// released deletes the claims of keys once, after the first pipeline.
type released struct {
	rdb  redis.UniversalClient
	keys []string
}

func (r *released) DialHook(next redis.DialHook) redis.DialHook { return next }

func (r *released) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (r *released) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		if keys := r.keys; len(keys) > 0 {
			r.keys = nil
			err = errors.Join(err, r.rdb.Del(ctx, keys...).Err())
		}
		return err
	}
}

func TestRecordsClaim_AKeyGivenBackInBetweenIsFree(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	st := open(t, rdb)
	entry := func() *store.Entry {
		return &store.Entry{Group: fresh("One", "+5511987654321"), Scope: "s", Key: "k", Content: "c"}
	}
	if err := st.Records.Claim(t.Context(), []*store.Entry{entry()}, nil); err != nil {
		t.Fatal(err)
	}
	rdb.AddHook(&released{rdb, rdb.Keys(t.Context(), "rollcall:key:*").Val()})
	e := entry()
	id := e.Group.ID
	if err := st.Records.Claim(t.Context(), []*store.Entry{e}, nil); err != nil {
		t.Fatal(err)
	}
	if e.Outcome != store.Created || e.Group.ID != id {
		t.Errorf("Claim gave the outcome %v and the id %q, want created and %q", e.Outcome, e.Group.ID, id)
	}
}

// twice sends each pipeline again, as a client does whose answer is lost.
type twice struct{}

func (twice) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (twice) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (twice) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		_ = next(ctx, cmds)
		return next(ctx, cmds)
	}
}

func TestRecordsRecord_TheSecondOfTwoRunsIsATwin(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t).Client()
	st := open(t, rdb)
	rdb.AddHook(twice{})
	var runs []*store.Entry
	for range 2 {
		e := &store.Entry{Group: fresh("One", "+5511987654321"), Scope: "s", Key: "k", Content: "c"}
		if err := st.Records.Claim(t.Context(), []*store.Entry{e}, nil); err != nil {
			t.Fatal(err)
		}
		runs = append(runs, e)
	}
	for i, e := range runs {
		if err := st.Records.Record(t.Context(), []*store.Entry{e}); err != nil || e.Twin != (i == 1) {
			t.Errorf("run %d: Record gave %v and the twin %t, want one of the other run only", i+1, err, e.Twin)
		}
	}
}

func TestRecordsKnown_FailsWithoutTheSuppressionList(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	if err := rdb.Set(t.Context(), "rollcall:suppressed", "damaged", 0).Err(); err != nil {
		t.Fatal(err)
	}
	e := &store.Entry{Group: fresh("One", "+5511987654321"), Scope: "s", Key: "k", Content: "c"}
	if err := st.Records.Known(t.Context(), []*store.Entry{e}); !store.IsWrongType(err) {
		t.Errorf("Known = %v, want an error: whether the person is suppressed is unknown", err)
	}
}

func TestRecordsKnown_ARequestWhoseAcceptanceWasCutIsNew(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	entry := func() *store.Entry {
		return &store.Entry{Group: fresh("One", "+5511987654321"), Scope: "s", Key: "k", Content: "c"}
	}
	cut := entry()
	if err := st.Records.Claim(t.Context(), []*store.Entry{cut}, nil); err != nil {
		t.Fatal(err)
	}
	known := entry()
	if err := st.Records.Known(t.Context(), []*store.Entry{known}); err != nil {
		t.Fatal(err)
	}
	if known.Outcome != store.Created || known.Group.ID != cut.Group.ID {
		t.Errorf("before the record Known gave the outcome %v and the id %s, want created and %s, as Claim does", known.Outcome, known.Group.ID, cut.Group.ID)
	}
	if err := st.Records.Record(t.Context(), []*store.Entry{cut}); err != nil {
		t.Fatal(err)
	}
	known = entry()
	if err := st.Records.Known(t.Context(), []*store.Entry{known}); err != nil || known.Outcome != store.Existed {
		t.Errorf("after the record Known gave the outcome %v, %v; want existed", known.Outcome, err)
	}
}
