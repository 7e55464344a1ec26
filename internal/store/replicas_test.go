package store_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func always(*group.Group) bool { return true }

// replicated calls Replicated until the replica has confirmed the write. On a busy machine the replica may need longer
// than one call waits.
func replicated(t *testing.T, st *store.Store, id string, holds func(*group.Group) bool) (err error) {
	t.Helper()
	testutil.Until(t, "the replica has confirmed", func() bool {
		err = st.Records.Replicated(t.Context(), id, holds)
		return err == nil || !strings.Contains(err.Error(), "0 of 1")
	})
	return err
}

func TestStoreReplicated_AWriteIsReplicatedOrTheErrorSaysSo(t *testing.T) {
	t.Parallel()
	master := testutil.RealRedis(t)
	replica := testutil.Replica(t, master)
	st, err := store.Open(t.Context(), master.Client(), store.Options{Replicas: 1})
	if err != nil {
		t.Fatal(err)
	}
	g := fresh("Turma", "+5511999990001")
	if err := st.Records.Record(t.Context(), []*store.Entry{{Group: g}}); err != nil {
		t.Fatal(err)
	}
	if err := replicated(t, st, g.ID, always); err != nil {
		t.Errorf("with a replica: got %v, want no error", err)
	}
	if n := replica.Client().Exists(t.Context(), "rollcall:{"+g.ID+"}").Val(); n != 1 {
		t.Errorf("the replica has %d records, want 1", n)
	}
	if err := st.Records.Replicated(t.Context(), g.ID, func(*group.Group) bool { return false }); !errors.Is(err, store.ErrGone) {
		t.Errorf("a record that holds something else: got %v, want ErrGone", err)
	}
	if err := st.Records.Replicated(t.Context(), group.NewID(), always); !errors.Is(err, store.ErrGone) {
		t.Errorf("a record that does not exist: got %v, want ErrGone", err)
	}
	replica.Freeze()
	if err := st.Records.Replicated(t.Context(), g.ID, always); err == nil || !strings.Contains(err.Error(), "0 of 1") {
		t.Errorf("with a replica that does not answer: got %v, want \"0 of 1\"", err)
	}
	replica.Thaw()
}

func TestStoreReplicated_OpensASealedRecord(t *testing.T) {
	t.Parallel()
	master := testutil.RealRedis(t)
	testutil.Replica(t, master)
	st, err := store.Open(t.Context(), master.Client(), store.Options{Replicas: 1, EncryptionKey: masterKey("k1")})
	if err != nil {
		t.Fatal(err)
	}
	g := secretGroup()
	accept(t, st, g)
	seen := false
	err = replicated(t, st, g.ID, func(g *group.Group) bool { seen = g.Message == secretText; return seen })
	if err != nil || !seen {
		t.Errorf("Replicated of a sealed record = %v, want none; opened: %v, want true", err, seen)
	}
}

func TestRecordsReplicated_OnAClusterAsksTheMasterOfTheRecord(t *testing.T) {
	t.Parallel()
	st, err := store.Open(t.Context(), testutil.Cluster(t).Client(), store.Options{Replicas: 1})
	if err != nil {
		t.Fatal(err)
	}
	var asked sync.WaitGroup // all at once: each answer takes a second
	for range 5 {
		asked.Go(func() {
			g := fresh("Turma", "+5511999990001")
			if err := st.Records.Record(t.Context(), []*store.Entry{{Group: g}}); err != nil {
				t.Error(err)
				return
			}
			if err := st.Records.Replicated(t.Context(), g.ID, always); err == nil || !strings.Contains(err.Error(), "0 of 1") {
				t.Errorf("a master without replicas: got %v, want \"0 of 1\"", err)
			}
		})
	}
	asked.Wait()
}

// A failover may lose a write, and another write then gets the same revision. A worker that still holds the lost record
// must not write over the other.
func TestALostWriteIsNoLicenceToOverwriteAnotherOfItsRevision(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st, err := store.Open(t.Context(), rdb, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	g := fresh("Turma", "+5511999990001")
	if err := st.Records.Record(t.Context(), []*store.Entry{{Group: g}}); err != nil {
		t.Fatal(err)
	}
	record := "rollcall:{" + g.ID + "}"
	before := rdb.Get(t.Context(), record).Val()
	begin := func(owner string) func(g *group.Group, now time.Time) error {
		return func(g *group.Group, now time.Time) error {
			if g.Begin(owner, "alpha", time.Minute, func(string) bool { return true }, now) != group.Go {
				return group.ErrState
			}
			return nil
		}
	}
	_, at, err := st.Records.LoadNow(t.Context(), g.ID)
	if err != nil {
		t.Fatal(err)
	}
	lost, err := st.Records.Update(t.Context(), g.ID, begin("one"))
	if err != nil {
		t.Fatal(err)
	}
	rdb.Set(t.Context(), record, before, 0) // the failover
	if _, err := st.Records.Update(t.Context(), g.ID, begin("two")); err != nil {
		t.Fatal(err)
	}
	_, err = st.Records.Amend(t.Context(), lost, at, func(g *group.Group, now time.Time) error {
		if g.Latest().Owner == "one" {
			return g.NotSent(1, group.Answer{}, time.Hour, now)
		}
		return group.ErrState
	})
	now, loadErr := st.Records.Load(t.Context(), g.ID)
	if !errors.Is(err, group.ErrState) || loadErr != nil || now.Status != group.Creating || now.Latest().Owner != "two" {
		t.Errorf("Amend of the lost record = %v, want ErrState; the record is %+v, %v; want the intent of two", err, now, loadErr)
	}
}

// BenchmarkAnIntentOnItsReplica measures what redis.wait_replicas costs each call.
func BenchmarkAnIntentOnItsReplica(b *testing.B) {
	master := testutil.RealRedis(b)
	testutil.Replica(b, master)
	for name, n := range map[string]int{"no replica is asked": 0, "one replica is asked": 1} {
		b.Run(name, func(b *testing.B) {
			st, err := store.Open(b.Context(), master.Client(), store.Options{Replicas: n})
			if err != nil {
				b.Fatal(err)
			}
			g := fresh("Turma", "+5511999990001")
			if err := st.Records.Record(b.Context(), []*store.Entry{{Group: g}}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := st.Records.Update(b.Context(), g.ID, func(g *group.Group, _ time.Time) error { g.Tries++; return nil }); err != nil {
					b.Fatal(err)
				}
				if err := st.Records.Replicated(b.Context(), g.ID, always); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
