package group_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

const (
	own   = "551188880000"
	one   = "5511999990001"
	two   = "5511999990002"
	three = "5511999990003"
)

var looks = group.Schedule{JoinLooks: []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour, 72 * time.Hour}}

func reading(people ...string) group.Reading {
	r := group.Reading{Self: phone.IdentityOf(own), Complete: true, People: []phone.Identity{phone.IdentityOf(own)}}
	for _, p := range people {
		r.People = append(r.People, phone.IdentityOf(p))
	}
	return r
}

// settledGroup is a done group: one was added, two and three were invited a minute apart.
func settledGroup(t *testing.T, now time.Time) *group.Group {
	t.Helper()
	g := begun(t, now)
	errs := []error{g.Created(1, group.Answer{GroupID: "wa-1"}, now), g.CallRoll(reading(one), false, now), g.CallRoll(reading(one), true, now)}
	for i := 1; i <= 2; i++ {
		at := now.Add(time.Duration(i) * time.Minute)
		g.BeginInvite(i, "a", time.Minute, func(string) bool { return true }, at)
		errs = append(errs, g.Invited(i, "3EB"+string(rune('0'+i)), at))
	}
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	looks.Plan(g)
	return g
}

func members(t *testing.T, g *group.Group, want ...group.MemberStatus) {
	t.Helper()
	for i, w := range want {
		if got := g.Members[i].Status; got != w {
			t.Errorf("member %d is %s (%s), want %s", i, got, g.Members[i].Reason, w)
		}
	}
}

// read gives the group a reading at a time; the zero time stands for the planned one.
func read(t *testing.T, g *group.Group, at time.Time, r group.Reading) {
	t.Helper()
	if at.IsZero() {
		at = g.Watch.At
	}
	if err := g.Watched(r, at, at.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	looks.Plan(g)
}

func TestInvitedPeopleAreLookedForAtEachLookAndThenNoMore(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	g := settledGroup(t, now)
	if g.Status != group.Done {
		t.Fatalf("the group is %s, want done", g.Status)
	}
	var at []time.Duration
	for !g.Watch.At.IsZero() {
		if len(at) > 20 {
			t.Fatal("the readings never end")
		}
		next := looks.Next(g)
		if len(next) != 1 || next[0].Type != tasks.TypeJoins || !next[0].At.Equal(g.Watch.At) {
			t.Fatalf("next is %+v, want the reading at %s alone", next, g.Watch.At)
		}
		at = append(at, g.Watch.At.Sub(now))
		read(t, g, time.Time{}, reading(one))
	}
	if len(at) != 8 || looks.Next(g) != nil {
		t.Fatalf("readings at %v, next %+v; want eight readings, and no other", at, looks.Next(g))
	}
	// The invitations went out a minute apart, so each has its own look of each kind.
	for i, look := range looks.JoinLooks {
		if found := at[2*i]; found != look+time.Minute {
			t.Errorf("the first reading of look %d came at %s, want %s", i, found, look+time.Minute)
		}
	}
	members(t, g, group.Added, group.Invited, group.Invited)
}

func TestSchedulePlan_AThousandInvitationsShareTheirReadings(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	g := settledGroup(t, now)
	for i := range 1000 {
		g.Members = append(g.Members, group.Member{LID: "9@lid", Status: group.Invited, InvitedAt: now.Add(time.Duration(i) * 45 * time.Second)})
	}
	looks.Plan(g)
	n := 0
	for ; !g.Watch.At.IsZero() && n < 1000; n++ {
		read(t, g, time.Time{}, reading(one))
	}
	// The invitations take 12.5 h. Each of the four looks at them takes as long, at four readings an hour at most.
	if n > 4*52 {
		t.Errorf("%d readings, want at most %d", n, 4*52)
	}
}

func TestGroupWatch_APersonWhoIsReadInsideHasJoined(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	g := settledGroup(t, now)
	at := g.Watch.At
	read(t, g, time.Time{}, reading(one, two))
	members(t, g, group.Added, group.Joined, group.Invited)
	if m := g.Members[1]; !m.UpdatedAt.Equal(at.Add(time.Second)) || !m.InvitedAt.Equal(now.Add(time.Minute)) {
		t.Errorf("joined at %s, invited at %s; want %s and %s", m.UpdatedAt, m.InvitedAt, at.Add(time.Second), now.Add(time.Minute))
	}
	if g.Status != group.Done || !g.UpdatedAt.Equal(at.Add(time.Second)) {
		t.Errorf("the group is %s, updated at %s; want done, updated at %s", g.Status, g.UpdatedAt, at.Add(time.Second))
	}
}

func TestLeavingIsReadTwiceOrToldAndReadOnce(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	hidden := func(r group.Reading) group.Reading {
		r.People = append(r.People, phone.Identity{LID: "777@lid"})
		return r
	}
	partial := reading()
	partial.Complete = false
	for _, tt := range []struct {
		name  string
		said  group.Departure
		first group.Reading
		again group.Reading
		want  group.MemberStatus
		alone bool // the first reading decides
	}{
		{name: "missing from two readings", first: reading(), again: reading(), want: group.Left},
		{name: "missing once", first: reading(), again: reading(one), want: group.Added},
		{name: "reported and missing", said: group.SaidLeft, first: reading(), want: group.Left, alone: true},
		{name: "reported, and still in", said: group.SaidLeft, first: reading(one), again: reading(one), want: group.Added},
		{name: "reported as removed by an admin, and missing", said: group.SaidRemoved, first: reading(), want: group.Left, alone: true},
		{name: "missing from partial lists", first: partial, again: partial, want: group.Added},
		{name: "reported, and missing from a partial list", said: group.SaidLeft, first: partial, again: partial, want: group.Added},
		{name: "missing from a list without the instance's own number", first: group.Reading{Self: phone.IdentityOf(own), Complete: true}, again: reading(one), want: group.Added},
		{name: "missing, but a hidden number has appeared", first: hidden(reading()), again: hidden(reading()), want: group.Added},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := settledGroup(t, now)
			if tt.said != "" && !g.Told(phone.IdentityOf("551199990001"), tt.said) {
				t.Fatal("the webhook's report is not taken as news")
			}
			read(t, g, time.Time{}, tt.first)
			if tt.alone != (g.Members[0].Status == group.Left) {
				t.Errorf("after one reading the member is %s, want left: %v", g.Members[0].Status, tt.alone)
			}
			if !tt.alone {
				read(t, g, time.Time{}, tt.again)
			}
			members(t, g, tt.want)
			if voluntary := len(g.Leavers()) == 1; voluntary != (tt.want == group.Left && tt.said != group.SaidRemoved) {
				t.Errorf("leavers are %v, want the member only if they left and no admin removed them", g.Leavers())
			}
			for range 20 { // the readings must end
				if g.Watch.At.IsZero() {
					return
				}
				read(t, g, time.Time{}, tt.first)
			}
			t.Errorf("after 20 readings another is planned at %s", g.Watch.At.Sub(now))
		})
	}
}

func TestGroupWatch_APersonWhoComesBackIsInAgain(t *testing.T) {
	t.Parallel()
	g := settledGroup(t, time.Now().Truncate(time.Millisecond))
	g.Told(phone.IdentityOf(one), group.SaidLeft)
	g.Told(phone.IdentityOf(two), group.SaidLeft) // followed the invitation and left, before any reading
	read(t, g, time.Time{}, reading())
	members(t, g, group.Left, group.Left, group.Invited)
	read(t, g, time.Time{}, reading(one, two))
	members(t, g, group.Added, group.Joined, group.Invited)
}

func TestGroupWatch_APersonWhoLeftBeforeTheRollCallIsNotInvited(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	if err := g.Created(1, group.Answer{GroupID: "wa-1"}, now); err != nil {
		t.Fatal(err)
	}
	g.Told(phone.IdentityOf(one), group.SaidLeft)
	for _, last := range []bool{false, true} {
		if err := g.CallRoll(reading(), last, now); err != nil {
			t.Fatal(err)
		}
	}
	members(t, g, group.Left, group.InviteQueued, group.InviteQueued)
	g.Told(phone.IdentityOf(two), group.SaidLeft) // came in by another way, and left
	if waits, err := g.LateJoin(1, reading(), now); waits || err != nil {
		t.Errorf("the invitation of a person who left waits: %v, %v; want it not to", waits, err)
	}
	members(t, g, group.Left, group.Left, group.InviteQueued)
	if err := g.Invited(1, "3EB0", now); err == nil {
		t.Error("a person who left was invited")
	}
}

func TestGroupAsk_ABurstOfWebhooksIsOneReading(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	g := settledGroup(t, now)
	late := now.Add(10 * time.Minute)
	if !g.Ask(late) || g.Ask(late) || g.Ask(late.Add(time.Second)) {
		t.Error("the first webhook must plan a reading, and the next two must not")
	}
	asked := g.Watch.At
	if d := asked.Sub(late); d <= 0 || d > time.Minute {
		t.Errorf("the reading comes %s after the webhook, want within a minute", d)
	}
	// A webhook that arrives during the reading gets a second one.
	if !g.Ask(asked.Add(time.Second)) {
		t.Error("a webhook during the reading plans no second reading")
	}
	read(t, g, asked, reading(one))
	if again := g.Watch.At.Sub(asked); again <= 0 || again > time.Minute {
		t.Errorf("the second reading comes %s after the first, want within a minute", again)
	}
	read(t, g, time.Time{}, reading(one))
	if at := g.Watch.At.Sub(now); at < time.Hour {
		t.Errorf("a third reading comes at %s, want no reading before the first look, at 1h", at)
	}
}

func TestGroupWatchFailed_TheReadingIsRepeatedAndThenSkipped(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	g := settledGroup(t, now)
	due := g.Watch.At
	if err := g.WatchFailed(time.Minute, 24*time.Hour, due); err != nil {
		t.Fatal(err)
	}
	looks.Plan(g)
	if !g.Watch.At.Equal(due.Add(time.Minute)) {
		t.Errorf("the failed reading is tried again after %s, want 1m", g.Watch.At.Sub(due))
	}
	if err := g.WatchFailed(time.Minute, 24*time.Hour, due.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	looks.Plan(g)
	if at := g.Watch.At.Sub(now); at < 72*time.Hour || g.Watch.Failures != 0 {
		t.Errorf("the next look is at %s, failures %d; want it not before 72h, with 0 failures", at, g.Watch.Failures)
	}
	if err := g.WatchRefused(g.Watch.At); err != nil {
		t.Fatal(err)
	}
	members(t, g, group.Added, group.Invited, group.Invited)
}

func TestSchedulePlan_LeavesReadsAlsoGroupsWithoutInvitations(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	g := begun(t, now)
	for _, err := range []error{g.Created(1, group.Answer{GroupID: "wa-1"}, now), g.CallRoll(reading(one, two, three), true, now)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if looks.Plan(g); !g.Watch.At.IsZero() {
		t.Errorf("without Leaves, a group with all its members in is read again at %s", g.Watch.At)
	}
	all := looks
	all.Leaves = true
	if all.Plan(g); !g.Watch.At.Equal(now.Add(time.Hour)) {
		t.Errorf("with Leaves, the group is read after %s, want 1h", g.Watch.At.Sub(now))
	}
}

func TestGroupBounced_MovesOnlyTheInvitationOfItsMessage(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	g := settledGroup(t, now)
	if err := g.Bounced(1, "3EB2", group.InviteFailed, say.Words("late"), now); err == nil {
		t.Error("a report about another message was accepted")
	}
	if err := g.Bounced(0, "", group.InviteFailed, say.Words("forged"), now); err == nil {
		t.Error("a report without a message was accepted")
	}
	if err := g.Bounced(1, "3EB1", group.NotOnWhatsApp, say.Words("no account"), now); err != nil {
		t.Fatal(err)
	}
	if err := g.Bounced(1, "3EB1", group.InviteFailed, say.Words("twice"), now); err == nil {
		t.Error("an ended member moved again")
	}
	if err := g.Bounced(2, "3EB2", group.InviteUnknown, say.Words("timeout"), now); err != nil {
		t.Fatal(err)
	}
	members(t, g, group.Added, group.NotOnWhatsApp, group.InviteUnknown)
	if err := g.Delivered(2, "3EB2", now); err != nil {
		t.Fatal(err)
	}
	members(t, g, group.Added, group.NotOnWhatsApp, group.Invited)
	read(t, g, time.Time{}, reading(one, two)) // a reading overrules the message's failure
	members(t, g, group.Added, group.Joined, group.Invited)
}

func TestBatchDocument_TheFunnelNeverGrows(t *testing.T) {
	t.Parallel()
	b := group.Batch{Members: map[group.MemberStatus]int{
		group.Added: 5, group.Invited: 2, group.Joined: 1, group.Invalid: 1, group.Left: 1,
	}}
	if got, want := b.Document(time.Time{}).Funnel, (group.Funnel{Asked: 10, Added: 5, Invited: 3, Joined: 1}); got != want {
		t.Errorf("funnel %+v, want %+v", got, want)
	}
}

func TestSchedulePlan_AGroupInReviewIsNotRead(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	g := settledGroup(t, now)
	if err := g.Stray("wa-2", g.Instance, now); err != nil || g.Status != group.Review {
		t.Fatal(g.Status, err)
	}
	looks.Plan(g)
	if g.Ask(now) || looks.Next(g) != nil || g.Watched(reading(one), now, now) == nil {
		t.Errorf("a group in review is read: %+v", g.Watch)
	}
	if err := g.AdoptByHand("wa-2", now); err != nil {
		t.Fatal(err)
	}
	if next := looks.Next(g); len(next) != 1 || next[0].Type != tasks.TypeRollCall {
		t.Errorf("next is %+v, want the roll call alone", next)
	}
	if err := g.CallRoll(reading(one, two), true, now); err != nil {
		t.Fatal(err)
	}
	if looks.Plan(g); !g.Watch.At.Equal(now.Add(2*time.Minute + time.Hour)) {
		t.Errorf("the invited person is looked for after %s, want 1h2m", g.Watch.At.Sub(now))
	}
	members(t, g, group.Added, group.Joined, group.Invited)
}
