package steps_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/jpeg"
	"slices"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/tasks"
)

// album is the source of photos: it returns the same photo for every address, or its fault.
type album struct {
	fault  error
	during func() // what happens meanwhile
}

func (a *album) Fetch(context.Context, string) ([]byte, error) {
	if a.during != nil {
		a.during()
	}
	if a.fault != nil {
		return nil, a.fault
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil)
	return b.Bytes(), err
}

// whole is a set-up with every step.
func whole(admins ...tasks.Phone) tasks.Setup {
	on := true
	return tasks.Setup{
		Description: "Welcome, class of 2027", Photo: "https://school.example/logo.jpg", Admins: &tasks.Admins{People: admins},
		WelcomeMessage: "Welcome to {{.GroupName}}", Settings: &tasks.Settings{OnlyAdminsSend: &on, OnlyAdminsEdit: &on},
	}
}

// setUp is the status of each step.
func setUp(g *group.Group) map[group.StepName]group.StepStatus {
	all := map[group.StepName]group.StepStatus{}
	for _, s := range g.Setup.Steps {
		all[s.Name] = s.Status
	}
	return all
}

// posted are the messages posted to groups.
func (r *rig) posted() (all []simulator.Message) {
	for _, m := range r.sim.Ledger().Messages {
		if m.InviteLink == "" && m.GroupID != "" {
			all = append(all, m)
		}
	}
	return all
}

// setAtOnce lets a change of a group show at once in readings.
func setAtOnce(_ *steps.Policy, q *simulator.Quirks) { q.LateChanges = 0 }

func TestStepsSetup_EachProviderDoesWhatItCanBeforeTheFirstInvitation(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, name, setAtOnce)
			r.person(simulator.Person{Phone: bia, Addable: new(bool)})
			id := r.askFor(whole("+"+ana), "", tasks.Target{Instance: name}, "Turma", ana, bia)
			g := r.run(id)
			can := r.provider.Traits().Setup
			for step, able := range map[group.StepName]bool{
				group.StepPhoto: can.Photo, group.StepDescription: can.Description, group.StepAdmins: can.Admins, group.StepSettings: true, group.StepWelcome: true,
			} {
				want := group.StepDone
				if !able {
					want = group.StepUnsupported
				}
				if got := setUp(g)[step]; got != want {
					t.Errorf("%s is %s (%s), want %s", step, got, g.Step(step).Reason, want)
				}
			}
			picture, _ := r.photos.Fetch(t.Context(), "")
			sum := sha256.Sum256(picture)
			l := r.sim.Ledger()
			is := l.Groups[0]
			if is.Photo != hex.EncodeToString(sum[:]) || can.Description && is.Description != "Welcome, class of 2027" || !is.OnlyAdminsSend || !is.OnlyAdminsEdit {
				t.Errorf("at WhatsApp the group is %+v, want the photo, the description and the settings of the request", is)
			}
			if !g.Members[0].Admin || g.Members[1].Admin {
				t.Errorf("members are %+v, want ana alone as an admin", g.Members)
			}
			if p := r.posted(); len(p) != 1 || p[0].Text != "Welcome to Turma" {
				t.Errorf("posted are %+v, want one welcome", p)
			}
			if !g.SetupReady() || g.Status != group.Done || g.Members[1].Status != group.Invited && g.Members[1].Status != group.Joined {
				t.Errorf("the group is %s with %v, set-up ready: %v; want done, bia invited or joined, true", g.Status, r.statuses(g), g.SetupReady())
			}
			sends, last := -1, -1
			for i, c := range l.Calls {
				switch {
				case c.Kind == "set":
					last = i
				case c.Kind == "send" && sends < 0:
					sends = i
				}
			}
			if last > sends {
				t.Errorf("the last set-up call is call %d, after the first invitation, call %d", last, sends)
			}
		})
	}
}

func TestStepsSetup_NoFaultOfItsCallsHoldsTheGroupOrLies(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		for _, fault := range []string{"500-but-created", "500-not-created", "no", "no-but-done", "reset-after", "reset-before", "429-retry-after", "502-not-created", "empty-200", "torn-body"} {
			t.Run(name+" "+fault, func(t *testing.T) {
				t.Parallel()
				r := start(t, name, setAtOnce)
				id := r.askFor(whole("+"+ana), "", tasks.Target{Instance: name}, "Turma", ana)
				r.script(simulator.Script{Fault: fault, Method: "set", Times: 3})
				g := r.run(id)
				is := r.sim.Ledger().Groups[0]
				can := r.provider.Traits().Setup
				if g.Status != group.Done || is.Photo == "" || can.Description && is.Description == "" || !is.OnlyAdminsSend || !is.OnlyAdminsEdit || !is.Members[1].Admin {
					t.Errorf("the group is %s, its steps %v, at WhatsApp %+v; want done, and everything set at WhatsApp", g.Status, setUp(g), is)
				}
				if len(r.posted()) != 1 {
					t.Errorf("posted are %+v, want one welcome", r.posted())
				}
			})
		}
	}
}

func TestStepsSetup_AProviderThatNeverTakesAStepFailsNoGroup(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]group.StepStatus{"500-not-created": group.StepUnknown, "no": group.StepRefused, "reset-before": group.StepUnknown} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			r := start(t, simulator.ZAPI, setAtOnce)
			r.person(simulator.Person{Phone: bia, Addable: new(bool)})
			id := r.askFor(tasks.Setup{Description: "about"}, "", tasks.Target{Instance: simulator.ZAPI}, "Turma", ana, bia)
			r.script(simulator.Script{Fault: fault, Method: "set", Times: -1})
			g := r.until(id, func(g *group.Group) bool {
				return g.Members[1].Status != group.Pending && g.Members[1].Status != group.InviteQueued
			})
			if waited := g.Members[1].InvitedAt.Sub(g.Setup.From); waited > 2*time.Minute+5*time.Second {
				t.Errorf("the invitation waited %v for the set-up, want 2m5s at most", waited)
			}
			g = r.run(id)
			if got := setUp(g)[group.StepDescription]; got != want || g.Status != group.Done || g.Step(group.StepDescription).Reason.Zero() {
				t.Errorf("the group is %s, its step %+v; want done, %s with a reason", g.Status, g.Step(group.StepDescription), want)
			}
		})
	}
}

func TestStepsWelcome_IsPostedOnceWhateverBecomesOfTheAnswer(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		for _, fault := range []string{"500-but-created", "500-not-created", "reset-after", "torn-body", "empty-200", "429-retry-after", "reset-before"} {
			t.Run(name+" "+fault, func(t *testing.T) {
				t.Parallel()
				r := start(t, name)
				id := r.askFor(tasks.Setup{WelcomeMessage: "Welcome to {{.GroupName}}"}, "", tasks.Target{Instance: name}, "Turma", ana)
				r.script(simulator.Script{Fault: fault, Method: "post"})
				g := r.run(id)
				n, step := len(r.posted()), g.Step(group.StepWelcome)
				if n > 1 || step.Status == group.StepDone && n != 1 || step.Status == group.StepWanted || step.Status == group.StepRefused && n != 0 {
					t.Errorf("posted %d times, the step is %s (%s); want an ended step that is true, and one post at most", n, step.Status, step.Reason)
				}
			})
		}
	}
}

func TestStepsSetup_APhotoThatCannotBeFetchedEndsItsStepAlone(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI, setAtOnce)
	r.photos.fault = &photo.Error{Why: say.Words("it is not an image")}
	id := r.askFor(whole("+"+ana), "", tasks.Target{Instance: simulator.ZAPI}, "Turma", ana)
	g := r.run(id)
	if s := g.Step(group.StepPhoto); s.Status != group.StepRefused || s.Reason.String() != "it is not an image" || setUp(g)[group.StepDescription] != group.StepDone {
		t.Errorf("the photo's step is %+v, all steps are %v; want it refused with the reason, and the description done", s, setUp(g))
	}
	r = start(t, simulator.ZAPI, setAtOnce)
	r.photos.fault = &photo.Error{Why: say.Words("the server is down"), Passing: true}
	id = r.askFor(whole("+"+ana), "", tasks.Target{Instance: simulator.ZAPI}, "Turma", ana)
	r.until(id, func(g *group.Group) bool { return g.Setup.Steps[0].Tries > 2 })
	r.photos.fault = nil
	if g := r.run(id); setUp(g)[group.StepPhoto] != group.StepDone {
		t.Errorf("when the server is back the photo's step is %+v, want done", g.Step(group.StepPhoto))
	}
}

// The simulator records a call without people as one that the provider's documents forbid.
func TestStepsSetup_NoCallIsMadeForAnAdminWhomARollCallHasShownMeanwhile(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI, setAtOnce)
	id := r.askFor(whole("+"+ana), "", tasks.Target{Instance: simulator.ZAPI}, "Turma", ana)
	r.photos.during = func() {
		if _, err := r.store.Records.Update(t.Context(), id, func(g *group.Group, _ time.Time) error {
			g.Members[0].WasAdmin = true
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
	g := r.run(id)
	if s := g.Step(group.StepAdmins); s.Status != group.StepDone {
		t.Errorf("the admins' step is %+v, want done", s)
	}
	if bad := r.sim.Ledger().Complaints(); len(bad) != 0 {
		t.Errorf("the provider complains about %+v", bad)
	}
}

func TestStepsSetup_APausedInstanceChangesNothing(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI, setAtOnce)
	id := r.askFor(tasks.Setup{Description: "about"}, "", tasks.Target{Instance: simulator.ZAPI}, "Turma", ana)
	r.until(id, func(g *group.Group) bool { return g.Exists() })
	if err := r.pacer.Pause(t.Context(), simulator.ZAPI, time.Time{}); err != nil {
		t.Fatal(err)
	}
	g := r.until(id, func(g *group.Group) bool { return g.Setup.Released })
	if s := g.Step(group.StepDescription); s.Status != group.StepWanted || !s.Reason.Is(say.SetupPaused) || r.sim.Ledger().Groups[0].Description != "" {
		t.Errorf("during the pause the step is %+v, want wanted because of the pause, and no description at WhatsApp", s)
	}
	if err := r.pacer.Unpause(t.Context(), simulator.ZAPI); err != nil {
		t.Fatal(err)
	}
	if g := r.run(id); setUp(g)[group.StepDescription] != group.StepDone {
		t.Errorf("after the pause the step is %+v, want done", g.Step(group.StepDescription))
	}
}

func TestStepsSetup_ARestrictedInstanceChangesNothing(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI, setAtOnce)
	id := r.askFor(tasks.Setup{Description: "about"}, "", tasks.Target{Instance: simulator.ZAPI}, "Turma", ana)
	r.until(id, func(g *group.Group) bool { return g.Exists() })
	r.keeper.shuts(true)
	g := r.until(id, func(g *group.Group) bool { return g.Setup.Released })
	if s := g.Step(group.StepDescription); s.Status != group.StepWanted || !s.Reason.Is(say.SetupUnable) || r.sim.Ledger().Groups[0].Description != "" {
		t.Errorf("during the restriction the step is %+v, want wanted because of it, and no description at WhatsApp", s)
	}
	r.keeper.shuts(false)
	if g := r.run(id); setUp(g)[group.StepDescription] != group.StepDone {
		t.Errorf("after the restriction the step is %+v, want done", g.Step(group.StepDescription))
	}
}

func TestStepsCreate_APoolsStaffAreInItsGroupsAndNotAmongThePeopleAskedFor(t *testing.T) {
	t.Parallel()
	const chief = "5511977770001"
	inPool := func(p *steps.Policy, q *simulator.Quirks) {
		q.LateChanges = 0
		p.Pools = map[string]group.Pool{"school": {
			Setup:  tasks.Setup{Description: "of the pool", Admins: &tasks.Admins{People: []tasks.Phone{"+" + chief}}, WelcomeMessage: "{{.Organisation}}: welcome"},
			Always: []phone.Number{"+" + chief}, Organisation: "School",
		}}
	}
	r := start(t, simulator.ZAPI, inPool)
	id := r.askFor(tasks.Setup{Description: "of the row"}, "", tasks.Target{Pool: "school"}, "Turma", ana)
	g := r.runIn("school", id)
	l := r.sim.Ledger()
	in := func(number string) bool {
		return slices.ContainsFunc(l.Groups[0].Members, func(m simulator.Member) bool { return m.Phone == number })
	}
	if !in(chief) || !in(ana) || l.Groups[0].Description != "of the row" {
		t.Errorf("at WhatsApp the group is %+v, want the staff, ana and the row's description", l.Groups[0])
	}
	if len(g.Members) != 2 || !g.Members[1].Staff || !g.Members[1].Admin || g.Counts()[group.Added] != 1 {
		t.Errorf("members are %+v, want ana, who counts, and the staff as an admin, who do not", g.Members)
	}
	if p := r.posted(); len(p) != 1 || p[0].Text != "School: welcome" {
		t.Errorf("posted are %+v, want the pool's welcome once", p)
	}
}

func TestStepsCreate_NoGroupIsMadeForAPoolsStaffAlone(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI, func(p *steps.Policy, _ *simulator.Quirks) {
		p.Pools = map[string]group.Pool{"school": {Always: []phone.Number{"+5511977770001"}}}
	})
	if err := r.store.People.SuppressPeople(t.Context(), []phone.Identity{{Digits: ana}}, "asked us"); err != nil {
		t.Fatal(err)
	}
	id := r.askFor(tasks.Setup{}, "", tasks.Target{Pool: "school"}, "Turma", ana)
	if g := r.runIn("school", id); g.Status != group.Failed || g.Error.Code != group.CodeNoMembers || len(r.sim.Ledger().Groups) != 0 {
		t.Errorf("the group is %s with %+v, %d groups at WhatsApp; want failed, noMembers, 0", g.Status, g.Error, len(r.sim.Ledger().Groups))
	}
}

// runIn is run for a group of a pool that the instance serves.
func (r *rig) runIn(pool, id string) *group.Group {
	r.t.Helper()
	r.pool = pool
	return r.run(id)
}

func TestStepsJoins_WhoWasAskedForIsLetInAndNoOneElse(t *testing.T) {
	t.Parallel()
	for _, suppressed := range []bool{false, true} {
		r := start(t, simulator.ZAPI, joinLooks, setAtOnce)
		r.listen(simulator.ZAPI, instanceOf(simulator.ZAPI).ID)
		r.person(simulator.Person{Phone: bia, Addable: new(bool), Joins: new(bool)})
		on := true
		id := r.askFor(tasks.Setup{Settings: &tasks.Settings{ApproveJoins: &on}}, "", tasks.Target{Instance: simulator.ZAPI}, "Turma", ana, bia)
		g := r.until(id, func(g *group.Group) bool { return g.Members[1].Status == group.Invited })
		if setUp(g)[group.StepSettings] != group.StepDone {
			t.Fatalf("the settings are %+v, want done", g.Step(group.StepSettings))
		}
		if suppressed {
			if err := r.store.People.SuppressPeople(t.Context(), []phone.Identity{{Digits: bia}}, "asked us"); err != nil {
				t.Fatal(err)
			}
		}
		r.person(simulator.Person{Phone: bia, Join: g.WhatsAppID})
		r.person(simulator.Person{Phone: caz, Join: g.WhatsAppID}) // a stranger with the link
		r.afterWebhook(id, func(g *group.Group) bool { return g.Members[1].Request != nil })
		g = r.run(id)
		in := func(number string) bool {
			return slices.ContainsFunc(r.sim.Ledger().Groups[0].Members, func(m simulator.Member) bool { return m.Phone == number })
		}
		if in(bia) == suppressed || in(caz) || (g.Members[1].Status == group.Joined) == suppressed {
			t.Errorf("bia suppressed %v: bia is in: %v (%s), caz: %v; want bia in unless suppressed, and caz never", suppressed, in(bia), g.Members[1].Status, in(caz))
		}
	}
}

func TestStepsSetup_AnInstanceThatIsLoggedOutForDaysUsesUpNoTry(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.ZAPI, setAtOnce)
	id := r.askFor(tasks.Setup{Description: "about"}, "", tasks.Target{Instance: simulator.ZAPI}, "Turma", ana)
	r.until(id, func(g *group.Group) bool { return !g.Setup.At.IsZero() })
	in := instanceOf(simulator.ZAPI).ID
	if err := r.sim.SetState(in, simulator.State{State: "disconnected"}); err != nil {
		t.Fatal(err)
	}
	for range 26 {
		r.clock.forward(r.clock.Now().Add(time.Hour))
		if !r.step() {
			t.Fatal("the queue no longer holds a task of the set-up")
		}
	}
	if err := r.sim.SetState(in, simulator.State{State: "connected"}); err != nil {
		t.Fatal(err)
	}
	if g := r.run(id); setUp(g)[group.StepDescription] != group.StepDone {
		t.Errorf("with the instance connected again the step is %+v, want done", g.Step(group.StepDescription))
	}
}
