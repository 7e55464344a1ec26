package notify

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	queues "github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestMain(m *testing.M) {
	testutil.Waiting(4)
	testutil.Main(m)
}

const secret = "whsec_cGxhbnRlZC13ZWJob29rLXNlY3JldC10ZXh0"

// table holds the pauses that the specification of Standard Webhooks suggests.
var table = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour,
	14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// rig is a Webhooks with a Redis of its own. The test runs the tasks of its queue and sets its clock.
type rig struct {
	*Webhooks
	t     *testing.T
	queue *agenda
	logs  *book
	rdb   redis.UniversalClient
	clock *clock
}

// clock is the workers' time.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// agenda is the queue: each id once, in the order of Put.
type agenda struct {
	mu    sync.Mutex
	tasks []tasks.Task
	puts  map[string]int // how often each id was put as a new one
	fail  func() error
}

func (a *agenda) Put(ctx context.Context, ts ...tasks.Task) error {
	_, err := a.PutMissing(ctx, ts...)
	return err
}

func (a *agenda) PutMissing(_ context.Context, ts ...tasks.Task) (missing []tasks.Task, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range ts {
		if a.fail != nil {
			if err := a.fail(); err != nil {
				return missing, err
			}
		}
		if slices.ContainsFunc(a.tasks, func(o tasks.Task) bool { return o.ID == t.ID }) {
			continue
		}
		a.puts[t.ID]++
		a.tasks, missing = append(a.tasks, t), append(missing, t)
	}
	return missing, nil
}

func (a *agenda) Hasten(context.Context, tasks.Task) (bool, error) { return false, nil }

// take empties the queue.
func (a *agenda) take() []tasks.Task {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := a.tasks
	a.tasks = nil
	return all
}

// book keeps what was logged.
type book struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// to returns an endpoint that may be on this machine. It wants the given events, or all if none are given.
func to(url string, events ...string) Endpoint {
	if events == nil {
		events = []string{"*"}
	}
	return Endpoint{URL: url, Host: strings.TrimPrefix(url, "http://"), Secrets: []string{secret}, Events: events, AllowPrivate: true}
}

func openStore(t *testing.T, rdb redis.UniversalClient) *store.Store {
	t.Helper()
	st, err := store.Open(context.Background(), rdb, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func newRig(t *testing.T, rdb redis.UniversalClient, endpoints ...Endpoint) *rig {
	t.Helper()
	st := openStore(t, rdb)
	pacer := pacing.New(rdb)
	t.Cleanup(pacer.Close)
	r := &rig{
		t: t, rdb: rdb, queue: &agenda{puts: map[string]int{}}, logs: &book{},
		clock: &clock{now: time.Now().UTC().Truncate(time.Millisecond)},
	}
	var err error
	r.Webhooks, err = New(Config{
		Store: st, Queue: r.queue, Documents: view.New(st, pacer, queues.New(rdb, st.Lines)), Worker: "w-" + t.Name(),
		Settings: Settings{Endpoints: endpoints, Timeout: testutil.Timeout, Retries: table},
		Now:      r.clock.Now, Random: func() float64 { return 0 }, Log: zerolog.New(r.logs).Level(zerolog.DebugLevel),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.client.Close)
	if err := r.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// pass runs the dispatcher until no events are left.
func (r *rig) pass() {
	r.t.Helper()
	if led, err := r.Pass(r.t.Context(), -1); err != nil || !led {
		r.t.Fatalf("Pass: led %v, %v, want true", led, err)
	}
}

// work runs each task on the queue once and returns their errors.
func (r *rig) work() []error {
	r.t.Helper()
	var errs []error
	for _, t := range r.queue.take() {
		errs = append(errs, r.Do(r.t.Context(), t))
	}
	return errs
}

// notices returns all events, oldest first.
func (r *rig) notices() []*store.Notice {
	r.t.Helper()
	ids, err := r.Store.Outbox.NoticesBetween(r.t.Context(), time.Time{}, time.Time{}, "", 1000)
	if err != nil {
		r.t.Fatal(err)
	}
	all, err := r.Store.Outbox.Notices(r.t.Context(), ids)
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}

func (r *rig) types() []string {
	r.t.Helper()
	types := []string{}
	for _, n := range r.notices() {
		types = append(types, n.Type)
	}
	return types
}

// accept records a group as a producer would.
func accept(t *testing.T, st *store.Store, change func(g *group.Group), people ...string) *group.Group {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Millisecond)
	g := &group.Group{
		ID: group.NewID(), Name: "Turma 12", AutoInvite: true, Target: tasks.Target{Instance: "alpha"}, Priority: tasks.Normal,
		Status: group.Queued, CreatedAt: now, UpdatedAt: now, ExternalRef: "deal-812",
	}
	for _, p := range people {
		g.Members = append(g.Members, group.Member{Number: phone.Number(p), Input: p, Status: group.Pending, UpdatedAt: now})
	}
	if change != nil {
		change(g)
	}
	entries := []*store.Entry{{Group: g}}
	if err := st.Records.Record(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	return g
}

// move changes a group as a worker would.
func move(t *testing.T, st *store.Store, g *group.Group, change func(g *group.Group, now time.Time) error) {
	t.Helper()
	if _, err := st.Records.Update(t.Context(), g.ID, change); err != nil {
		t.Fatal(err)
	}
}

func created(whatsApp string) func(g *group.Group, now time.Time) error {
	return func(g *group.Group, now time.Time) error {
		g.Begin("w", "alpha", time.Minute, alive, now)
		return g.Created(g.Latest().N, group.Answer{GroupID: whatsApp, InviteLink: "https://chat.whatsapp.com/abc?a=1&b=2"}, now)
	}
}

// called is a roll call that finds these people in the group.
func called(in ...string) func(g *group.Group, now time.Time) error {
	return func(g *group.Group, now time.Time) error {
		r := group.Reading{Complete: true}
		for _, p := range in {
			r.People = append(r.People, phone.Identity{Digits: strings.TrimPrefix(p, "+")})
		}
		return g.CallRoll(r, true, now)
	}
}

func invited(i int) func(g *group.Group, now time.Time) error {
	return func(g *group.Group, now time.Time) error {
		g.BeginInvite(i, "w", time.Minute, alive, now)
		return g.Invited(i, "m1", now)
	}
}

func refused(g *group.Group, now time.Time) error {
	g.Begin("w", "alpha", time.Minute, alive, now)
	return g.Refused(g.Latest().N, group.Answer{HTTPStatus: 400, Error: say.Words("no")}, now)
}

// inbox is a receiver of webhooks. It keeps what it gets.
type inbox struct {
	*httptest.Server
	mu   sync.Mutex
	mail []letter
}

type letter struct {
	header http.Header
	body   []byte
	parsed struct {
		Type      string
		Timestamp time.Time
		Data      map[string]any
	}
}

// listen starts a receiver that answers with answer, or with 204 if answer is nil.
func listen(t *testing.T, answer http.HandlerFunc) *inbox {
	t.Helper()
	in := &inbox{}
	in.Server = httptest.NewServer(in.handler(t, answer))
	t.Cleanup(in.Close)
	return in
}

func (in *inbox) handler(t *testing.T, answer http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l := letter{header: r.Header.Clone()}
		l.body, _ = io.ReadAll(r.Body)
		if err := json.Unmarshal(l.body, &l.parsed); err != nil {
			t.Errorf("a receiver got invalid JSON: %v", err)
		}
		in.mu.Lock()
		in.mail = append(in.mail, l)
		in.mu.Unlock()
		if answer == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		answer(w, r)
	})
}

func (in *inbox) letters() []letter {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.mail)
}

// contents returns the types of the letters.
func (in *inbox) contents() []string {
	var all []string
	for _, l := range in.letters() {
		all = append(all, l.parsed.Type)
	}
	return all
}
