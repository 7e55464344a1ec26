package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// aChief is in each group of the pool.
const aChief = "5511977770001"

// everySetting is the configuration of a pool whose groups are set up with everything, and of a server that has
// their picture.
func everySetting(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 32, 32)), nil); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(b.Bytes()) }))
	t.Cleanup(server.Close)
	return fmt.Sprintf(`photo: {allow_private: true}
pools:
  default:
    organisation: School
    setup:
      photo: %s/logo.jpg
      description: Notices for parents
      only_admins_send: true
      only_admins_edit: true
      always: ["+%s"]
      admins: ["+%s"]
      welcome_message: "{{.Organisation}} welcomes {{.GroupName}}"
`, server.URL, aChief, aChief)
}

// setFaults are the faults of a third of the set-up calls.
var setFaults = []string{"500-but-created", "500-not-created", "502-but-created", "hang-but-created", "reset-before", "reset-after", "no", "no-but-done", "429-retry-after"}

// setupHolds is how long invitations wait for the steps, from the end of the roll call. A busy machine needs longer for
// the whole test.
const setupHolds = 2 * time.Minute

// prepared waits until every group has ended and every step of its set-up too.
func (s *stage) prepared() []group {
	s.t.Helper()
	s.settle()
	var groups []group
	wanted := func() (n int) {
		for _, g := range groups {
			for _, step := range g.Setup {
				if step.Status == "wanted" && g.Status == "done" {
					n++
				}
			}
		}
		return n
	}
	moving(s.t, time.Second, "every step of every group has ended", func() (bool, string) {
		groups = s.groups()
		return wanted() == 0, fmt.Sprint(wanted())
	}, func() string { return fmt.Sprintf("%d steps are wanted", wanted()) })
	return groups
}

// judgeSetup compares each step in the documents with the state at WhatsApp.
func (s *stage) judgeSetup(groups []group) {
	s.t.Helper()
	truth := s.provider.Ledger()
	real := map[string]simulator.Group{}
	for _, g := range truth.Groups {
		real[g.ID] = g
	}
	posts, firstInvite := map[string]int{}, map[string]time.Time{}
	for _, m := range truth.Messages {
		switch at, told := firstInvite[m.GroupID]; {
		case m.InviteLink == "" && m.GroupID != "" && m.Phone == "":
			posts[m.GroupID]++
		case !told || m.QueuedAt.Before(at):
			firstInvite[m.GroupID] = m.QueuedAt
		}
	}
	steps := map[string]int{}
	for _, g := range groups {
		if g.GroupID == "" {
			continue
		}
		is := real[g.GroupID]
		if n := posts[g.GroupID]; n > 1 {
			s.t.Errorf("one welcome per group, ever: %d were posted into %v", n, g)
		}
		chief := slices.IndexFunc(is.Members, func(m simulator.Member) bool { return m.Phone == aChief })
		for _, step := range g.Setup {
			steps[step.Step+" "+step.Status]++
			so := map[string]bool{
				"photo": is.Photo != "", "description": is.Description == "Notices for parents", "settings": is.OnlyAdminsSend && is.OnlyAdminsEdit,
				"admins": chief >= 0 && is.Members[chief].Admin, "welcome": posts[g.GroupID] == 1,
			}[step.Step]
			if step.Status == "done" && !so || step.Status == "refused" && so && step.Step == "welcome" {
				s.t.Errorf("%v says that its %s is %s, and at WhatsApp it is %+v with %d welcomes", g, step.Step, step.Status, is, posts[g.GroupID])
			}
			if step.Status != "done" && step.Reason == "" && g.Status != "review" { // a person decides on it first
				s.t.Errorf("%v does not say why its %s is %s", g, step.Step, step.Status)
			}
			first, invited := firstInvite[g.GroupID]
			if early := first.Before(is.CreatedAt.Add(setupHolds)); invited && early && step.Step != "welcome" && first.Before(step.UpdatedAt.Add(-50*time.Millisecond)) {
				s.t.Errorf("%v of %v invited at %v, before its %s ended at %v", g, is.CreatedAt, first, step.Step, step.UpdatedAt)
			}
		}
	}
	for _, step := range slices.Sorted(maps.Keys(steps)) {
		s.t.Logf("%s: %d", step, steps[step])
	}
	if done := steps["photo done"] + steps["settings done"] + steps["admins done"]; done < 3*len(groups)*9/10 {
		s.t.Errorf("only %d of %d photos, settings and admins are done", done, 3*len(groups))
	}
}

func TestSetup_AThirdOfItsCallsGoWrongAndEachGroupIsReadyOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	const n = 200
	s := newStage(t, script{
		seed: 31, instances: fourInstances(), more: everySetting(t), timeout: "2s",
		trouble: slices.Concat(trouble("set", 0.33, setFaults...), trouble("send", 0.15, anyFault...), trouble("post", 0.15, anyFault...)),
	})
	s.person(aChief, true, true)
	s.worker("one", s.config)
	s.worker("two", s.config)
	if c := s.create(s.requests("Class", n, nil), []int{0}); c.Created != n {
		t.Fatalf("%d of %d rows are created", c.Created, n)
	}
	groups := s.prepared()
	f := s.judge(groups)
	s.judgeSetup(groups)
	t.Log(f)
	if f.groups != n || f.outcomes["done"] < n*19/20 {
		t.Errorf("%v, want %d groups, nearly all done", f, n)
	}
}

func TestSetup_TheSameWhileWorkersAreKilled(t *testing.T) {
	t.Parallel()
	const n = 120
	c := newChaos(t, script{seed: 32, more: everySetting(t)}, "", nil)
	c.order(trouble("set", 0.33, setFaults...)...)
	c.person(aChief, true, true)
	c.create(c.requests("Class", n, nil), []int{0})
	c.addWorkers(3)
	end := time.Now().Add(disruptFor)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(end) {
		<-tick.C
		c.killDue()
	}
	for _, m := range c.workers {
		m.dies = time.Time{}
	}
	groups := c.prepared()
	t.Logf("%d kills", c.kills)
	f := c.judge(groups)
	c.judgeSetup(groups)
	if f.groups != n || f.outcomes["failed"] > 0 {
		t.Errorf("%v, want %d groups and none failed", f, n)
	}
}
