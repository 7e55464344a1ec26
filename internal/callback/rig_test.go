package callback_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/callback"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider/gowa"
	"github.com/rollcallhq/rollcall/internal/provider/greenapi"
	"github.com/rollcallhq/rollcall/internal/provider/zapi"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestMain(m *testing.M) { testutil.Main(m) }

const (
	secret = "0123456789abcdef0123456789abcdef"
	own    = "5511900000000"
	ana    = "5511900000001"
	bia    = "5511900000002"
	caz    = "5511900000003"
)

// rig is a handler behind a real server, with a done group of one of its instances: ana was added,
// bia and caz were invited by the messages M-bia and M-caz.
type rig struct {
	t     *testing.T
	redis *testutil.Meddler
	store *store.Store
	rests *resting
	queue *agenda
	log   *strings.Builder
	close func()
	url   string
	wire  http.RoundTripper // its own: any test server that closes ends the idle connections of http.DefaultTransport
	group string
	wa    string
	other string // the instance of the other provider, to which no webhook may be applied by mistake
}

// agenda is a queue that keeps the tasks put onto it.
type agenda struct {
	mu    sync.Mutex
	tasks map[string]tasks.Task
}

func (a *agenda) Put(_ context.Context, ts ...tasks.Task) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range ts {
		a.tasks[t.ID] = t
	}
	return nil
}

func (a *agenda) ids() (all []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id := range a.tasks {
		all = append(all, id)
	}
	return all
}

// resting notes why an instance must rest.
type resting struct {
	mu      sync.Mutex
	reasons []string
	fault   error
}

func (r *resting) Rest(_ context.Context, _ string, _ pacing.Rest, why pacing.Why) (time.Time, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reasons = append(r.reasons, why.Said.String())
	return time.Time{}, r.fault
}

// start runs the handler until the end of the test, with a done group of this instance.
func start(t *testing.T, instance string, changes ...func(*callback.Config)) *rig {
	t.Helper()
	rdb := testutil.Redis(t)
	st, err := store.Open(t.Context(), rdb, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{
		t: t, redis: testutil.Meddle(rdb), store: st, rests: &resting{}, queue: &agenda{tasks: map[string]tasks.Task{}}, log: &strings.Builder{},
		wa: "120363000000000001-group", other: map[string]string{"zapi": "greenapi", "greenapi": "zapi"}[instance],
	}
	if instance == "greenapi" {
		r.wa = "120363000000000001@g.us"
	}
	if err := st.Presence.Announce(t.Context(), []store.Announcement{{Name: "zapi", Provider: "zapi"}, {Name: "greenapi", Provider: "greenapi"}}); err != nil {
		t.Fatal(err)
	}
	c := callback.Config{
		Doors: []callback.Door{
			{Instance: "zapi", Callback: zapi.Spec.Callback, InstanceID: "I1", Secret: secret},
			{Instance: "greenapi", Callback: greenapi.Spec.Callback, InstanceID: "7105000001", Secret: secret},
			{Instance: "gowa", Callback: gowa.Spec.Callback, InstanceID: "class", Secret: secret},
			{Instance: "shut", Callback: zapi.Spec.Callback, InstanceID: "I2"},
		},
		Store: st, Queue: r.queue, Rests: r.rests, Rest: pacing.Rest{Initial: time.Hour}, Log: zerolog.New(zerolog.SyncWriter(r.log)),
	}
	for _, change := range changes {
		change(&c)
	}
	handler := callback.New(c)
	server := httptest.NewServer(handler)
	r.close = sync.OnceFunc(func() {
		server.Close()
		handler.Close()
	})
	t.Cleanup(r.close)
	r.url, r.wire = server.URL, server.Client().Transport
	r.group = r.doneGroup(instance)
	return r
}

// doneGroup stores a group and takes it to its end by the steps of a worker. It returns the id.
func (r *rig) doneGroup(instance string) string {
	r.t.Helper()
	now := time.Now().UTC().Truncate(time.Millisecond)
	g := &group.Group{
		ID: group.NewID(), Name: "Turma 12", AutoInvite: true, Target: tasks.Target{Instance: instance}, Instance: instance,
		Priority: tasks.Normal, Status: group.Queued, CreatedAt: now, UpdatedAt: now,
	}
	for _, p := range []string{ana, bia, caz} {
		g.Members = append(g.Members, group.Member{Number: phone.Number("+" + p), Input: p, Status: group.Pending, UpdatedAt: now})
	}
	entries := []*store.Entry{{Group: g}}
	if err := errors.Join(r.store.Records.Claim(r.t.Context(), entries, nil), r.store.Records.Record(r.t.Context(), entries)); err != nil {
		r.t.Fatal(err)
	}
	reading := group.Reading{Complete: true, People: []phone.Identity{{Digits: own}, {Digits: ana}}, Self: phone.Identity{Digits: own}}
	r.change(g.ID, func(g *group.Group, now time.Time) error {
		g.Begin("w", instance, time.Minute, nil, now)
		err := errors.Join(g.Created(1, group.Answer{GroupID: r.wa}, now), g.CallRoll(reading, true, now))
		for i, message := range []string{"M-bia", "M-caz"} {
			g.BeginInvite(1+i, "w", time.Minute, nil, now)
			err = errors.Join(err, g.Invited(1+i, message, now))
		}
		return err
	})
	owner, err := r.store.Records.ClaimWhatsApp(r.t.Context(), r.wa, g.ID)
	if err != nil || owner != g.ID {
		r.t.Fatalf("claim of %s: got owner %q, %v; want %s", r.wa, owner, err, g.ID)
	}
	for i, message := range []string{"M-bia", "M-caz"} {
		if _, err := r.store.People.RememberMessage(r.t.Context(), instance, message, g.ID, 1+i); err != nil {
			r.t.Fatal(err)
		}
	}
	return g.ID
}

func (r *rig) change(id string, change func(g *group.Group, now time.Time) error) {
	r.t.Helper()
	if _, err := r.store.Records.Update(r.t.Context(), id, change); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) load() *group.Group {
	r.t.Helper()
	g, err := r.store.Records.Load(r.t.Context(), r.group)
	if err != nil {
		r.t.Fatal(err)
	}
	return g
}

// send posts a webhook and returns the answer's status.
func (r *rig) send(path, body string, header ...string) int {
	r.t.Helper()
	return r.do(http.MethodPost, path, body, header...)
}

func (r *rig) do(method, path, body string, header ...string) int {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := r.wire.RoundTrip(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if answer, err := io.ReadAll(resp.Body); err != nil || strings.Contains(string(answer), secret) {
		r.t.Errorf("got answer %q, %v; want one without the secret", answer, err)
	}
	return resp.StatusCode
}

// doubted says whether the state of an instance must be read again.
func (r *rig) doubted(instance string) bool {
	r.t.Helper()
	all, err := r.store.Presence.Instances(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return !all[instance].DoubtedAt.IsZero()
}
