package group_test

import (
	"errors"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

const (
	four = "5511999990004"
	five = "5511999990005"
)

var lateLooks = group.Schedule{RollLooks: []time.Duration{10 * time.Second, time.Minute}}

func newcomers(numbers ...string) []group.Member {
	var all []group.Member
	for _, n := range numbers {
		all = append(all, group.Member{Number: phone.Number("+" + n), Input: n, Status: group.Pending})
	}
	return all
}

func TestGroupExtend_AGroupThatIsDoneGoesOnWithTheLatePeopleAlone(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
	g := settledGroup(t, now)
	now = now.Add(30 * 24 * time.Hour)
	if n, err := g.Extend(newcomers(one, two, four), "x.csv", now); n != 1 || err != nil || g.Status != group.Inviting || !g.FinishedAt.IsZero() {
		t.Fatalf("%d people taken, %v, group %s, finished at %v; want the one newcomer in a group that goes on", n, err, g.Status, g.FinishedAt)
	}
	if n, err := g.Extend(newcomers(four, one), "y.csv", now); n != 0 || err != nil {
		t.Errorf("people who were asked for before: %d taken, %v; want 0", n, err)
	}
	next := lateLooks.Next(g)
	if len(next) != 2 || next[0].ID != tasks.Add(g.ID, 3, g.Instance).ID {
		t.Fatalf("next: %+v, want the one add and the next reading", next)
	}
	if err := g.AddCalled(3, say.Words(""), now, now); err != nil {
		t.Fatal(err)
	}
	lateLooks.Plan(g)
	if want := now.Add(10 * time.Second); !g.Watch.At.Equal(want) {
		t.Errorf("the next reading is at %v, want %v", g.Watch.At, want)
	}
	decide := func(at time.Time, r group.Reading) {
		t.Helper()
		if err := g.Watched(r, at, at); err != nil {
			t.Fatal(err)
		}
		g.CallLate(r, lateLooks.RollLooks, time.Hour, at, at)
		lateLooks.Plan(g)
	}
	decide(now.Add(10*time.Second), reading(one))
	members(t, g, group.Added, group.Invited, group.Invited, group.Pending)
	partial := reading(one)
	partial.Complete = false
	decide(now.Add(time.Minute), partial)
	members(t, g, group.Added, group.Invited, group.Invited, group.Pending)
	if want := now.Add(2 * time.Minute); !g.Watch.At.Equal(want) {
		t.Errorf("after a partial list the next reading is at %v, want %v", g.Watch.At, want)
	}
	decide(now.Add(2*time.Minute), reading(one))
	members(t, g, group.Added, group.Invited, group.Invited, group.InviteQueued)
	if g.Status != group.Inviting {
		t.Errorf("a group with a waiting invitation is %s, want inviting", g.Status)
	}
}

func TestGroupCallLate_APersonWhoMayBeInUnderAHiddenNumberIsNotInvited(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
	g := settledGroup(t, now)
	if _, err := g.Extend(newcomers(four, five), "x.csv", now); err != nil {
		t.Fatal(err)
	}
	g.Members[4].LID = "555@lid"
	r := reading(one)
	r.People = append(r.People, phone.Identity{LID: "777@lid"})
	for i := 3; i <= 4; i++ {
		if err := g.AddCalled(i, say.Words(""), now, now); err != nil {
			t.Fatal(err)
		}
	}
	at := now.Add(time.Minute)
	if err := g.Watched(r, at, at); err != nil {
		t.Fatal(err)
	}
	g.CallLate(r, lateLooks.RollLooks, time.Hour, at, at)
	members(t, g, group.Added, group.Invited, group.Invited, group.Unidentified, group.InviteQueued)
}

func TestGroupCallLate_KeepsTheProvidersReasonForAPersonWhoIsNotIn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
	g := settledGroup(t, now)
	if _, err := g.Extend(newcomers(four, five), "x.csv", now); err != nil {
		t.Fatal(err)
	}
	for i, told := range map[int]string{3: "the group is full", 4: "the person is in the group already"} {
		if err := g.AddCalled(i, say.Words(told), now, now); err != nil {
			t.Fatal(err)
		}
	}
	at := now.Add(time.Minute)
	r := reading(one, five)
	if err := g.Watched(r, at, at); err != nil {
		t.Fatal(err)
	}
	g.CallLate(r, lateLooks.RollLooks, time.Hour, at, at)
	members(t, g, group.Added, group.Invited, group.Invited, group.InviteQueued, group.Added)
	if out, in := g.Members[3].Reason, g.Members[4].Reason; out.String() != "WhatsApp did not add this person: the group is full" || !in.Zero() {
		t.Errorf("the reason of the person who is not in: %q; of the one who is in: %q, want no reason", out, in)
	}
}

func TestGroupExtend_OnlyAGroupThatWaitsOrExistsTakesPeople(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
	for status, may := range map[group.Status]bool{
		group.Queued: true, group.Inviting: true, group.Done: true,
		group.Creating: false, group.Verifying: false, group.Review: false, group.Failed: false, group.Cancelled: false,
	} {
		g := settledGroup(t, now)
		g.Status = status
		if status != group.Inviting && status != group.Done {
			g.WhatsAppID = ""
		}
		n, err := g.Extend(newcomers(four), "x", now)
		if (err == nil) != may || (n == 1) != may || err != nil && !errors.Is(err, group.ErrState) {
			t.Errorf("a group that is %s takes %d people, %v; want it to take the newcomer: %v", status, n, err, may)
		}
		if may && g.Members[3].Late != g.Exists() {
			t.Errorf("a newcomer to a group that is %s has Late %v, want %v", status, g.Members[3].Late, g.Exists())
		}
	}
}

// The first roll call decides about the original people of the request only.
func TestGroupCallRoll_LeavesLatePeopleToTheirOwnCall(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
	g := begun(t, now)
	if err := g.Created(1, group.Answer{GroupID: "wa-1"}, now); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Extend(newcomers(four), "x", now); err != nil {
		t.Fatal(err)
	}
	if err := g.CallRoll(reading(one, two, three), false, now); err != nil {
		t.Fatal(err)
	}
	members(t, g, group.Added, group.Added, group.Added, group.Pending)
	if next := lateLooks.Next(g); !g.Called || g.Status != group.Inviting || len(next) != 1 || next[0].Type != tasks.TypeAdd {
		t.Errorf("roll called %v, group %s, next %+v; want called, inviting, and the add alone", g.Called, g.Status, next)
	}
}

// A call for a person begins once. To another worker it is busy, or in doubt when the first worker is
// dead or its time is over.
func TestGroupIntend_ACallForAPersonBeginsOnce(t *testing.T) {
	t.Parallel()
	lives := func(alive bool) func(string) bool { return func(string) bool { return alive } }
	for what, begin := range map[string]func(g *group.Group, owner string, alive bool, at time.Time) group.Begun{
		"invite": func(g *group.Group, owner string, alive bool, at time.Time) group.Begun {
			return g.BeginInvite(0, owner, time.Minute, lives(alive), at)
		},
		"add": func(g *group.Group, owner string, alive bool, at time.Time) group.Begun {
			return g.BeginAdd(len(g.Members)-1, owner, time.Minute, lives(alive), at)
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
			g := begun(t, now)
			if err := errors.Join(g.Created(1, group.Answer{GroupID: "wa-1"}, now), g.CallRoll(group.Reading{Complete: true}, false, now),
				g.CallRoll(group.Reading{Complete: true}, true, now)); err != nil {
				t.Fatal(err)
			}
			if _, err := g.Extend(newcomers(four), "x", now); err != nil {
				t.Fatal(err)
			}
			if b := begin(g, "a", true, now); b != group.Go {
				t.Fatalf("the first worker gets %v, want Go", b)
			}
			if b := begin(g, "b", true, now.Add(time.Second)); b != group.Busy {
				t.Errorf("while the first worker calls, the second gets %v, want Busy", b)
			}
			for _, alive := range []bool{true, false} {
				if b := begin(g, "b", alive, now.Add(2*time.Minute)); b != group.Doubt {
					t.Errorf("when the first worker's time is over (alive %v), the second gets %v, want Doubt", alive, b)
				}
			}
			if b := begin(g, "b", false, now.Add(time.Second)); b != group.Doubt {
				t.Errorf("when the first worker is dead, the second gets %v, want Doubt", b)
			}
		})
	}
}
