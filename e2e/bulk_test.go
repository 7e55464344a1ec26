package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// job is what the API tells of a bulk job.
type job struct {
	ID, Status  string
	Total, Done int
	Failed      int
	Skipped     map[string]int
	Items       []struct{ ID, Outcome string }
	NextCursor  string
}

// serve starts a server at a free port, and returns its address when it serves.
func (s *stage) serve(name string, args ...string) (p *process, address string) {
	s.t.Helper()
	return s.serveBy(name, s.config, args...)
}

// serveBy is serve with another configuration.
func (s *stage) serveBy(name, config string, args ...string) (p *process, address string) {
	s.t.Helper()
	p = s.start(name, producer, append([]string{"serve", "--config", config, "--listen", "127.0.0.1:0", "--log-format", "json"}, args...)...)
	return p, p.listens()
}

// serveBulk starts a server with a configuration, and returns it with a function that sends it requests.
func (s *stage) serveBulk(name, config string) (*process, func(method, path, body string) job) {
	s.t.Helper()
	p, address := s.serveBy(name, config)
	return p, func(method, path, body string) job {
		s.t.Helper()
		req, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+address+path, strings.NewReader(body))
		if err != nil {
			s.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			s.t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		var j job
		if err != nil || answer.StatusCode >= 300 || json.Unmarshal(text, &j) != nil {
			s.t.Fatalf("%s %s: %s %s (%v)", method, path, answer.Status, text, err)
		}
		return j
	}
}

func TestProducerServe_AKilledServersBulkJobIsFinishedByAnotherEachGroupOnce(t *testing.T) {
	t.Parallel()
	const n = 1500
	s := newStage(t, script{seed: 31})
	s.create(s.requests("Bulk", n, nil), []int{0}, "--batch", "bulk")
	s.produce("cancel", "--batch", "bulk")
	first, ask := s.serveBulk("serve-1", s.slowly("slow.yaml"))
	begun := ask("POST", "/v1/bulk", `{"action": "retry", "filter": {"batchId": "bulk", "status": ["cancelled"]}}`)
	until(t, 20*time.Millisecond, "the job is under way", func() bool { return ask("GET", "/v1/bulk/"+begun.ID, "").Done > 0 }, func() string { return "" })
	first.kill()
	_, ask = s.serveBulk("serve-2", s.config)
	before := ask("GET", "/v1/bulk/"+begun.ID, "")
	if before.Status != "running" || before.Done >= n {
		t.Fatalf("the job was over before the kill: %+v", before)
	}
	var j job
	until(t, 100*time.Millisecond, "the other server finishes the job", func() bool {
		j = ask("GET", "/v1/bulk/"+begun.ID, "")
		return j.Status != "running"
	}, func() string { return fmt.Sprintf("%+v", j) })
	if j.Status != "done" || j.Done != n || j.Total != n || j.Failed != 0 || len(j.Skipped) > 0 {
		t.Errorf("it ended with %+v, want %d done", j, n)
	}
	seen := map[string]bool{}
	for cursor := ""; ; {
		page := ask("GET", "/v1/bulk/"+begun.ID+"/outcomes?limit=500&cursor="+cursor, "")
		for _, o := range page.Items {
			if seen[o.ID] || o.Outcome != "done" {
				t.Errorf("%s: %s, seen before: %v", o.ID, o.Outcome, seen[o.ID])
			}
			seen[o.ID] = true
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	if len(seen) != n {
		t.Errorf("%d outcomes, want %d", len(seen), n)
	}
}
