package store_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// claiming is called after each command that has changed the claim of a key or tried to.
type claiming func(command string)

func (claiming) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c claiming) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		at := map[string]int{"set": 1, "evalsha": 3, "eval": 3}[cmd.Name()]
		if err == nil && at > 0 && strings.HasPrefix(fmt.Sprint(cmd.Args()[at]), "rollcall:key:") {
			c(cmd.Name())
		}
		return err
	}
}

func (claiming) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// keyed returns an entry of a batch whose key follows from the group's name.
func keyed(name string) *store.Entry {
	return &store.Entry{Group: fresh(name, "+5511999990001"), Scope: "cohort", Key: name, Content: "people"}
}

// sent records an entry as a row of a file.
func sent(t *testing.T, st *store.Store, e *store.Entry) *group.Group {
	t.Helper()
	if err := errors.Join(st.Records.Claim(t.Context(), []*store.Entry{e}, nil), st.Records.Record(t.Context(), []*store.Entry{e})); err != nil {
		t.Fatal(err)
	}
	g, err := st.Records.Load(t.Context(), e.Group.ID)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// failed is sent for a group that has failed since.
func failed(t *testing.T, st *store.Store, e *store.Entry) *group.Group {
	t.Helper()
	g, err := st.Records.Update(t.Context(), sent(t, st, e).ID, func(g *group.Group, now time.Time) error { return g.NoMembers(now) })
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// A person sends one correction twice at the same moment. The second run takes over the key of the first one's draft, and
// then finds the group replaced, or crashes.
func TestRecordsSupersede_TheKeyStaysWithTheRunThatReplacedTheGroup(t *testing.T) {
	t.Parallel()
	for _, crashes := range []bool{false, true} {
		t.Run("crashes "+strconv.FormatBool(crashes), func(t *testing.T) {
			t.Parallel()
			rdb := testutil.Redis(t)
			st := open(t, rdb)
			was := failed(t, st, keyed("Truma 12"))
			first, second := keyed("Turma 12"), keyed("Turma 12")
			replaced, taken, over := make(chan struct{}), make(chan struct{}), make(chan any, 1)
			var claims, takeovers atomic.Int32
			rdb.AddHook(claiming(func(command string) {
				switch {
				case command == "set" && claims.Add(1) == 1: // the first run has its key
					go func() {
						defer func() { over <- recover() }()
						if err := st.Records.Supersede(t.Context(), was, second); !errors.Is(err, store.ErrChanged) {
							t.Errorf("the second run ends with %v, want ErrChanged", err)
						}
					}()
					<-taken
				case command != "set" && takeovers.Add(1) == 1:
					close(taken)
					if crashes {
						panic("the process is killed")
					}
					<-replaced
				}
			}))
			if err := st.Records.Supersede(t.Context(), was, first); err != nil {
				t.Fatal(err)
			}
			close(replaced)
			if killed := <-over; crashes != (killed != nil) {
				t.Fatalf("the second run panics with %v", killed)
			}
			if _, err := st.Records.MendEdits(t.Context(), time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			again := keyed("Turma 12")
			if err := st.Records.Claim(t.Context(), []*store.Entry{again}, nil); err != nil {
				t.Fatal(err)
			}
			if again.Outcome != store.Existed || again.Group.ID != first.Group.ID {
				t.Errorf("the corrected row has the outcome %d with %s; want %d with %s", again.Outcome, again.Group.ID, store.Existed, first.Group.ID)
			}
		})
	}
}

// While a correction replaces a group, a person gives the same name to another group.
func TestRecordsSupersede_NoOtherGroupTakesItsKey(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	was, other := failed(t, st, keyed("Truma 12")), sent(t, st, keyed("Turma 13"))
	first, edited := keyed("Turma 12"), keyed("Turma 12")
	var held *store.NameHeld
	var claims atomic.Int32
	rdb.AddHook(claiming(func(string) {
		if claims.Add(1) > 1 {
			return
		}
		if _, err := st.Records.Edit(t.Context(), other, edited); !errors.As(err, &held) {
			t.Errorf("the other group's edit ends with %v, want NameHeld", err)
		}
	}))
	if err := st.Records.Supersede(t.Context(), was, first); err != nil || claims.Load() == 0 {
		t.Fatal(err)
	}
	if held == nil || held.By != first.Group.ID {
		t.Errorf("the name is held by %+v, want %s", held, first.Group.ID)
	}
}
