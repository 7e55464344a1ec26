package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/metrics"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

func TestMain(m *testing.M) {
	testutil.Waiting(4)
	testutil.Main(m)
}

// rig is an API with its own Redis, served over real HTTP.
type rig struct {
	t      *testing.T
	url    string
	api    *api.API
	server *httptest.Server
	store  *store.Store
	rdb    redis.UniversalClient
	log    *lines
	key    string // sent with every request; "" for none
	spec   *spec
}

// keysOf has the API key of each role in a keyed rig.
var keysOf = map[string]string{"viewer": "rck_viewer", "operator": "rck_operator", "admin": "rck_admin"}

func setup(t *testing.T, change ...func(*api.Config)) *rig {
	t.Helper()
	return setupOn(t, testutil.Redis(t), change...)
}

func setupOn(t *testing.T, rdb redis.UniversalClient, change ...func(*api.Config)) *rig {
	t.Helper()
	ctx := context.Background()
	st, err := store.Open(ctx, rdb, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := enqueue.New(ctx, rdb, enqueue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	q, pacer := queue.New(rdb, st.Lines), pacing.New(rdb)
	t.Cleanup(pacer.Close)
	m := metrics.New()
	reader := view.New(st, pacer, q)
	m.Watch(reader)
	r := &rig{t: t, store: st, rdb: rdb, log: &lines{}}
	c := api.Config{
		Auth: auth.New(auth.Config{Trail: st.Trail, Log: zerolog.New(r.log)}), Store: st, Status: reader, Enqueue: client,
		Control: operate.New(operate.Config{Store: st, Queue: q, Pacer: pacer, Audit: &audit.Log{Trail: st.Trail}}),
		Ping:    func(ctx context.Context) error { return rdb.Ping(ctx).Err() },
		Metrics: m.Handler(), Log: zerolog.New(r.log), Heartbeat: 50 * time.Millisecond,
	}
	for _, f := range change {
		f(&c)
	}
	r.api = api.New(c)
	r.server = httptest.NewServer(r.api)
	r.url = r.server.URL
	r.spec = readSpec(t, r.do("GET", "/openapi.json", "").body)
	t.Cleanup(func() {
		r.api.Close()
		r.server.Close()
	})
	return r
}

// keyed gives the API a key for each role.
func keyed(c *api.Config) {
	for role, key := range keysOf {
		parsed, _ := auth.ParseRole(role)
		c.Auth.Keys = append(c.Auth.Keys, auth.Key{Name: role, Hash: sha256.Sum256([]byte(key)), Role: parsed})
	}
}

// answer is a response whose body has been read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do sends a request. Headers are "Name: value".
func (r *rig) do(method, path, body string, headers ...string) answer {
	r.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if r.key != "" {
		req.Header.Set("Authorization", "Bearer "+r.key)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
	return r.send(req)
}

// send sends a request, and checks it and its answer against the OpenAPI document.
func (r *rig) send(req *http.Request) answer {
	r.t.Helper()
	var sent []byte
	streamed := req.Body != nil && req.GetBody == nil // the body cannot be read twice
	if req.GetBody != nil {
		body, _ := req.GetBody()
		sent, _ = io.ReadAll(body)
	}
	resp, err := r.server.Client().Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	a := answer{resp.StatusCode, resp.Header, data}
	if r.spec != nil && !streamed {
		if err := r.spec.check(req, sent, a); err != nil {
			r.t.Errorf("%s %s -> %d: %v\n%s", req.Method, req.URL, a.status, err, data)
		}
	}
	return a
}

// json decodes the body.
func (a answer) json(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		t.Fatalf("decoding the answer: %v: %s", err, a.body)
	}
}

// problem checks that the answer is a complete problem with the status, and returns it.
func (a answer) problem(t *testing.T, status int) api.Problem {
	t.Helper()
	var p api.Problem
	if a.status != status {
		t.Fatalf("got status %d, want %d: %s", a.status, status, a.body)
	}
	if kind := a.header.Get("Content-Type"); kind != "application/problem+json" {
		t.Fatalf("got content type %q, want application/problem+json: %s", kind, a.body)
	}
	a.json(t, &p)
	if p.Status != status || p.Title == "" || p.Detail == "" || p.Type == "" || p.RequestID != a.header.Get("X-Request-Id") {
		t.Errorf("the problem lacks a field, or its request id is not %q: %s", a.header.Get("X-Request-Id"), a.body)
	}
	return p
}

func (r *rig) create(body string) group.Document {
	r.t.Helper()
	var d group.Document
	a := r.do("POST", "/v1/groups", body)
	if a.status != http.StatusAccepted {
		r.t.Fatalf("create: got %d, want 202: %s", a.status, a.body)
	}
	a.json(r.t, &d)
	return d
}

// announce announces instances and sends a heartbeat, as a worker does. Only alpha can answer requests to join.
func (r *rig) announce(names ...string) {
	r.t.Helper()
	for _, name := range names {
		if err := r.store.Presence.Announce(context.Background(), []store.Announcement{{
			Name: name, Provider: "zapi", Pools: []string{"default"}, SeenAt: time.Now(), Create: pacing.Pace{Every: time.Minute}, Answers: name == "alpha",
		}}); err != nil {
			r.t.Fatal(err)
		}
	}
	if err := r.store.Presence.Beat(context.Background(), store.Worker{ID: "w1", Host: "h", StartedAt: time.Now(), Lanes: 2}); err != nil {
		r.t.Fatal(err)
	}
}

const oneGroup = `{"groupName": "Turma 12", "phones": ["5544999999999", 79001234567]}`
