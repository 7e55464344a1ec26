package admin_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/admin"
	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestMain(m *testing.M) { testutil.Main(m) }

// rig is the page as the API serves it over HTTP, with its own Redis and a browser that keeps cookies.
type rig struct {
	t      testing.TB
	url    string
	page   *admin.Page
	auth   *auth.Authenticator
	store  *store.Store
	rdb    redis.UniversalClient
	client *http.Client
	enter  *enqueue.Client
}

var keyOf = map[string]string{"viewer": "rck_viewer", "operator": "rck_operator", "admin": "rck_admin"}

func keys() []auth.Key {
	var all []auth.Key
	for _, role := range []string{"viewer", "operator", "admin"} {
		parsed, _ := auth.ParseRole(role)
		all = append(all, auth.Key{Name: role, Hash: sha256.Sum256([]byte(keyOf[role])), Role: parsed})
	}
	return all
}

func setup(t testing.TB, ks ...auth.Key) *rig {
	t.Helper()
	return setupOn(t, testutil.Redis(t), ks...)
}

func setupOn(t testing.TB, rdb redis.UniversalClient, ks ...auth.Key) *rig {
	t.Helper()
	return setupUnder(t, rdb, "", ks...)
}

// setupUnder serves the page under a base path. Unless that is empty, the environment is staging.
func setupUnder(t testing.TB, rdb redis.UniversalClient, base string, ks ...auth.Key) *rig {
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
	decide := operate.New(operate.Config{
		Store: st, Queue: q, Pacer: pacer, Audit: &audit.Log{Trail: st.Trail},
		Schedule: group.Schedule{VerifyLooks: []time.Duration{time.Minute}, RollLooks: []time.Duration{time.Minute}},
	})
	reader := view.New(st, pacer, q)
	who := auth.New(auth.Config{Keys: ks, Trail: st.Trail})
	page := admin.New(admin.Config{Auth: who, Enqueue: client, Store: st, Status: reader, Control: decide, Log: zerolog.Nop(), Version: "test", Zone: saoPaulo(t), BasePath: base, Environment: map[bool]string{true: "staging"}[base != ""]})
	handler := api.New(api.Config{
		Auth: who, Store: st, Status: reader, Control: decide, Enqueue: client, Log: zerolog.Nop(), Page: page, BasePath: base,
		Ping: func(ctx context.Context) error { return rdb.Ping(ctx).Err() }, Metrics: http.NotFoundHandler(),
	})
	server := httptest.NewServer(handler)
	jobs := operate.NewRunner(operate.RunnerConfig{Control: decide, Name: "page", Poll: 20 * time.Millisecond})
	jobs.Start(ctx)
	r := &rig{t: t, url: server.URL, page: page, auth: who, store: st, rdb: rdb, enter: client, client: browser(server)}
	t.Cleanup(func() {
		handler.Close()
		server.Close()
		page.Close()
		jobs.Stop()
	})
	return r
}

// saoPaulo returns the time zone of the page, which differs from UTC.
func saoPaulo(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// browser returns a client that keeps cookies and does not follow redirects, so that tests see them.
func browser(server *httptest.Server) *http.Client {
	jar, _ := cookiejar.New(nil) // never fails
	return &http.Client{
		Transport: server.Client().Transport, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

type answer struct {
	status int
	header http.Header
	body   string
}

// to returns the path to which an answer redirects.
func (a answer) to() string { return a.header.Get("Location") }

func (r *rig) do(method, path string, form url.Values, headers ...string) answer {
	r.t.Helper()
	if method == http.MethodPost {
		headers = append([]string{"Content-Type: application/x-www-form-urlencoded"}, headers...)
	}
	return r.doBody(method, path, strings.NewReader(form.Encode()), headers...)
}

func (r *rig) doBody(method, path string, sent io.Reader, headers ...string) answer {
	r.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, r.url+path, sent)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, html.UnescapeString(string(body))}
}

func (r *rig) get(path string, headers ...string) answer {
	r.t.Helper()
	return r.do(http.MethodGet, path, nil, headers...)
}

func (r *rig) post(path string, pairs ...string) answer {
	r.t.Helper()
	form := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		form.Set(pair[0], pair[1])
	}
	return r.do(http.MethodPost, path, form)
}

// newJar returns an empty cookie jar.
func newJar() http.CookieJar {
	jar, _ := cookiejar.New(nil) // never fails
	return jar
}

// login drops all cookies and logs in with a role's key.
func (r *rig) login(role string) {
	r.t.Helper()
	r.client.Jar = newJar()
	if a := r.post("/login", "key", keyOf[role]); a.status != http.StatusSeeOther {
		r.t.Fatalf("login as %s: got %d, want 303: %s", role, a.status, a.body)
	}
}

// accept creates a group with a reference, and returns its id.
func (r *rig) accept(name string, phones ...string) string {
	r.t.Helper()
	return r.take(tasks.GroupRequest{GroupName: name, ExternalRef: "ref " + name}, phones...)
}

// acceptFor creates a group for one instance.
func (r *rig) acceptFor(instance, name string) string {
	r.t.Helper()
	return r.take(tasks.GroupRequest{GroupName: name, Instance: instance}, "5544999999991")
}

func (r *rig) take(req tasks.GroupRequest, phones ...string) string {
	r.t.Helper()
	for _, p := range phones {
		req.Phones = append(req.Phones, tasks.Phone(p))
	}
	res, err := r.enter.Create(context.Background(), req, enqueue.Rules{})
	if err != nil || res.Error != nil {
		r.t.Fatalf("accept: %v %v", err, res.Error)
	}
	return res.ID
}

// change changes a group's record as a worker would.
func (r *rig) change(id string, do func(g *group.Group, now time.Time) error) {
	r.t.Helper()
	if _, err := r.store.Records.Update(context.Background(), id, do); err != nil {
		r.t.Fatal(err)
	}
}

// refuse makes a group fail because its provider refuses it with words.
func (r *rig) refuse(id string, status int, words string) {
	r.t.Helper()
	r.change(id, func(g *group.Group, now time.Time) error {
		g.Begin("w", "alpha", time.Minute, func(string) bool { return true }, now)
		return g.Refused(g.Latest().N, group.Answer{HTTPStatus: status, Error: say.Words(words)}, now)
	})
}

// doubt puts a group in review, with two candidates.
func (r *rig) doubt(id string) {
	r.t.Helper()
	r.change(id, func(g *group.Group, now time.Time) error {
		g.Begin("w", "alpha", time.Minute, func(string) bool { return true }, now)
		if err := g.Unknown(g.Latest().N, group.Answer{HTTPStatus: 500, Error: say.Words("Internal Server Error")}, now); err != nil {
			return err
		}
		if err := g.Looked(0, now); err != nil {
			return err
		}
		return g.Ambiguous([]group.Candidate{
			{GroupID: "120363000000000001-group", Name: g.Name, CreatedAt: now, People: 2}, {GroupID: "120363000000000002-group", Name: "Other"},
		}, now)
	})
}

// announce announces instances and sends a heartbeat, as a worker does.
func (r *rig) announce(names ...string) {
	r.t.Helper()
	now, err := r.store.Now(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, name := range names {
		if err := r.store.Presence.Announce(context.Background(), []store.Announcement{{
			Name: name, Provider: "zapi", Pools: []string{"default"}, SeenAt: now, Create: pacing.Pace{Every: time.Minute, PerDay: 20}, Answers: true,
		}}); err != nil {
			r.t.Fatal(err)
		}
	}
	if err := r.store.Presence.Beat(context.Background(), store.Worker{ID: "w", Host: "h", StartedAt: now, Lanes: 2}); err != nil {
		r.t.Fatal(err)
	}
}

// entries returns the entries of an action in the audit log.
func (r *rig) entries(action audit.Action) []store.AuditEntry {
	r.t.Helper()
	all, _, err := r.store.Trail.AuditPage(context.Background(), store.AuditFilter{Action: string(action)}, "", 100)
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}

var tags = regexp.MustCompile(`<[^>]*>`)

// text returns the text of a page: no tags, and single spaces.
func text(page string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(page, " ")), " ")
}

// wants checks that a page has each of the parts.
func wants(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q: %s", part, page)
		}
	}
}

// many creates n groups that fail with the same error.
func (r *rig) many(n int) {
	r.t.Helper()
	for i := range n {
		r.refuse(r.accept(fmt.Sprintf("Bulk %d", i), "5544999999991"), 400, "Validation failed. Details: 'phones' is required")
	}
}
