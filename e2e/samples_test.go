package e2e

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// samples are the files a stranger would try first, with what a person reads in them.
var samples = []struct {
	file    string
	groups  int
	invalid []string // inputs that are not telephone numbers
}{
	{"zapi-create-group.json", 1, nil},
	{"greenapi-create-group.json", 1, nil},
	{"turmas-2026.csv", 40, nil},
	{"crm-export.ndjson", 30, nil},
	{"one-person-per-line.csv", 12, nil},
	{"alunos-windows-1252.csv", 8, nil},
}

func TestEverySampleRunsToItsEndAndEveryPersonIsAccountedFor(t *testing.T) {
	t.Parallel()
	s := newStage(t, script{seed: 1})
	// Each sample has a person who must never get a message.
	if r := s.produce("suppress", "add", "5544888888888", "--reason", "asked us to"); r.code != 0 {
		t.Fatal(r)
	}
	s.worker("worker", s.config)
	batches := map[string]string{}
	total, invalid := 0, map[string]bool{}
	for _, sample := range samples {
		path, err := filepath.Abs(filepath.Join("testdata", sample.file))
		if err != nil {
			t.Fatal(err)
		}
		c := s.create(path, []int{0}, "--region", "BR")
		if c.Total != sample.groups || c.Created != sample.groups || c.Batch != sample.file {
			t.Errorf("%s: %d rows, %d created as batch %q; a person reads %d", sample.file, c.Total, c.Created, c.Batch, sample.groups)
		}
		batches[sample.file] = c.BatchID
		total += sample.groups
		for _, input := range sample.invalid {
			invalid[input] = true
		}
	}
	start := time.Now()
	groups := s.settle()
	f := s.judge(groups)
	t.Logf("%v in %v", f, time.Since(start).Round(time.Millisecond))

	// With some seeds a group of one person has no person left.
	if len(groups) != total || f.outcomes["done"] != total-f.empty {
		t.Errorf("%d groups %v (%d without a member left), want %d, all others done", len(groups), f.outcomes, f.empty, total)
	}
	for _, g := range groups {
		for _, m := range g.Members {
			input, _ := m.Input.(string)
			switch {
			case invalid[input] != (m.Status == "invalid"):
				t.Errorf("%v: %q is %s (%s)", g, input, m.Status, m.Reason)
			case (strings.TrimPrefix(m.Phone, "+") == "5544888888888") != (m.Status == "optedOut"):
				t.Errorf("%v: the person who must not be written to, or another, is %s", g, m.Status)
			}
		}
	}
	for file, id := range batches {
		s.judgeBatch(file, id)
	}
}

// judgeBatch compares a batch's document and its export with its groups.
func (s *stage) judgeBatch(name, id string) {
	s.t.Helper()
	groups := s.groups("--batch", name)
	var b batch
	s.document(&b, []string{"status", id}, 0)
	members := map[string]int{}
	for _, g := range groups {
		for _, m := range g.Members {
			members[m.Status]++
		}
	}
	if b.Status != "done" || b.Total != len(groups) || b.Counts["done"]+b.Counts["failed"] != len(groups) {
		s.t.Errorf("batch %s is %s with %d groups %v, but lists %d", name, b.Status, b.Total, b.Counts, len(groups))
	}
	for status, n := range members {
		if b.MemberCounts[status] != n {
			s.t.Errorf("batch %s counts %d members %s, its groups have %d", name, b.MemberCounts[status], status, n)
		}
	}
	r := s.produce("export", name, "--format", "ndjson")
	lines := strings.Count(strings.TrimSpace(r.stdout), "\n") + 1
	if r.code != 0 || lines != len(groups) {
		s.t.Errorf("the export of %s has %d lines for %d groups: %v", name, lines, len(groups), r)
	}
}
