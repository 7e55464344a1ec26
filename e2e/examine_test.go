package e2e

import (
	"os"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/e2e/check"
	domain "github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

// examination is what the checker cannot read from the stores.
type examination struct {
	rows  int                  // accepted
	keys  []string             // their idempotency keys, if they had any
	alone map[string]time.Time // people who must not be contacted, and since when
	pace  time.Duration        // 0 where connections are delayed
}

// examine reads both stores and lets the checker compare them.
func (s *stage) examine(rdb redis.UniversalClient, e examination) []check.Finding {
	s.t.Helper()
	ctx := s.t.Context()
	st, err := store.Open(ctx, rdb, store.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	r := check.Run{
		Rows: e.rows, Keys: e.keys, Alone: e.alone, Pace: e.pace, Truth: s.provider.Ledger(),
		Indexed: map[string]domain.Status{}, Waiting: map[string]string{}, Instances: map[string]string{},
		Texts: map[string]string{}, Tokens: map[string]string{},
	}
	for _, i := range s.instances {
		r.Instances[i.name] = i.ID
		r.Secrets = append(r.Secrets, i.Token)
		if i.ClientToken != "" {
			r.Secrets = append(r.Secrets, i.ClientToken)
		}
	}
	for _, status := range domain.Statuses {
		ids, err := st.Index.Indexed(ctx, status, "", 1_000_000)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, id := range ids {
			r.Indexed[id] = status
		}
		groups, err := st.Records.LoadAll(ctx, ids)
		if err != nil {
			s.t.Fatal(err)
		}
		r.Groups = append(r.Groups, groups...)
	}
	if r.Batches, _, err = st.Index.Batches(ctx, "", 10_000); err != nil {
		s.t.Fatal(err)
	}
	for last := "0-0"; ; last = r.Events[len(r.Events)-1].ID {
		events, err := st.Outbox.Events(ctx, last, time.Millisecond)
		if err != nil {
			s.t.Fatal(err)
		}
		if r.Events = append(r.Events, events...); len(events) == 0 {
			break
		}
	}
	for _, g := range s.groups("--status", "queued,creating,verifying,inviting") {
		r.Waiting[g.ID] = g.WaitingFor
	}
	s.collect(r.Texts, filepath.Join(s.dir, "*.log"))
	s.collect(r.Tokens, filepath.Join(s.redis.Dir, "appendonlydir", "*"))
	return check.Check(r)
}

// collect reads files, by their names.
func (s *stage) collect(into map[string]string, pattern string) {
	s.t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			s.t.Fatal(err)
		}
		into[filepath.Base(file)] = string(text)
	}
}
