package bench

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// TestViews_ManyGroupsNeedTheCommandsOfFew checks every view that the bench times: with six times the groups it sends
// Redis the same commands and gets answers of about the same size.
func TestViews_ManyGroupsNeedTheCommandsOfFew(t *testing.T) {
	t.Parallel()
	few, many := counted(t, fewGroups), counted(t, 6*fewGroups)
	for name, a := range few {
		b := many[name]
		if strings.Contains(name, "bulk, dry run") || name == "page, bulk" { // these read few groups one by one
			continue
		}
		if diff := cmp.Diff(a.sent, b.sent); diff != "" {
			t.Errorf("%s: the commands with few (-) and many groups (+) differ:\n%s", name, diff)
		}
		grows := 1.1
		if strings.Contains(name, "phone") { // one more level of lists of a thousand entries each (store/persons.go)
			grows = 1.5
		}
		if float64(b.bytes) > grows*float64(a.bytes) {
			t.Errorf("%s: with %d groups Redis answers %d bytes, with %d it answers %d, want at most %g times as many", name, fewGroups, a.bytes, 6*fewGroups, b.bytes, grows)
		}
	}
}

// counted returns, by view, what one look at it costs in an installation of this many groups.
func counted(t *testing.T, groups int) map[string]commands {
	t.Helper()
	conn, err := redisconn.Open(t.Context(), "redis://"+testutil.RealRedis(t).Addr+"/0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	count := &counter{sent: map[string]int{}}
	conn.Client().AddHook(count)
	f, err := newFixture(t.Context(), conn, 1, groups, millionInstances)
	if err != nil {
		t.Fatal(err)
	}
	announce(t, conn)
	if f.desk, err = newDesk(t.Context(), conn.Client()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.close)
	all := map[string]commands{}
	for name, ask := range f.views() {
		for range 2 { // the first one connects and loads scripts
			count.reset()
			before := answered(t, conn)
			if err := f.send(t.Context(), ask()); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			bytes := answered(t, conn) - before
			all[name] = commands{count.taken(), bytes}
		}
	}
	return all
}

// announce announces instances as a worker does.
func announce(t *testing.T, conn *redisconn.Conn) {
	t.Helper()
	st, err := store.Open(t.Context(), conn.Client(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	now, err := st.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []store.Announcement
	for i := range millionInstances {
		all = append(all, store.Announcement{Name: nameOf(i), Provider: "zapi", Pools: []string{tasks.DefaultPool}, SeenAt: now, Create: pacing.Pace{Every: time.Hour, PerDay: 20}})
	}
	if err := st.Presence.Announce(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if err := st.Presence.Beat(t.Context(), store.Worker{ID: "w", Host: "h", StartedAt: now, Lanes: millionInstances}); err != nil {
		t.Fatal(err)
	}
}

// commands holds how often each command was sent to Redis, by name, and how many bytes Redis answered.
type commands struct {
	sent  map[string]int
	bytes int
}

// answered returns how many bytes Redis has sent so far.
func answered(t *testing.T, conn *redisconn.Conn) int {
	t.Helper()
	text, err := infoOf(t.Context(), conn.Client(), "stats", "total_net_output_bytes")
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// counter counts commands by name.
type counter struct {
	mu   sync.Mutex
	sent map[string]int
}

func (c *counter) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = map[string]int{}
}

// taken returns the counts, without the INFO of answered.
func (c *counter) taken() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.sent, "info")
	return c.sent
}

func (c *counter) note(cmds ...redis.Cmder) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cmd := range cmds {
		c.sent[cmd.Name()]++
	}
}

func (c *counter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *counter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { c.note(cmd); return next(ctx, cmd) }
}

func (c *counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { c.note(cmds...); return next(ctx, cmds) }
}
