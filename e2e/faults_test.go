package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// requests writes n groups of a few people each as NDJSON. Every twelfth group has the same name,
// as groups of a school do; their people tell them apart. The first person of each group can be added, so
// every group can be created.
func (s *stage) requests(name string, n int, fields map[string]any) string {
	s.t.Helper()
	var b strings.Builder
	for i := range n {
		doc := map[string]any{"groupName": fmt.Sprintf("%s %03d", name, i)}
		if i%12 == 11 {
			doc["groupName"] = name + " twin"
			doc["idempotencyKey"] = fmt.Sprintf("%s-%d", name, i) // in a batch the name alone would be the key
		}
		var phones []string
		for j := range 2 + i%4 {
			phones = append(phones, fmt.Sprintf("+55119%08d", (s.seed%100*8+uint64(j))*100_000+uint64(i)))
		}
		s.person(phones[0], true, true)
		doc["phones"] = phones
		maps.Copy(doc, fields)
		line, err := json.Marshal(doc)
		if err != nil {
			s.t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	return s.file(name+".ndjson", b.String())
}

func TestNoAnswerOfAProviderMakesADuplicateOrLosesAGroup(t *testing.T) {
	t.Parallel()
	const n = 240
	creates := trouble("create", 0.22, anyFault...)
	for i := range creates {
		if creates[i].Fault == "hang-but-created" { // its group is created after the caller has given up
			creates[i].After = simulator.Duration(200 * time.Millisecond)
		}
	}
	s := newStage(t, script{
		seed: 2, instances: fiveInstances(),
		quirks:  []quirk{lag(300 * time.Millisecond), nameless(0.1)},
		trouble: slices.Concat(creates, trouble("send", 0.10, anyFault...)),
		timeout: "1s", looks: "200ms, 800ms, 1800ms",
	})
	s.worker("one", s.config)
	s.worker("two", s.config)
	if c := s.create(s.requests("Class", n, nil), []int{0}); c.Created != n {
		t.Fatalf("%d of %d rows are created", c.Created, n)
	}
	start := time.Now()
	groups := s.settle()
	f := s.judge(groups)
	settled := 0
	for _, g := range groups {
		if g.doubted() && g.Status != "review" {
			settled++
		}
		if g.Status == "failed" {
			t.Errorf("wrongly failed: %v\n%s", g, s.historyOf(groups, s.provider.Ledger(), g.GroupName))
		}
	}
	if len(groups) != n {
		t.Errorf("rule 1, nothing is lost: %d of %d groups are listed", len(groups), n)
	}
	faults := 0
	for _, k := range f.faults {
		faults += k
	}
	share := float64(faults) / float64(f.creates)
	t.Logf("%v; %.0f %% of the creates were answered by a fault; %d of %d groups in doubt settled without a person; %v",
		f, share*100, settled, f.doubted, time.Since(start).Round(time.Millisecond))
	if share < 0.10 {
		t.Errorf("only %.0f %% of the creates had a fault: this proves too little", share*100)
	}
	if f.doubted < 20 || settled*100 < f.doubted*95 {
		t.Errorf("%d of %d groups in doubt settled without a person, want 95 %%", settled, f.doubted)
		for _, g := range groups {
			if g.Status == "review" {
				t.Logf("%v\n%s", g, s.historyOf(groups, s.provider.Ledger(), g.GroupName))
			}
		}
	}
}

func TestAGroupWhoseListsCannotBeReadWaitsForAPersonAndIsNeverCreatedAgain(t *testing.T) {
	t.Parallel()
	const n = 20
	doubtful := []string{"500-but-created", "500-not-created", "reset-before", "reset-after", "torn-body", "502-not-created", "502-but-created"}
	s := newStage(t, script{
		seed:   3,
		quirks: []quirk{blocked(0)},
		trouble: append(trouble("create", 1, doubtful...),
			simulator.Script{Method: "list", Fault: "500", Times: -1}),
		retry: "{initial: 100ms, multiplier: 2, jitter: 0.2, max: 500ms, give_up_after: 4s}",
	})
	s.worker("worker", s.config)
	s.create(s.requests("Unseen", n, nil), []int{0})
	groups := s.settle()
	truth := s.provider.Ledger()
	made := map[string]string{} // the result of each request, by its first person
	creates := truth.CallsOf("", "create")
	for _, c := range creates {
		who := simulator.Account(c.To[0])
		if _, again := made[who]; again {
			t.Errorf("created again while its outcome was unknown: %q\n%s", c.GroupName, s.historyOf(groups, truth, c.GroupName))
		}
		made[who] = c.GroupID
	}
	if len(groups) != n || len(creates) != n {
		t.Errorf("%d groups and %d creates, want %d", len(groups), len(creates), n)
	}
	for _, g := range groups {
		if g.Status != "review" || g.Error == nil || g.Error.Code != "unverifiable" {
			t.Errorf("want a review, unverifiable: %v", g)
		}
	}

	// A person decides: what exists is adopted, what does not is created again.
	s.provider.ClearScripts()
	adopted := 0
	for _, g := range groups {
		args := []string{"resolve", g.ID, "--recreate"}
		if id := made[simulator.Account(g.Members[0].Phone)]; id != "" {
			args = []string{"resolve", g.ID, "--adopt", id}
			adopted++
		}
		if r := s.produce(args...); r.code != 0 {
			t.Error(r)
		}
	}
	f := s.judge(s.settle())
	t.Logf("all %d in review, each created once; after a person adopted %d and recreated %d: %v", n, adopted, n-adopted, f)
	if f.outcomes["done"] != n || f.adopted != adopted || f.creates != 2*n-adopted {
		t.Errorf("%v, want %d done, %d adopted, %d creates", f, n, adopted, 2*n-adopted)
	}
}
