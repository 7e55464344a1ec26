package group_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// world is what the record must survive: a store with compare-and-set, a provider that may or may not do
// what it is asked, and workers that die between any two steps.
type world struct {
	t       *rapid.T
	now     time.Time
	record  group.Group
	groups  []string // what exists at WhatsApp
	workers []*worker
}

type worker struct {
	name  string
	alive bool
	copy  *group.Group // what it loaded
	step  string       // the step that it did last: "", loaded, begun, sent
	n     int          // its attempt
	told  string       // the answer that it got: an id, "created but lost", "lost", "refused", "notSent"
}

const budget = 90 * time.Second

func (w *world) save(g group.Group) bool {
	if g.Rev != w.record.Rev {
		return false
	}
	g.Rev++
	w.record = g
	return true
}

func (w *world) load() *group.Group {
	g := w.record
	g.Attempts = append([]group.Attempt(nil), w.record.Attempts...)
	g.Members = append([]group.Member(nil), w.record.Members...)
	g.Strays = append([]group.Stray(nil), w.record.Strays...)
	return &g
}

func (w *world) alive(owner string) bool {
	for _, k := range w.workers {
		if k.name == owner {
			return k.alive
		}
	}
	return false
}

// advance runs one worker to its next step.
func (w *world) advance(k *worker) {
	switch k.step {
	case "":
		k.copy, k.step = w.load(), "loaded"
	case "loaded":
		begun := k.copy.Begin(k.name, "alpha", budget, w.alive, w.now)
		if begun == group.Past || begun == group.Busy || !w.save(*k.copy) {
			k.step = ""
			return
		}
		k.step = ""
		if begun == group.Go {
			k.step, k.n = "begun", k.copy.Latest().N
		}
	case "begun":
		if w.now.After(k.copy.Latest().Until) { // the slot is lost: the call may no longer be sent
			k.told, k.step = "notSent", "sent"
			return
		}
		k.told = rapid.SampledFrom([]string{"created", "created but lost", "lost", "refused", "notSent"}).Draw(w.t, "answer")
		if k.told == "created" || k.told == "created but lost" {
			id := fmt.Sprintf("wa-%d", len(w.groups)+1)
			w.groups = append(w.groups, id)
			if k.told == "created" {
				k.told = id
			}
		}
		k.step = "sent"
	case "sent":
		g := w.load()
		var err error
		switch k.told {
		case "created but lost", "lost":
			err = g.Unknown(k.n, group.Answer{Error: say.Words("timeout")}, w.now)
		case "refused":
			err = g.Refused(k.n, group.Answer{Error: say.Words("no")}, w.now)
		case "notSent":
			err = g.NotSent(k.n, group.Answer{Error: say.Words("dial")}, 24*time.Hour, w.now)
		default:
			err = g.Created(k.n, group.Answer{GroupID: k.told}, w.now)
		}
		if err == nil && !w.save(*g) {
			w.t.Fatal("a save failed with a conflict, but only one worker moves at a time")
		}
		k.step = ""
	}
}

// look verifies the create as the verify step does, with the groups that exist at WhatsApp.
func (w *world) look(schedule []time.Duration) {
	g := w.load()
	if g.Status != group.Verifying || w.now.Before(g.Verify.At(schedule, g.Verify.Looks)) {
		return
	}
	last := g.Verify.Last(schedule)
	var err error
	switch {
	case len(w.groups) == 1:
		err = g.Adopt(group.Answer{GroupID: w.groups[0]}, w.now)
	case last:
		err = g.Absent(24*time.Hour, w.now)
	default:
		err = g.Looked(0, w.now)
	}
	if err != nil || !w.save(*g) {
		w.t.Fatalf("look: %v", err)
	}
}

func TestTwoWorkersThatDieAtAnyMomentMakeAtMostOneGroup(t *testing.T) {
	t.Parallel()
	schedule := []time.Duration{10 * time.Second, time.Minute, 6 * time.Minute}
	rapid.Check(t, func(rt *rapid.T) {
		now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
		w := &world{t: rt, now: now, record: group.Group{
			ID: "grp_1", Status: group.Queued, Target: tasks.Target{Instance: "alpha"}, CreatedAt: now,
			Members: []group.Member{{Number: "+5511999999999", Status: group.Pending}},
		}}
		w.workers = []*worker{{name: "a", alive: true}, {name: "b", alive: true}}
		for i := range rapid.IntRange(1, 60).Draw(rt, "steps") {
			switch rapid.IntRange(0, 9).Draw(rt, "what") {
			case 0: // a worker dies, and a new one takes its place
				k := rapid.SampledFrom(w.workers).Draw(rt, "victim")
				*k = worker{name: fmt.Sprintf("%s%d", k.name[:1], i), alive: true}
			case 1, 2:
				w.now = w.now.Add(time.Duration(rapid.IntRange(1, 400).Draw(rt, "seconds")) * time.Second)
			case 3, 4:
				w.look(schedule)
			default:
				w.advance(rapid.SampledFrom(w.workers).Draw(rt, "worker"))
			}
			if len(w.groups) > 1 {
				rt.Fatalf("%d groups at WhatsApp, want at most one; the record: %+v", len(w.groups), w.record)
			}
			if w.record.Exists() && w.record.WhatsAppID != w.groups[0] {
				rt.Fatalf("the record names group %s, but WhatsApp has %v", w.record.WhatsAppID, w.groups)
			}
			if w.record.Status == group.Failed && len(w.groups) > 0 {
				rt.Fatalf("the request failed, but its group exists: %+v", w.record)
			}
		}
	})
}

func TestGroupCreated_ALateAnswerThatNamesTheGroupEndsTheVerification(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	dead := func(string) bool { return false }
	if b := g.Begin("b", "alpha", budget, dead, now.Add(time.Second)); b != group.Doubt || g.Status != group.Verifying {
		t.Fatalf("the intent of a dead worker: begun %v, group %s; want Doubt, verifying", b, g.Status)
	}
	if err := g.Created(1, group.Answer{GroupID: "wa-1"}, now.Add(2*time.Second)); err != nil || g.Status != group.Inviting {
		t.Errorf("after the late answer: %v, group %s; want inviting", err, g.Status)
	}
}

func TestGroupCreated_ALateAnswerBeforeTheNextCreateMakesThatOneNeedless(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	g.Target = tasks.Target{Pool: "default"}
	for i, err := range []error{
		g.Unknown(1, group.Answer{Error: say.Words("timeout")}, now),
		g.Absent(24*time.Hour, now.Add(8*time.Minute)),
		g.Created(1, group.Answer{GroupID: "wa-late"}, now.Add(9*time.Minute)),
	} {
		if err != nil {
			t.Errorf("step %d: %v", i, err)
		}
	}
	if b := g.Begin("b", "beta", budget, func(string) bool { return true }, now.Add(9*time.Minute)); b != group.Past {
		t.Errorf("the second create: begun %v, want Past", b)
	}
	if g.Status != group.Inviting || g.WhatsAppID != "wa-late" || g.Instance != "alpha" || len(g.Strays) > 0 {
		t.Errorf("the group is %s as %q of %q with strays %v, want inviting as wa-late of alpha without strays", g.Status, g.WhatsAppID, g.Instance, g.Strays)
	}
}

func TestGroupCreated_ALateAnswerEndsAFailureAndAReview(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, status := range []group.Status{group.Failed, group.Review, group.Cancelled} {
		g := begun(t, now)
		if err := g.Unknown(1, group.Answer{Error: say.Words("timeout")}, now); err != nil {
			t.Fatal(err)
		}
		g.Status, g.FinishedAt = status, now
		if err := g.Created(1, group.Answer{GroupID: "wa-late"}, now.Add(24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if want := status != group.Cancelled; (g.Status == group.Inviting) != want || (g.WhatsAppID == "wa-late") != want || (len(g.Strays) == 0) != want || want && !g.FinishedAt.IsZero() {
			t.Errorf("%s: the group is %s as %q with strays %v, want it to be the request's: %v", status, g.Status, g.WhatsAppID, g.Strays, want)
		}
	}
}

func TestALateGroupBesidesAnotherGoesToAPerson(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	steps := []error{
		g.Unknown(1, group.Answer{Error: say.Words("timeout")}, now),
		g.Absent(24*time.Hour, now.Add(8*time.Minute)),
	}
	if b := g.Begin("b", "alpha", budget, func(string) bool { return true }, now.Add(9*time.Minute)); b != group.Go {
		t.Fatalf("the second create: begun %v, want Go", b)
	}
	steps = append(steps,
		g.Created(1, group.Answer{GroupID: "wa-late"}, now.Add(9*time.Minute)),
		g.Created(2, group.Answer{GroupID: "wa-2"}, now.Add(10*time.Minute)))
	for i, err := range steps {
		if err != nil {
			t.Errorf("step %d: %v", i, err)
		}
	}
	if g.Status != group.Review || g.Error.Code != group.CodeDuplicate || len(g.Error.Candidates) != 2 {
		t.Errorf("the group is %s with %+v, want it in review as a duplicate with two candidates", g.Status, g.Error)
	}
}

func TestTheThirdDeadWorkerStopsAGroup(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	create, look := tasks.Create(g.ID, 0, g.Target, tasks.Normal), tasks.Verify(g.ID, 1, time.Time{})
	for range 4 { // each worker that reported the death died before the task was delivered again
		g.WorkerDied(create.ID, now, now)
	}
	g.WorkerDied(look.ID, now.Add(time.Second), now)
	if g.Deaths != 2 || g.Status != group.Creating {
		t.Errorf("%d deaths counted, group %s; want each of the two deaths once, creating", g.Deaths, g.Status)
	}
	g.WorkerDied(look.ID, now.Add(2*time.Second), now)
	if g.Status != group.Review || g.Error.Code != group.CodePoison || g.Latest().Outcome != group.OutcomeUnknown {
		t.Errorf("after the third death the group is %s with %+v, its create %q; want review, poison, unknown", g.Status, g.Error, g.Latest().Outcome)
	}
}

// A large group is invited for weeks.
func TestGroupWorkerDied_OnlyDeathsWithinADayOfEachOtherStopAGroup(t *testing.T) {
	t.Parallel()
	for apart, want := range map[time.Duration]group.Status{25 * time.Hour: group.Inviting, 23 * time.Hour: group.Review} {
		now := time.Now()
		g := &group.Group{ID: "grp_1", Status: group.Inviting}
		for range 3 {
			now = now.Add(apart)
			g.WorkerDied(tasks.Joins(g.ID, now).ID, now, now)
		}
		if g.Status != want {
			t.Errorf("after three deaths, each %s after the one before, the group is %s, want %s", apart, g.Status, want)
		}
	}
}

func TestGroupWorkerDied_AWorkerWithSeveralTasksOfAGroupDiesOnce(t *testing.T) {
	t.Parallel()
	now := time.Now()
	intent := &group.Intent{Owner: "w", At: now, Until: now.Add(budget)}
	g := &group.Group{ID: "grp_1", Status: group.Inviting, Members: []group.Member{{Status: group.InviteQueued, Invite: intent}}}
	for _, id := range []string{tasks.Joins(g.ID, now).ID, tasks.Setting(g.ID, now).ID, tasks.Invite(g.ID, 0, "alpha").ID} {
		g.WorkerDied(id, now, now)
	}
	if g.Deaths != 1 || g.Status != group.Inviting {
		t.Errorf("after the death of one worker with three tasks %d deaths are counted, the group is %s; want 1, inviting", g.Deaths, g.Status)
	}
}

func TestGroupWorkerDied_AWorkerThatOnlyWaitedForItsTurnDoesNotCount(t *testing.T) {
	t.Parallel()
	g := &group.Group{Status: group.Queued}
	inviting := &group.Group{Status: group.Inviting, Members: []group.Member{{Status: group.InviteQueued}}}
	for i := range 5 {
		since := time.UnixMilli(int64(i))
		g.WorkerDied(tasks.RollCall(g.ID, time.Time{}).ID, since, time.Now())
		inviting.WorkerDied(tasks.Invite(inviting.ID, 0, "alpha").ID, since, time.Now())
	}
	if g.Status != group.Queued || inviting.Status != group.Inviting {
		t.Errorf("after five deaths of waiting workers the groups are %s and %s, want queued and inviting", g.Status, inviting.Status)
	}
}

func begun(t *testing.T, now time.Time) *group.Group {
	t.Helper()
	g := &group.Group{
		ID: "grp_1", Name: "Turma", Status: group.Queued, AutoInvite: true, Target: tasks.Target{Pool: "default"}, CreatedAt: now,
		Members: []group.Member{member("+5511999990001"), member("+5511999990002"), member("+5511999990003")},
	}
	if b := g.Begin("a", "alpha", budget, func(string) bool { return true }, now); b != group.Go || g.Status != group.Creating {
		t.Fatalf("begun %v, group %s; want Go, creating", b, g.Status)
	}
	return g
}

func member(e164 string) group.Member {
	return group.Member{Number: phone.Number(e164), Input: e164, Status: group.Pending}
}

func TestGroupCreated_ALateAnswerDoesNotReviveAReplacedGroup(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	for _, err := range []error{
		g.Unknown(1, group.Answer{Denied: true}, now), g.Absent(time.Hour, now), g.Replace("grp_2", now),
		g.Created(1, group.Answer{GroupID: "wa-1"}, now),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if g.Status != group.Failed || g.Exists() || len(g.Strays) != 1 {
		t.Errorf("the replaced group is %s with %q and the strays %v; want failed with one stray: another group has its people", g.Status, g.WhatsAppID, g.Strays)
	}
}

// secondTry is a group whose first create was lost and not found, whose second one is open on another instance, and
// whose first one has answered since.
func secondTry(t *testing.T, now time.Time) *group.Group {
	t.Helper()
	g := begun(t, now)
	for _, err := range []error{g.Unknown(1, group.Answer{}, now), g.Absent(time.Hour, now)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	g.Begin("b", "beta", budget, func(string) bool { return true }, now)
	if err := g.Created(1, group.Answer{GroupID: "wa-1"}, now); err != nil || g.Status != group.Creating {
		t.Fatalf("after the late answer: %v, group %s; want creating", err, g.Status)
	}
	return g
}

func TestGroupCreated_ALateAnswerIsTakenOnceTheOpenCreateMadeNone(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, end := range map[string]func(g *group.Group) error{
		"not sent": func(g *group.Group) error { return g.NotSent(2, group.Answer{}, time.Hour, now) },
		"gave up":  func(g *group.Group) error { return g.NotSent(2, group.Answer{}, 0, now) },
		"limited":  func(g *group.Group) error { return g.Limited(2, group.Answer{}, now) },
		"refused":  func(g *group.Group) error { return g.Refused(2, group.Answer{}, now) },
		"absent": func(g *group.Group) error {
			if err := g.Unknown(2, group.Answer{}, now); err != nil {
				return err
			}
			return g.Absent(time.Hour, now)
		},
		"found": func(g *group.Group) error {
			if err := g.Unknown(2, group.Answer{}, now); err != nil {
				return err
			}
			g.Instance = "alpha"
			return g.Adopt(group.Answer{GroupID: "wa-1"}, now)
		},
	} {
		g := secondTry(t, now)
		if err := end(g); err != nil || g.Status != group.Inviting || g.WhatsAppID != "wa-1" || g.Instance != "alpha" || len(g.Strays) != 0 {
			t.Errorf("%s: %v, the group is %s: %q on %s, with the strays %v; want the group of the first create, inviting, and no other create",
				name, err, g.Status, g.WhatsAppID, g.Instance, g.Strays)
		}
	}
	g := secondTry(t, now)
	if err := g.Created(2, group.Answer{GroupID: "wa-2"}, now); err != nil || g.Status != group.Review {
		t.Errorf("both creates made a group: %v, the group is %s, want review", err, g.Status)
	}
}

func TestGroupLimited_EndsTheTriesThatFailed(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	if err := g.Limited(1, group.Answer{}, now); err != nil {
		t.Fatal(err)
	}
	now = now.Add(25 * time.Hour) // the rest
	g.Begin("a", "alpha", budget, func(string) bool { return true }, now)
	if err := g.NotSent(2, group.Answer{}, 24*time.Hour, now); err != nil || g.Status != group.Queued {
		t.Errorf("after the first connection that failed: %v, the group is %s, want queued", err, g.Status)
	}
}

func TestGroupCreated_TheLateAnswerOfAnEarlierCreateIsTakenWhereNoCreateIsOpen(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, end := range map[string]func(g *group.Group) error{
		"not sent": func(g *group.Group) error { return g.NotSent(2, group.Answer{}, time.Hour, now) },
		"limited":  func(g *group.Group) error { return g.Limited(2, group.Answer{}, now) },
		"refused":  func(g *group.Group) error { return g.Refused(2, group.Answer{}, now) },
		"in review": func(g *group.Group) error {
			if err := g.Unknown(2, group.Answer{}, now); err != nil {
				return err
			}
			g.Doubtful(say.Phrase{Code: say.ErrorUnlisted}, now)
			return nil
		},
	} {
		g := begun(t, now)
		errs := []error{g.Unknown(1, group.Answer{}, now), g.Absent(time.Hour, now)}
		g.Begin("b", "beta", budget, func(string) bool { return true }, now)
		errs = append(errs, end(g), g.Created(1, group.Answer{GroupID: "wa-1", InviteLink: "https://chat.whatsapp.com/1"}, now))
		for _, err := range errs {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if g.Status != group.Inviting || g.WhatsAppID != "wa-1" || g.InviteLink == "" || g.Instance != "alpha" || len(g.Strays) != 0 || g.Error != nil {
			t.Errorf("%s: the group is %s: %q on %s, with the strays %v and %+v; want the group of the first create, inviting",
				name, g.Status, g.WhatsAppID, g.Instance, g.Strays, g.Error)
		}
	}
}
