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

// dying is a client whose process dies as soon as a pipeline had a script that Redis does not know.
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

// A Redis that was just started knows no script, so the index is written at the second try. A
// producer that dies between the two must not leave a record that no list shows: the next one would
// take it for accepted.
func TestARecordIsNeverThereBeforeItsIndex(t *testing.T) {
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
		t.Fatalf("the producer has not died: %v", err)
	}
	d.dead, d.spared = false, true // the next producer
	again := &store.Entry{Group: fresh("One", "+5511987654321"), Scope: "s", Key: "k", Content: "c"}
	if err := st.Records.Claim(t.Context(), []*store.Entry{again}, nil); err != nil {
		t.Fatal(err)
	}
	if again.Outcome != store.Created || again.Group.ID != e.Group.ID {
		t.Fatalf("the row is %v as %s, want created as %s", again.Outcome, again.Group.ID, e.Group.ID)
	}
	if err := st.Records.Record(t.Context(), []*store.Entry{again}); err != nil {
		t.Fatal(err)
	}
	if ids, err := st.Index.Indexed(t.Context(), group.Queued, "", 10); err != nil || len(ids) != 1 {
		t.Errorf("the lists show %v, %v", ids, err)
	}
}
