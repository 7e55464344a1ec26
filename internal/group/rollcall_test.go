package group_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestTheRollCallTellsEverybodyApart(t *testing.T) {
	t.Parallel()
	const one, two, three = "5511999990001", "5511999990002", "5511999990003"
	digits := func(all ...string) (people []phone.Identity) {
		for _, d := range all {
			people = append(people, phone.IdentityOf(d))
		}
		return people
	}
	for _, tt := range []struct {
		name     string
		auto     bool
		people   []phone.Identity
		notAdded []string
		lids     map[int]string
		want     []group.MemberStatus
		done     bool
	}{
		{
			name: "all are in the group", auto: true, people: digits("551188880000", one, two, three),
			want: []group.MemberStatus{group.Added, group.Added, group.Added}, done: true,
		},
		{
			name: "a number without the ninth digit is the same person", auto: true, people: digits("551188880000", "551199990001", two, three),
			want: []group.MemberStatus{group.Added, group.Added, group.Added}, done: true,
		},
		{
			name: "a missing person is invited", auto: true, people: digits("551188880000", one),
			want: []group.MemberStatus{group.Added, group.InviteQueued, group.InviteQueued},
		},
		{
			name: "a missing person is only reported without auto-invite", people: digits("551188880000", one),
			want: []group.MemberStatus{group.Added, group.NotAdded, group.NotAdded}, done: true,
		},
		{
			name: "a person with a hidden number could be either of the missing", auto: true, people: digits("551188880000", one, "777@lid"),
			want: []group.MemberStatus{group.Added, group.Unidentified, group.Unidentified}, done: true,
		},
		{
			name: "a missing person with another LID is not the hidden one", auto: true, people: digits("551188880000", one, "777@lid"),
			lids: map[int]string{1: "222@lid"},
			want: []group.MemberStatus{group.Added, group.InviteQueued, group.Unidentified},
		},
		{
			name: "a person whom the provider reported as not added is not the hidden one", auto: true, people: digits("551188880000", one, "777@lid"), notAdded: []string{"551199990002"},
			want: []group.MemberStatus{group.Added, group.InviteQueued, group.Unidentified},
		},
		{
			name: "a person is recognised by a known LID", auto: true, people: digits("551188880000", one, "222@lid", three),
			lids: map[int]string{1: "222@lid"},
			want: []group.MemberStatus{group.Added, group.Added, group.Added}, done: true,
		},
		{
			name: "a visible stranger is not one of the members", auto: true, people: digits("551188880000", one, two, "79001234567"),
			want: []group.MemberStatus{group.Added, group.Added, group.InviteQueued},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			now := time.Now()
			g := begun(t, now)
			g.AutoInvite = tt.auto
			for i, lid := range tt.lids {
				g.Members[i].Learn(phone.Identity{LID: lid})
			}
			if err := g.Created(1, group.Answer{GroupID: "wa-1", NotAdded: tt.notAdded}, now); err != nil {
				t.Fatal(err)
			}
			reading := group.Reading{People: tt.people, Self: phone.IdentityOf("551188880000"), Complete: true}
			for _, last := range []bool{false, true} {
				if g.Called {
					break // the first reading showed all members
				}
				if !last && slices.Contains(tt.want, group.InviteQueued) {
					before := g.Counts()[group.Pending]
					if err := g.CallRoll(reading, last, now); err != nil || g.Counts()[group.Pending] == 0 {
						t.Errorf("the first reading decided about a missing member (%v): %d pending before, 0 after", err, before)
					}
					continue
				}
				if err := g.CallRoll(reading, last, now); err != nil {
					t.Fatal(err)
				}
			}
			for i, want := range tt.want {
				if got := g.Members[i].Status; got != want {
					t.Errorf("member %d is %s, want %s", i, got, want)
				}
			}
			if (g.Status == group.Done) != tt.done {
				t.Errorf("the group is %s, want done: %v", g.Status, tt.done)
			}
		})
	}
}

func TestGroupCallRoll_APartialListSettlesNoMissingMember(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	if err := g.Created(1, group.Answer{GroupID: "wa-1"}, now); err != nil {
		t.Fatal(err)
	}
	r := group.Reading{People: []phone.Identity{{Digits: "5511999990001"}}, Complete: false}
	for range 5 {
		if err := g.CallRoll(r, true, now); err != nil {
			t.Fatal(err)
		}
	}
	if got := g.Counts(); got[group.Added] != 1 || got[group.Pending] != 2 || g.Called {
		t.Errorf("after partial lists: counts %v, roll called %v; want one added, two pending, not called", got, g.Called)
	}
}

func TestGroupInvited_TheLastInvitationEndsTheGroupOnce(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	reading := group.Reading{Complete: true}
	for _, err := range []error{
		g.Created(1, group.Answer{GroupID: "wa-1"}, now), g.CallRoll(reading, false, now), g.CallRoll(reading, true, now),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range g.Members {
		if g.Status != group.Inviting {
			t.Fatalf("the group is %s before member %d is invited, want inviting", g.Status, i)
		}
		if b := g.BeginInvite(i, "a", time.Minute, func(string) bool { return true }, now); b != group.Go {
			t.Fatalf("the invitation of member %d: begun %v, want Go", i, b)
		}
		if err := g.Invited(i, "3EB0", now); err != nil {
			t.Fatal(err)
		}
		if err := g.Invited(i, "3EB0", now); err == nil {
			t.Errorf("member %d was invited twice", i)
		}
	}
	if g.Status != group.Done || g.FinishedAt != now {
		t.Errorf("the group is %s, finished at %s; want done at %s", g.Status, g.FinishedAt, now)
	}
}

func TestGroupLateJoin_APersonWhoCameInOrMayHaveComeInIsNotInvited(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	empty := group.Reading{Complete: true}
	for _, err := range []error{
		g.Created(1, group.Answer{GroupID: "wa-1"}, now), g.CallRoll(empty, false, now), g.CallRoll(empty, true, now),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	came := group.Reading{People: []phone.Identity{{Digits: "5511999990001"}, {LID: "777@lid"}}, Complete: true}
	if waiting, err := g.LateJoin(0, came, now); waiting || err != nil || g.Members[0].Status != group.Added {
		t.Errorf("a person who came in: waiting %v, %v, %s; want added", waiting, err, g.Members[0].Status)
	}
	g.Members[2].Learn(phone.Identity{LID: "333@lid"})
	if waiting, err := g.LateJoin(1, came, now); waiting || err != nil || g.Members[1].Status != group.Unidentified {
		t.Errorf("a person who may have come in: waiting %v, %v, %s; want unidentified", waiting, err, g.Members[1].Status)
	}
	if waiting, err := g.LateJoin(2, came, now); !waiting || err != nil {
		t.Errorf("a person with another LID than the hidden one: waiting %v, %v; want the invitation to wait", waiting, err)
	}
}

func TestGroupInviteNotSent_GivesUpCountedFromTheFirstTryAndNotFromTheRollCall(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	for _, err := range []error{g.Created(1, group.Answer{GroupID: "wa-1"}, now), g.CallRoll(reading(one), true, now)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	const giveUp = 24 * time.Hour
	try := func(i int, after time.Duration, want group.MemberStatus) {
		t.Helper()
		at := now.Add(after)
		if g.BeginInvite(i, "a", time.Minute, func(string) bool { return true }, at) != group.Go {
			t.Fatal("the invitation does not begin")
		}
		if err := g.InviteNotSent(i, say.Words("connection refused"), giveUp, at); err != nil || g.Members[i].Status != want {
			t.Errorf("a try %s after the roll call: %v, the person is %s, want %s", after, err, g.Members[i].Status, want)
		}
	}
	try(1, 72*time.Hour, group.InviteQueued) // the pace has let it wait
	try(1, 95*time.Hour, group.InviteQueued)
	try(1, 96*time.Hour, group.InviteFailed)
	try(2, 72*time.Hour, group.InviteQueued)
	if err := g.InviteLimited(2, now.Add(80*time.Hour)); err != nil {
		t.Fatal(err)
	}
	try(2, 104*time.Hour, group.InviteQueued) // the provider has answered since the first one
}

func TestGroupCallRoll_APersonRequestedByNumberAndByLIDIsInvitedOnce(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	g.Members = []group.Member{member("+" + one), {LID: "123@lid", Input: "123@lid", Status: group.Pending}}
	g.Members[0].Learn(phone.Identity{Digits: one, LID: "123@lid"}) // a number check
	for _, err := range []error{g.Created(1, group.Answer{GroupID: "wa-1"}, now), g.CallRoll(reading(), true, now)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	members(t, g, group.InviteQueued, group.NotAdded)
}

// A group goes into review while a call for a person is under way. Its answer is recorded all the same: later it is
// not known any more.
func TestGroupInReview_TheAnswerOfACallUnderWayIsKept(t *testing.T) {
	t.Parallel()
	now := time.Now()
	alive := func(string) bool { return true }
	inReview := func() *group.Group {
		g := wanting(tasks.Setup{WelcomeMessage: "hello"}, now)
		called(t, g, now, anaPhone)
		if _, err := g.Extend(newcomers(four), "x", now); err != nil {
			t.Fatal(err)
		}
		if a, b, c := g.BeginInvite(1, "a", time.Minute, alive, now), g.BeginAdd(2, "a", time.Minute, alive, now), g.BeginWelcome("a", time.Minute, alive, now); a != group.Go || b != group.Go || c != group.Go {
			t.Fatalf("begun %v, %v, %v; want Go", a, b, c)
		}
		if err := g.Stray("wa-2", g.Instance, now); err != nil || g.Status != group.Review {
			t.Fatalf("%v, the group is %s, want review", err, g.Status)
		}
		return g
	}

	g := inReview()
	if err := errors.Join(g.Invited(1, "m-1", now), g.AddCalled(2, say.Phrase{}, now, now), g.Welcomed("m-2", now)); err != nil ||
		g.Members[1].Status != group.Invited || g.Members[2].CalledAt.IsZero() || g.Step(group.StepWelcome).Status != group.StepDone || g.Status != group.Review {
		t.Errorf("done: %v, the members are %+v, the welcome is %+v; want an invitation, an add and a welcome recorded", err, g.Members, g.Step(group.StepWelcome))
	}

	g = inReview()
	if err := errors.Join(g.InviteNotSent(1, say.Words("dial"), time.Hour, now), g.AddNotSent(2, say.Words("dial"), time.Hour, now), g.WelcomeNotSent(say.Words("dial"), time.Hour, now)); err != nil ||
		g.Members[1].Invite != nil || g.Members[2].Invite != nil || g.Step(group.StepWelcome).Intent != nil {
		t.Errorf("not sent: %v, the members are %+v, the welcome is %+v; want no intent left, so that each can be sent", err, g.Members, g.Step(group.StepWelcome))
	}
	if g.BeginInvite(1, "a", time.Minute, alive, now) != group.Past || g.BeginAdd(2, "a", time.Minute, alive, now) != group.Past || g.BeginWelcome("a", time.Minute, alive, now) != group.Past {
		t.Error("a call begins while the group is in review")
	}
}
