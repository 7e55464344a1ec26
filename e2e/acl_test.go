package e2e

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

var documentedACL = regexp.MustCompile(`(?m)^ACL SETUSER rollcall on >PASSWORD (.+)$`)

// TestDocumentedACL_SufficesForTheMainJob runs groups, webhooks, the sweeper, the API, the page and the
// commands as a user with the rights of docs/configuration.md, and asks Redis what it denied.
func TestDocumentedACL_SufficesForTheMainJob(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	found := documentedACL.FindSubmatch(text)
	if found == nil {
		t.Fatal("docs/configuration.md has no access list")
	}
	const password = "planted-acl-password"
	server := testutil.RealRedis(t)
	grant := []any{"ACL", "SETUSER", "rollcall", "on", ">" + password}
	for right := range strings.FieldsSeq(string(found[1])) {
		grant = append(grant, right)
	}
	admin := server.Client()
	if err := admin.Do(t.Context(), grant...).Err(); err != nil {
		t.Fatal(err)
	}

	l := &listeners{received: map[string]*bytes.Buffer{}}
	s := newStage(t, script{
		seed: 77, url: strings.Replace(server.URL(), "redis://", "redis://rollcall:"+password+"@", 1),
		quirks: []quirk{blocked(0.4)},
		more:   "webhooks: [{url: '" + l.open(t, "webhooks") + "/hook', secret: planted-webhook-secret-0123456789, events: ['*'], allow_private: true}]\n",
	})
	if r := s.run(worker, "check", "--config", s.config); r.code != 0 {
		t.Errorf("%s", r)
	}
	rehearsed := commandsOf(t, admin)
	s.worker("worker", s.config)
	_, api := s.serve("serve")
	made := s.create(s.requests("Turma", 6, nil), []int{0})
	groups := s.settle()
	if f := s.judge(groups); f.outcomes["done"] != 6 || f.statuses["invited"] == 0 {
		t.Errorf("want 6 groups done and people invited: %v", f)
	}
	until(t, 100*time.Millisecond, "the batch's end was delivered", func() bool {
		return strings.Contains(l.text("webhooks"), "batch.completed")
	}, func() string { return s.produce("webhooks").String() })

	for _, args := range [][]string{
		{"status"},
		{"list"},
		{"status", groups[0].ID},
		{"explain", groups[0].ID},
		{"retry", "--batch", made.BatchID, "--dry-run"},
		{"export", made.BatchID},
		{"webhooks"},
		{"pause", "alpha", "--reason", "test"},
		{"resume", "alpha"},
		{"pace", "alpha", "--create-every", "10m"},
		{"pace", "alpha", "--reset"},
		{"suppress", "add", "+5511999990000"},
		{"suppress", "list"},
		{"suppress", "remove", "+5511999990000"},
		{"evidence", "+5511999990000"},
		{"unreadable", "list"},
		{"recover"},
		{"audit"},
	} {
		if r := s.produce(args...); r.code != 0 {
			t.Errorf("%s", r)
		}
	}
	read := s.reader(api, "")
	for _, path := range []string{"/", "/groups", "/batches", "/history", "/v1/history", "/problems", "/review", "/audit", "/v1/status", "/v1/groups", "/v1/audit", "/readyz"} {
		read(path)
	}
	denied, err := admin.Do(t.Context(), "ACL", "LOG").Slice()
	if err != nil || len(denied) > 0 {
		t.Errorf("Redis denied %v, %v", denied, err)
	}
	for command := range commandsOf(t, admin) {
		// Queue.Counts works without asynq's memory|usage.
		if !rehearsed[command] && command != "memory|usage" && !strings.HasPrefix(command, "acl") {
			t.Errorf("the work uses %s, which worker check does not try", command)
		}
	}
}

var commandStat = regexp.MustCompile(`cmdstat_([a-z|]+):`)

// commandsOf returns the commands that a Redis has received so far.
func commandsOf(t *testing.T, admin redis.UniversalClient) map[string]bool {
	t.Helper()
	stats, err := admin.Info(t.Context(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, found := range commandStat.FindAllStringSubmatch(stats, -1) {
		all[found[1]] = true
	}
	return all
}
