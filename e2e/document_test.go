package e2e

import (
	"fmt"
	"time"

	domain "github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/store"
)

// group is a group's document, as far as the tests read it: contract section 5.
type group struct {
	ID        string `json:"id"`
	Status    string `json:"status"`
	GroupName string `json:"groupName"`
	Instance  string `json:"instance"`
	BatchID   string `json:"batchId"`
	GroupID   string `json:"groupId"`
	Adopted   bool   `json:"adopted"`
	Members   []struct {
		Phone  string `json:"phone"`
		Input  any    `json:"input"`
		Status string `json:"status"`
		Reason string `json:"reason"`
		Role   string `json:"role"`
		Admin  bool   `json:"admin"`
	} `json:"members"`
	Setup []struct {
		Step      string    `json:"step"`
		Status    string    `json:"status"`
		Reason    string    `json:"reason"`
		UpdatedAt time.Time `json:"updatedAt"`
	} `json:"setup"`
	AutoInvite bool `json:"autoInvite"`
	Attempts   []struct {
		N         int       `json:"n"`
		Instance  string    `json:"instance"`
		StartedAt time.Time `json:"startedAt"`
		Outcome   string    `json:"outcome"`
		Error     string    `json:"error"`
	} `json:"attempts"`
	Error *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	WaitingFor string    `json:"waitingFor"`
	UpdatedAt  time.Time `json:"updatedAt"`
}

// ended reports whether the group changes only if a person acts.
func (g group) ended() bool {
	return g.Status == "done" || g.Status == "failed" || g.Status == "cancelled" || g.Status == "review"
}

// doubted reports whether an attempt's answer left open whether the group exists.
func (g group) doubted() bool {
	for _, a := range g.Attempts {
		if a.Outcome == "unknown" {
			return true
		}
	}
	return false
}

func (g group) String() string {
	s := fmt.Sprintf("%s %q on %s: %s", g.ID, g.GroupName, g.Instance, g.Status)
	if g.Error != nil {
		s += fmt.Sprintf(" (%s: %s)", g.Error.Code, g.Error.Message)
	}
	if g.WaitingFor != "" {
		s += ", waiting for " + g.WaitingFor
	}
	for _, a := range g.Attempts {
		s += fmt.Sprintf("; attempt %d %s %s", a.N, a.Outcome, a.Error)
	}
	return s
}

// created is the answer of `create`.
type created struct {
	BatchID string `json:"batchId"`
	Batch   string `json:"batch"`
	Total   int    `json:"total"`
	Created int    `json:"created"`
	Existed int    `json:"existed"`
	Invalid int    `json:"invalid"`
	Rows    []struct {
		Row     int    `json:"row"`
		Outcome string `json:"outcome"`
		ID      string `json:"id"`
		Error   *struct {
			Code string `json:"code"`
		} `json:"error"`
	} `json:"rows"`
}

// counts are the numbers of groups and people of the installation by state.
type counts struct {
	groups  map[domain.Status]int
	members map[domain.MemberStatus]int
}

func (c counts) open() int {
	return c.groups[domain.Queued] + c.groups[domain.Creating] + c.groups[domain.Verifying] + c.groups[domain.Inviting]
}

// batch is a batch's document.
type batch struct {
	ID           string         `json:"id"`
	Name         string         `json:"name"`
	Status       string         `json:"status"`
	Total        int            `json:"total"`
	Counts       map[string]int `json:"counts"`
	MemberCounts map[string]int `json:"memberCounts"`
	InvalidRows  int            `json:"invalidRows"`
}

// create runs `rollcall-producer create` on a file and returns its answer.
func (s *stage) create(file string, codes []int, more ...string) created {
	s.t.Helper()
	var c created
	s.document(&c, append([]string{"create", file}, more...), codes...)
	return c
}

// counts reads what `rollcall-producer status` counts. It starts no command for that: tests that wait look several times
// a second, and all commands together would need a core of their own.
func (s *stage) counts() (c counts) {
	s.t.Helper()
	var err error
	if c.groups, c.members, err = s.records().Index.Totals(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// records opens the store of the programs.
func (s *stage) records() *store.Store {
	s.t.Helper()
	if s.store != nil {
		return s.store
	}
	var err error
	if s.rdb == nil {
		conn, err := redisconn.Open(s.t.Context(), s.script.url)
		if err != nil {
			s.t.Fatal(err)
		}
		s.t.Cleanup(func() { _ = conn.Close() })
		s.rdb = conn.Client()
	}
	if s.store, err = store.Open(s.t.Context(), s.rdb, store.Options{EncryptionKey: s.script.encryptionKey, ReadOnly: true}); err != nil {
		s.t.Fatal(err)
	}
	return s.store
}

// groups lists all groups, page by page.
func (s *stage) groups(filter ...string) []group {
	s.t.Helper()
	var all []group
	for cursor := ""; ; {
		var page struct {
			Items      []group `json:"items"`
			NextCursor string  `json:"nextCursor"`
		}
		args := append([]string{"list", "--limit", "500"}, filter...)
		if cursor != "" {
			args = append(args, "--cursor", cursor)
		}
		s.document(&page, args, 0)
		all = append(all, page.Items...)
		if cursor = page.NextCursor; cursor == "" {
			return all
		}
	}
}

// state returns all counts of the work. While it stays the same, nothing progresses.
func (s *stage) state(c counts) string {
	truth := s.provider.Ledger()
	return fmt.Sprintf("%v, %v, %d creates, %d invites", c.groups, c.members, len(truth.CallsOf("", "create")), len(truth.Invitations()))
}

// settle waits until no group is open, as long as the work progresses, and returns all groups.
func (s *stage) settle() []group {
	s.t.Helper()
	var c counts
	moving(s.t, 200*time.Millisecond, "every group has ended", func() (bool, string) {
		c = s.counts()
		return c.open() == 0, s.state(c)
	}, func() string {
		text := fmt.Sprint(c.groups)
		for i, g := range s.groups("--status", "queued,creating,verifying,inviting") {
			if i < 5 {
				text += "\n" + g.String()
			}
		}
		return text
	})
	return s.groups()
}
