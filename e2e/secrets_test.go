package e2e

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// secrets returns the stage's planted secrets. No output and no stored data may hold one.
func (s *stage) secrets() []string {
	all := slices.Clone(s.planted)
	for _, i := range s.instances {
		all = append(all, i.Token)
		if i.ClientToken != "" {
			all = append(all, i.ClientToken)
		}
	}
	return all
}

// found returns the first needle that a text holds, with the text before it.
func found(text string, needles []string) (needle, around string) {
	for _, n := range needles {
		if i := strings.Index(text, n); i >= 0 {
			return n, text[max(0, i-80):i]
		}
	}
	return "", ""
}

// hides fails the test if a text holds one of the needles.
func (s *stage) hides(where, text string, needles []string) {
	s.t.Helper()
	if n, around := found(text, needles); n != "" && !s.leaky {
		s.t.Errorf("rule 8, no secrets where we print: %s holds %q after %q", where, n, around)
	}
}

// searchRedis searches the files of this stage's Redis for secrets. Every stage ends with it.
func (s *stage) searchRedis() {
	files := os.DirFS(s.redis.Dir)
	err := fs.WalkDir(files, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := fs.ReadFile(files, path)
		s.hides("Redis' file "+e.Name(), string(data), s.secrets())
		return err
	})
	if err != nil {
		s.t.Error(err)
	}
}

// listeners are the outside receivers of a stage: of traces and of webhooks.
type listeners struct {
	mu       sync.Mutex
	received map[string]*bytes.Buffer
}

func (l *listeners) open(t *testing.T, name string) (address string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.received[name] == nil {
			l.received[name] = new(bytes.Buffer)
		}
		_ = r.Header.Write(l.received[name])
		_, _ = io.Copy(l.received[name], r.Body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func (l *listeners) text(name string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.received[name] == nil {
		return ""
	}
	return l.received[name].String()
}

const plantedWords = "Planted words for one reader"

// plant configures everything that takes a secret, with a fresh one each, and returns the API's key.
func (s *stage) plant(l *listeners) (key string) {
	s.t.Helper()
	var made struct{ Key, Hash string }
	s.document(&made, []string{"key", "new", "--name", "planted", "--role", "admin"}, 0)
	s.planted = []string{made.Key, "planted-hook-secret-0123456789", "planted-forward-path", "planted-forward-token", "planted-redis-password", "planted-webhook-secret-0123456789"}
	if err := s.redis.Client().Do(s.t.Context(), "ACL", "SETUSER", "planted", "on", ">planted-redis-password", "~*", "&*", "+@all").Err(); err != nil {
		s.t.Fatal(err)
	}
	text, err := os.ReadFile(s.config)
	if err != nil {
		s.t.Fatal(err)
	}
	y := strings.Replace(string(text), "redis://", "redis://planted:planted-redis-password@", 1)
	y = strings.ReplaceAll(y, "    rate_limits: off\n", "    rate_limits: off\n    hook_secret: planted-hook-secret-0123456789\n"+
		"    forward: [{url: 'http://127.0.0.1:1/planted-forward-path', token: planted-forward-token, allow_private: true}]\n")
	y += fmt.Sprintf("api: {keys: [{name: planted, hash: %q, role: admin}]}\n", made.Hash)
	y += fmt.Sprintf("webhooks: [{url: %q, secret: planted-webhook-secret-0123456789, events: ['*'], allow_private: true}]\n", l.open(s.t, "webhooks")+"/hook")
	s.config = s.file("planted.yaml", y)
	s.env = []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + l.open(s.t, "traces"), "OTEL_BSP_SCHEDULE_DELAY=100"}
	return made.Key
}

// Every stage searches its logs, the output of its commands and its Redis. This one plants a secret
// wherever one can be configured and looks everywhere else, too.
func TestNoSecretAndNoPersonIsAnywhereThatWePrint(t *testing.T) {
	t.Parallel()
	s := newStage(t, script{seed: 31, trouble: trouble("create", 0.3, anyFault...), timeout: "2s"})
	l := &listeners{received: map[string]*bytes.Buffer{}}
	key := s.plant(l)
	watched := s.start("worker", worker, "run", "--config", s.config, "--listen", "127.0.0.1:0", "--log-format", "json", "--log-level", "trace").listens()
	_, api := s.serve("serve", "--log-level", "trace")
	made := s.create(s.requests("Planted", 24, map[string]any{"inviteMessage": plantedWords + " {{.Link}}"}), []int{0})
	until(t, 200*time.Millisecond, "nothing is open", func() bool { return s.counts().open() == 0 },
		func() string { return fmt.Sprint(s.groups()) })
	until(t, 100*time.Millisecond, "the batch's end was delivered", func() bool {
		return strings.Contains(l.text("webhooks"), "batch.completed")
	}, func() string { return s.produce("webhooks").String() })
	groups := s.groups()

	// What people see and take away: no secret.
	for _, args := range [][]string{
		{"status"},
		{"list"},
		{"list", "--output", "json"},
		{"status", groups[0].ID},
		{"explain", groups[0].ID},
		{"export", made.BatchID},
		{"audit"},
		{"instances"},
		{"webhooks"},
		{"evidence", "+" + s.asked()[0]},
		{"status", "grp_unknown"},
	} {
		s.produce(args...) // run searches
	}
	s.run(worker, "check", "--config", s.config)
	s.run(worker, "check", "--config", s.config, "--redis", "redis://planted:planted-redis-password@127.0.0.1:1")
	read := s.reader(api, key)
	for _, path := range []string{
		"/", "/instances", "/instances/alpha", "/history", "/problems", "/review", "/batches", "/batches/" + made.BatchID, "/groups", "/groups/" + groups[0].ID, "/audit",
		"/v1/status", "/v1/groups", "/v1/groups/" + groups[0].ID, "/v1/batches/" + made.BatchID, "/v1/instances", "/v1/webhooks", "/v1/audit", "/v1/nothing",
		"/openapi.json", "/docs", "/healthz", "/readyz",
	} {
		s.hides(path, read(path), s.secrets())
	}
	s.hides("a webhook's delivery", l.text("webhooks"), s.secrets())

	// What machines collect: neither a secret nor a person.
	people := append(s.asked(), plantedWords, "Planted 0")
	metrics := map[string]string{
		"the worker's metrics": s.reader(watched, "")("/metrics"), "the API's metrics": read("/metrics"), "the traces": l.text("traces"),
		"the worker's log": s.log("worker"), "the API's log": s.log("serve"),
	}
	for _, where := range slices.Sorted(maps.Keys(metrics)) {
		if len(metrics[where]) < 500 {
			t.Errorf("%s: there is nothing to search: %q", where, metrics[where])
		}
		s.hides(where, metrics[where], append(s.secrets(), people...))
	}
	if err := s.redis.Client().Save(t.Context()).Err(); err != nil { // the file of a snapshot, too
		t.Fatal(err)
	}
}

func (s *stage) log(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, name+".log"))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// reader returns a function that reads paths of a server, logged in with key unless key is empty.
func (s *stage) reader(address, key string) func(path string) string {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: testutil.Timeout}
	do := func(method, path string, form url.Values) string {
		req, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+address+path, strings.NewReader(form.Encode()))
		if err != nil {
			s.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if key != "" && (path == "/metrics" || strings.HasPrefix(path, "/v1/")) {
			req.Header.Set("Authorization", "Bearer "+key)
		}
		answer, err := client.Do(req)
		if err != nil {
			s.t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode >= http.StatusInternalServerError || answer.StatusCode == http.StatusUnauthorized {
			s.t.Errorf("%s %s: %s, %v", method, path, answer.Status, err)
		}
		return string(body)
	}
	if key != "" {
		do(http.MethodPost, "/login", url.Values{"key": {key}})
	}
	return func(path string) string { return do(http.MethodGet, path, nil) }
}

func TestAPlantedLeakIsFound(t *testing.T) {
	t.Parallel()
	for text, leaks := range map[string]bool{
		"GET /instances/Z1/token/secret-token-of-alpha/status": true, "+5511987651111 was asked": true, "nothing to see": false,
	} {
		if n, _ := found(text, []string{"secret-token-of-alpha", "5511987651111"}); (n != "") != leaks {
			t.Errorf("%q: found %q", text, n)
		}
	}
}
