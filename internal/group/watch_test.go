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

// read reads the group at the time it plans to, or at another one.
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
		t.Fatalf("the group is %s", g.Status)
	}
	var at []time.Duration
	for !g.Watch.At.IsZero() {
		if len(at) > 20 {
			t.Fatal("the readings never end")
		}
		next := looks.Next(g)
		if len(next) != 1 || next[0].Type != tasks.TypeJoins || !next[0].At.Equal(g.Watch.At) {
			t.Fatalf("next is %+v", next)
		}
		at = append(at, g.Watch.At.Sub(now))
		read(t, g, time.Time{}, reading(one))
	}
	// The second invitation of the two has its own first look; the others are shared by both.
	for i, look := range looks.JoinLooks {
		if found := at[2*i]; found != look+time.Minute {
			t.Errorf("look %d came at %s", i, found)
		}
	}
	if len(at) != 8 || looks.Next(g) != nil {
		t.Errorf("readings at %v", at)
	}
	members(t, g, group.Added, group.Invited, group.Invited)
}

func TestAThousandInvitationsShareTheirReadings(t *testing.T) {
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
	// The invitations take 12.5 h; each look at them is at most four readings an hour for as long.
	if n > 4*52 {
		t.Errorf("%d readings", n)
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
		t.Errorf("joined at %s, invited at %s", m.UpdatedAt, m.InvitedAt)
	}
	if g.Status != group.Done || !g.UpdatedAt.Equal(at.Add(time.Second)) {
		t.Errorf("%s, %s", g.Status, g.UpdatedAt)
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
		{name: "told and missing", said: group.SaidLeft, first: reading(), want: group.Left, alone: true},
		{name: "told, and not so", said: group.SaidLeft, first: reading(one), again: reading(one), want: group.Added},
		{name: "told of an admin", said: group.SaidRemoved, first: reading(), want: group.Left, alone: true},
		{name: "missing from partial lists", first: partial, again: partial, want: group.Added},
		{name: "told, and missing from a partial list", said: group.SaidLeft, first: partial, again: partial, want: group.Added},
		{name: "missing from a list without ourselves", first: group.Reading{Self: phone.IdentityOf(own), Complete: true}, again: reading(one), want: group.Added},
		{name: "perhaps hidden since", first: hidden(reading()), again: hidden(reading()), want: group.Added},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := settledGroup(t, now)
			if tt.said != "" && !g.Told(phone.IdentityOf("551199990001"), tt.said) {
				t.Fatal("told in vain")
			}
			read(t, g, time.Time{}, tt.first)
			if tt.alone != (g.Members[0].Status == group.Left) {
				t.Errorf("after one reading: %s", g.Members[0].Status)
			}
			if !tt.alone {
				read(t, g, time.Time{}, tt.again)
			}
			members(t, g, tt.want)
			if voluntary := len(g.Leavers()) == 1; voluntary != (tt.want == group.Left && tt.said != group.SaidRemoved) {
				t.Errorf("leavers %v", g.Leavers())
			}
			for range 20 { // the readings end, however many were missed
				if g.Watch.At.IsZero() {
					return
				}
				read(t, g, time.Time{}, tt.first)
			}
			t.Errorf("a reading is still to come at %s", g.Watch.At.Sub(now))
		})
	}
}

func TestGroupWatch_APersonWhoComesBackIsInAgain(t *testing.T) {
	t.Parallel()
	g := settledGroup(t, time.Now().Truncate(time.Millisecond))
	g.Told(phone.IdentityOf(one), group.SaidLeft)
	g.Told(phone.IdentityOf(two), group.SaidLeft) // followed the invitation and left, all unseen
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
		t.Errorf("waits %v, %v", waits, err)
	}
	members(t, g, group.Left, group.Left, group.InviteQueued)
	if err := g.Invited(1, "3EB0", now); err == nil {
		t.Error("a person who left was invited")
	}
}

func TestABurstOfWebhooksIsOneReading(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	g := settledGroup(t, now)
	late := now.Add(10 * time.Minute)
	if !g.Ask(late) || g.Ask(late) || g.Ask(late.Add(time.Second)) {
		t.Error("each webhook wants a reading of its own")
	}
	asked := g.Watch.At
	if d := asked.Sub(late); d <= 0 || d > time.Minute {
		t.Errorf("the reading comes after %s", d)
	}
	// Something happens while the reading is under way: another one follows it.
	if !g.Ask(asked.Add(time.Second)) {
		t.Error("a webhook during the reading was taken for answered")
	}
	read(t, g, asked, reading(one))
	if again := g.Watch.At.Sub(asked); again <= 0 || again > time.Minute {
		t.Errorf("the second reading comes %s after the first", again)
	}
	read(t, g, time.Time{}, reading(one))
	if at := g.Watch.At.Sub(now); at < time.Hour {
		t.Errorf("a third reading comes at %s", at)
	}
}

func TestAReadingThatFailsIsRepeatedAndGivenUp(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	g := settledGroup(t, now)
	due := g.Watch.At
	if err := g.WatchFailed(time.Minute, 24*time.Hour, due); err != nil {
		t.Fatal(err)
	}
	looks.Plan(g)
	if !g.Watch.At.Equal(due.Add(time.Minute)) {
		t.Errorf("tried again at %s", g.Watch.At.Sub(due))
	}
	if err := g.WatchFailed(time.Minute, 24*time.Hour, due.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	looks.Plan(g)
	if at := g.Watch.At.Sub(now); at < 72*time.Hour || g.Watch.Failures != 0 {
		t.Errorf("the next look is at %s, failures %d", at, g.Watch.Failures)
	}
	if err := g.WatchRefused(g.Watch.At); err != nil {
		t.Fatal(err)
	}
	members(t, g, group.Added, group.Invited, group.Invited)
}

func TestOnLeaveAllReadsAlsoGroupsWithoutInvitations(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	g := begun(t, now)
	for _, err := range []error{g.Created(1, group.Answer{GroupID: "wa-1"}, now), g.CallRoll(reading(one, two, three), true, now)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if looks.Plan(g); !g.Watch.At.IsZero() {
		t.Error("everybody is in, and it is read again")
	}
	all := looks
	all.Leaves = true
	if all.Plan(g); !g.Watch.At.Equal(now.Add(time.Hour)) {
		t.Errorf("read at %s", g.Watch.At.Sub(now))
	}
}

func TestANewsOfAMessageMovesOnlyTheInvitationItBelongsTo(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	g := settledGroup(t, now)
	if err := g.Bounced(1, "3EB2", group.InviteFailed, say.Words("late"), now); err == nil {
		t.Error("another message's news was believed")
	}
	if err := g.Bounced(0, "", group.InviteFailed, say.Words("forged"), now); err == nil {
		t.Error("news of no message was believed")
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

func TestAFunnelNeverGrows(t *testing.T) {
	t.Parallel()
	b := group.Batch{Members: map[group.MemberStatus]int{
		group.Added: 5, group.Invited: 2, group.Joined: 1, group.Invalid: 1, group.Left: 1,
	}}
	if got, want := b.Document(time.Time{}).Funnel, (group.Funnel{Asked: 10, Added: 5, Invited: 3, Joined: 1}); got != want {
		t.Errorf("funnel %+v, want %+v", got, want)
	}
}

func TestAGroupThatIsWithAPersonIsNotRead(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	g := settledGroup(t, now)
	if err := g.Stray("wa-2", now); err != nil || g.Status != group.Review {
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
		t.Errorf("next is %+v", next)
	}
	if err := g.CallRoll(reading(one, two), true, now); err != nil {
		t.Fatal(err)
	}
	if looks.Plan(g); !g.Watch.At.Equal(now.Add(2*time.Minute + time.Hour)) {
		t.Errorf("who is still awaited is looked for after %s", g.Watch.At.Sub(now))
	}
	members(t, g, group.Added, group.Joined, group.Invited)
}
