package notify

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func alive(string) bool { return true }

func TestFacts_HaveTheTimesOfTheirChanges(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	g := &group.Group{ID: "grp_1", Status: group.Done, WhatsAppID: "120363-group", Members: []group.Member{
		{Status: group.Added},
		{Status: group.Joined, InvitedAt: at.Add(time.Minute), UpdatedAt: at.Add(time.Hour)},
		{Status: group.Invited, InvitedAt: at.Add(2 * time.Minute)},
		{Status: group.InviteUnknown},
	}, Roll: group.Looking{From: at}, FinishedAt: at.Add(3 * time.Minute)}
	var got []string
	for _, f := range facts(g) {
		got = append(got, fmt.Sprint(f.Type, " ", f.Person, " ", f.At.Sub(at)))
	}
	want := []string{
		"group.created 0 0s", "member.invited 1 1m0s", "member.joined 1 1h0m0s", "member.invited 2 2m0s", "group.completed 0 3m0s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

func TestFacts_EachStayInAnEndOrAReviewIsANewFact(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	g := &group.Group{ID: "grp_1", Status: group.Queued, Members: []group.Member{{Status: group.Pending}}}
	told := map[string]bool{}
	// step moves the group and returns the types of its new facts.
	step := func(change func()) []string {
		now = now.Add(time.Minute)
		change()
		types := []string{}
		for range 2 { // a second reading brings nothing new
			for _, f := range facts(g) {
				if !told[f.Once] {
					told[f.Once] = true
					types = append(types, f.Type)
				}
			}
		}
		return types
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	doubt := func() {
		g.Begin("w", "alpha", time.Minute, alive, now)
		must(g.Unknown(g.Latest().N, group.Answer{}, now))
		g.Doubtful(say.Words("the lists cannot be read"), now)
	}
	for i, s := range []struct {
		change func()
		want   []string
	}{
		{doubt, []string{"group.review"}},
		{func() { g.UpdatedAt = now }, []string{}},
		{func() { must(g.Recreate(now)) }, []string{}},
		{doubt, []string{"group.review"}},
		{func() { must(g.Abandon(now)) }, []string{}},
		{func() { must(g.Retry(now)) }, []string{"group.review"}},
		{func() { must(g.Recreate(now)) }, []string{}},
		{func() { must(refused(g, now)) }, []string{"group.failed"}},
		{func() { must(g.Retry(now)) }, []string{}},
		{func() { must(refused(g, now)) }, []string{"group.failed"}},
		{func() { must(g.Retry(now)) }, []string{}},
		{func() { must(created("1-group")(g, now)) }, []string{"group.created"}},
		{func() { must(g.RollFailed(say.Words("no answer"), 0, now)) }, []string{"group.review"}},
		{func() { must(g.AdoptByHand("1-group", now)) }, []string{}},
		{func() { must(g.RollFailed(say.Words("no answer"), 0, now)) }, []string{"group.review"}},
		{func() { must(g.AdoptByHand("2-group", now)) }, []string{"group.created"}},
		{func() { g.AutoInvite = false; must(called()(g, now)) }, []string{"group.completed"}},
		{func() { must(g.Stray("3-group", g.Instance, now)) }, []string{"group.review"}},
		{func() { must(g.AdoptByHand("2-group", now)) }, []string{}},
		{func() { must(called()(g, now)) }, []string{"group.completed"}},
		{func() {
			_, err := g.Extend([]group.Member{{Number: "+5544999990009", Status: group.Pending}}, "x", now)
			must(err)
		}, []string{"group.extended"}},
		{func() { must(g.AddEnded(len(g.Members)-1, group.NotOnWhatsApp, say.Words(""), now)) }, []string{"group.completed"}},
		{func() { g.UpdatedAt = now }, []string{}},
	} {
		if diff := cmp.Diff(s.want, step(s.change)); diff != "" {
			t.Fatalf("step %d, the group is %s: new facts (-want +got):\n%s", i, g.Status, diff)
		}
	}
}

func TestFacts_AGroupIsReadyOnceAndOnlyWhenEveryStepHasEnded(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	g := &group.Group{
		ID: "grp_1", Status: group.Inviting, WhatsAppID: "120363-group", Called: true, UpdatedAt: at.Add(time.Hour), Roll: group.Looking{From: at},
		Setup: &group.Setup{From: at, Steps: []group.SetupStep{
			{Name: group.StepPhoto, Status: group.StepWanted, UpdatedAt: at.Add(2 * time.Minute)}, {Name: group.StepWelcome, Status: group.StepWanted},
		}},
	}
	told := map[string]time.Duration{}
	ready := func() int {
		for range 2 { // a second reading brings nothing new
			for _, f := range facts(g) {
				if f.Type == GroupReady {
					told[f.Once] = f.At.Sub(at)
				}
			}
		}
		return len(told)
	}
	if n := ready(); n != 0 {
		t.Errorf("got %d facts with two open steps, want none", n)
	}
	g.Setup.Steps[0].Status = group.StepRefused
	if n := ready(); n != 0 {
		t.Errorf("got %d facts with an open step, want none", n)
	}
	for _, ended := range []group.StepStatus{group.StepUnknown, group.StepDone} { // however it ended
		g.Setup.Steps[1].Status, g.Setup.Steps[1].UpdatedAt = ended, at.Add(time.Minute)
		if n := ready(); n != 1 {
			t.Errorf("got %d facts with %s, want 1", n, ended)
		}
	}
	for _, when := range told {
		if when != 2*time.Minute {
			t.Errorf("ready %v after the roll call, want 2m, when the last step ended", when)
		}
	}
	g.Status = group.Done // the group's own end does not repeat it
	if n := ready(); n != 1 {
		t.Errorf("got %d facts after the group's end, want 1", n)
	}
	g.Setup.Steps = nil
	clear(told)
	if n := ready(); n != 0 {
		t.Errorf("got %d facts without a set-up, want none", n)
	}
}

func TestFact_HoldsNoPerson(t *testing.T) {
	t.Parallel()
	r := newRig(t, testutil.Redis(t), to("http://127.0.0.1:1"))
	g := accept(t, r.Store, nil, "+5544999990001", "+5544999990002")
	move(t, r.Store, g, created("5544999990009-1600000000@g.us"))
	move(t, r.Store, g, called("+5544999990001"))
	move(t, r.Store, g, invited(1))
	r.pass()
	assertNothingStored(t, r.rdb, "rollcall:{hooks}*", "99999000")
}
