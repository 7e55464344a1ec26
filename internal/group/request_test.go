package group_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// stranger is a person of no request.
var stranger = phone.Identity{Digits: "5511977770000", LID: "901@lid"}

// doneGroup is a done group with ana in it and bea invited.
func doneGroup(t *testing.T, asked tasks.Setup) (*group.Group, time.Time) {
	t.Helper()
	now := time.Date(2027, 1, 10, 9, 0, 0, 0, time.UTC)
	g := wanting(asked, now)
	called(t, g, now, anaPhone)
	g.Members[1].Status, g.Members[1].InvitedAt, g.Status = group.Invited, now, group.Done
	return g, now
}

func approving() tasks.Setup { return tasks.Setup{Settings: &tasks.Settings{ApproveJoins: on()}} }

func TestGroupRequestedJoin_KeepsTheLatestPeopleWhoWereNotAskedFor(t *testing.T) {
	t.Parallel()
	g, now := doneGroup(t, approving())
	ana, bea := phone.IdentityOf(anaPhone), phone.IdentityOf(beaPhone)
	if !g.RequestedJoin([]phone.Identity{{LID: stranger.LID}}, group.ByLink, now) || g.RequestedJoin([]phone.Identity{stranger}, group.ByLink, now) {
		t.Error("a stranger's request must be news at its first report, and not at the second with both addresses")
	}
	if len(g.Askers) != 1 || g.Askers[0].Identity != stranger {
		t.Errorf("a person with two addresses is kept as %+v, want one entry with both", g.Askers)
	}
	if g.RequestedJoin([]phone.Identity{{Digits: "551197777"}, stranger}, group.ByMember, now) || g.RequestedJoin([]phone.Identity{{LID: "7@lid"}}, group.ByMember, now) {
		t.Error("a proposal is kept although it does not say which of its people is proposed")
	}
	if !g.RequestedJoin([]phone.Identity{ana, {LID: "7@lid"}}, group.ByMember, now) || len(g.Askers) != 2 || g.Askers[1].Method != group.ByMember {
		t.Errorf("after a proposal by ana the people who ask are %+v, want two, the second proposed by a member", g.Askers)
	}
	g.RequestedJoin([]phone.Identity{bea}, group.ByLink, now)
	if len(g.Askers) != 2 || g.Members[1].Request == nil {
		t.Errorf("bea's request is %+v, the others are %+v; want hers with her membership, beside two others", g.Members[1].Request, g.Askers)
	}
	for i := range 60 {
		g.RequestedJoin([]phone.Identity{{LID: fmt.Sprintf("%d@lid", 1000+i)}}, group.ByLink, now)
	}
	if n := len(g.Askers); n != 50 || g.Askers[49].LID != "1059@lid" {
		t.Errorf("%d people are kept, the last of them %s; want the latest 50, up to 1059@lid", n, g.Askers[n-1].LID)
	}
	for _, c := range g.JoinsToAnswer() {
		if c.Who.Digits != bea.Digits || c.Decided {
			t.Errorf("%+v is answered without a person's decision", c)
		}
	}
}

func TestGroupRequestedJoin_AnotherReportKeepsTheAnswer(t *testing.T) {
	t.Parallel()
	ana, bea := phone.IdentityOf(anaPhone), phone.IdentityOf(beaPhone)
	own := func(g *group.Group, at time.Time) { g.RequestedJoin([]phone.Identity{bea}, group.ByLink, at) }
	proposed := func(g *group.Group, at time.Time) { g.RequestedJoin([]phone.Identity{ana, bea}, group.ByMember, at) }
	for name, reports := range map[string][2]func(*group.Group, time.Time){
		"proposed after the own request": {own, proposed},
		"own request after the proposal": {proposed, own},
	} {
		g, now := doneGroup(t, tasks.Setup{})
		reports[0](g, now)
		if err := g.AnswerJoin(bea, group.ApproveJoin, now); err != nil {
			t.Fatal(name, err)
		}
		reports[1](g, now.Add(time.Minute))
		if r := g.Members[1].Request; r.Answer != group.ApproveJoin || r.Method != group.ByLink || g.Members[1].Status != group.Requested {
			t.Errorf("%s: bea is %s with %+v, want her own request with its answer", name, g.Members[1].Status, r)
		}
	}
}

// A person who may have been invited and asks to join is never invited again.
func TestGroupRequestedJoin_KeepsThatAnInvitationMayHaveBeenSent(t *testing.T) {
	t.Parallel()
	bea := []phone.Identity{phone.IdentityOf(beaPhone)}
	adopt := func(t *testing.T, g *group.Group, now time.Time) {
		if err := errors.Join(g.Stray("wa-2", g.Instance, now), g.AdoptByHand("wa-2", now), g.CallRoll(reading(anaPhone), true, now)); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		from group.MemberStatus // of bea, before she asks
		sent bool
		then func(t *testing.T, g *group.Group, now time.Time)
		want group.MemberStatus
	}{
		"unknown, withdrawn": {group.InviteUnknown, false, func(_ *testing.T, g *group.Group, now time.Time) { g.WithdrewJoin(bea, now) }, group.InviteUnknown},
		"unknown, read inside": {group.InviteUnknown, false, func(t *testing.T, g *group.Group, now time.Time) {
			read(t, g, now, reading(anaPhone, beaPhone))
		}, group.Joined},
		"unknown, another group": {group.InviteUnknown, false, adopt, group.InviteUnknown},
		"invited, another group": {group.Invited, true, adopt, group.Invited},
		"not added, withdrawn":   {group.NotAdded, false, func(_ *testing.T, g *group.Group, now time.Time) { g.WithdrewJoin(bea, now) }, group.NotAdded},
		"not added, read inside": {group.NotAdded, false, func(t *testing.T, g *group.Group, now time.Time) {
			read(t, g, now, reading(anaPhone, beaPhone))
		}, group.Added},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, now := doneGroup(t, tasks.Setup{})
			m := &g.Members[1]
			if m.Status = tt.from; !tt.sent {
				m.InvitedAt = time.Time{}
			}
			g.RequestedJoin(bea, group.ByLink, now)
			if m.Status != group.Requested {
				t.Fatalf("after she asked bea is %s, want requested", m.Status)
			}
			tt.then(t, g, now.Add(time.Hour))
			if m.Status != tt.want {
				t.Errorf("bea is %s (%s), want %s", m.Status, m.Reason, tt.want)
			}
		})
	}
}

func TestGroupAskers_EndWithTheRequest(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(g *group.Group, now time.Time) error{
		"withdrawn": func(g *group.Group, now time.Time) error {
			g.WithdrewJoin([]phone.Identity{{LID: stranger.LID}}, now)
			return nil
		},
		"read inside": func(g *group.Group, now time.Time) error {
			return g.Watched(shown([]string{anaPhone, "+" + stranger.Digits}, nil), now, now)
		},
		"not listed": func(g *group.Group, now time.Time) error { g.RequestsRead(nil, group.Reading{}, now, now); return nil },
		"another group": func(g *group.Group, now time.Time) error {
			g.Status = group.Review
			return g.AdoptByHand("1203-group", now)
		},
		"requested since": func(g *group.Group, now time.Time) error {
			_, err := g.Extend([]group.Member{{Number: phone.Number("+" + stranger.Digits), Status: group.Pending}}, "ana", now)
			if r := g.Members[2].Request; r == nil || r.Method != group.ByLink {
				t.Errorf("the new member's request to join is %+v, want the one by link", r)
			}
			return err
		},
	} {
		g, now := doneGroup(t, tasks.Setup{})
		g.RequestedJoin([]phone.Identity{stranger}, group.ByLink, now)
		if err := end(g, now.Add(time.Minute)); err != nil || len(g.Askers) != 0 {
			t.Errorf("%s: %v, the people who ask are %+v; want no one", name, err, g.Askers)
		}
	}
}

func TestGroupRequestsRead_TheListDecidesWhoAsks(t *testing.T) {
	t.Parallel()
	g, now := doneGroup(t, approving())
	at := now.Add(time.Minute)
	bea := phone.IdentityOf(beaPhone)
	g.RequestsRead([]group.Asker{{Identity: bea, JoinRequest: group.JoinRequest{At: at}}, {Identity: stranger}}, group.Reading{}, now, now.Add(time.Hour))
	if r := g.Members[1].Request; r == nil || !r.At.Equal(at) || g.Members[1].Status != group.Requested || len(g.Askers) != 1 {
		t.Fatalf("bea, who is listed, is %s with %+v, the others are %+v; want requested, beside one other", g.Members[1].Status, r, g.Askers)
	}
	late := now.Add(2 * time.Hour)
	g.RequestsRead(nil, shown([]string{beaPhone}, nil), late, late)
	if g.Members[1].Status != group.Requested || len(g.Askers) != 0 {
		t.Errorf("bea, who is read in the group but not yet marked, is %s, the others are %+v; want requested, and no other", g.Members[1].Status, g.Askers)
	}
	g.RequestsRead(nil, shown(nil, nil), late, late)
	if g.Members[1].Status != group.Invited || g.Members[1].Request != nil {
		t.Errorf("bea, who no longer asks, is %s with %+v; want invited, with no request", g.Members[1].Status, g.Members[1].Request)
	}
}

func TestGroupAnswerJoin_AnAnswerThatIsNotCarriedOutGoesBackToAPerson(t *testing.T) {
	t.Parallel()
	g, now := doneGroup(t, tasks.Setup{})
	if err := g.AnswerJoin(stranger, group.ApproveJoin, now); !errors.Is(err, group.ErrNoRequest) || !errors.Is(err, group.ErrState) {
		t.Errorf("an answer without a request: %v, want ErrNoRequest", err)
	}
	g.RequestedJoin([]phone.Identity{stranger}, group.ByLink, now)
	decide := func(answer group.JoinAnswer) {
		t.Helper()
		if err := g.AnswerJoin(phone.Identity{LID: stranger.LID}, answer, now); err != nil {
			t.Fatal(err)
		}
		if c := g.JoinsToAnswer(); len(c) != 1 || c[0].Answer != answer || !c[0].Decided || c[0].Address != stranger.Digits {
			t.Fatalf("requests to answer are %+v, want the stranger's, decided, with %s", c, answer)
		}
	}
	decide(group.ApproveJoin)
	plan := func() time.Time { (group.Schedule{}).Plan(g); return g.Watch.At }
	if at := plan(); at.IsZero() || at.After(now.Add(time.Minute)) {
		t.Errorf("the reading that carries the answer out is at %s, want it within a minute of %s", at, now)
	}
	later := now.Add(time.Hour)
	if err := g.Watched(shown([]string{anaPhone}, nil), later, later); err != nil || plan().IsZero() {
		t.Errorf("after a reading that does not show the person no further reading is planned (%v)", err)
	}
	for range 5 {
		if len(g.JoinsToAnswer()) != 1 {
			t.Fatal("the answer was given up too early")
		}
		g.JoinAnswered(stranger, now)
	}
	if a := g.Askers[0]; a.Answer != "" || a.Reason.Code != say.JoinNotShown || len(g.JoinsToAnswer()) != 0 {
		t.Errorf("after all tries the request is %+v, want it open again because no reading shows the person", a)
	}
	decide(group.ApproveJoin)
	g.JoinNotAnswered(stranger, say.Words("no"), true, now)
	if a := g.Askers[0]; a.Answer != "" || a.Reason.String() != "no" {
		t.Errorf("after a refusal the request is %+v, want it open again with the reason", a)
	}
	decide(group.ApproveJoin)
	if err := g.WatchRefused(now); err != nil || g.Askers[0].Answer != "" || g.Askers[0].Reason.Code != say.JoinUnread {
		t.Errorf("in a group that cannot be read the request is %+v, %v; want it open again for that reason", g.Askers[0], err)
	}
	decide(group.RejectJoin)
	g.JoinAnswered(stranger, now)
	if len(g.Askers) != 0 {
		t.Errorf("a rejected person still asks: %+v", g.Askers)
	}
}

func TestGroupJoinsHeld_TellsWhyAnAnswerWaitsUntilItDoesNot(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ana, bia, caz := phone.Identity{Digits: "1"}, phone.Identity{Digits: "2"}, phone.Identity{Digits: "3"}
	g := &group.Group{Askers: []group.Asker{
		{Identity: ana, JoinRequest: group.JoinRequest{Answer: group.ApproveJoin}},
		{Identity: bia},
		{Identity: caz, JoinRequest: group.JoinRequest{Reason: say.Phrase{Code: say.JoinNotShown}}},
	}}
	if g.JoinsHeld(say.Phrase{}, now) {
		t.Error("an answer that does not wait is news")
	}
	if !g.JoinsHeld(say.Phrase{Code: say.SetupPaused}, now) || g.RequestOf(ana).Reason.Code != say.SetupPaused || !g.RequestOf(bia).Reason.Zero() {
		t.Errorf("the requests are %+v, want the first one to say that the instance is paused", g.Askers)
	}
	if g.JoinsHeld(say.Phrase{Code: say.SetupPaused}, now) {
		t.Error("the same reason is news again")
	}
	tried := &group.Group{Askers: []group.Asker{{Identity: ana, JoinRequest: group.JoinRequest{Answer: group.ApproveJoin, Reason: say.Words("timeout")}}}}
	if tried.JoinsHeld(say.Phrase{}, now) || tried.RequestOf(ana).Reason.Zero() {
		t.Errorf("the requests are %+v, want the reason of the try before", tried.Askers)
	}
	if !g.JoinsHeld(say.Phrase{}, now) || !g.RequestOf(ana).Reason.Zero() || g.RequestOf(caz).Reason.Code != say.JoinNotShown {
		t.Errorf("the requests are %+v, want the first one without a reason, the last one as before", g.Askers)
	}
}
