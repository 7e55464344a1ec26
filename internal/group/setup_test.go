package group_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

const (
	anaPhone   = "+5511999990001"
	beaPhone   = "+5511999990002"
	staffPhone = "+5511999990009"
)

var owner = phone.Identity{Digits: "5511900000000"}

// on is the value of a setting that is switched on.
func on() *bool { v := true; return &v }

// able is a provider that can set up everything except the named settings.
func able(lacks ...string) group.Ability {
	return group.Ability{
		Photo: true, Description: true, Admins: true,
		Settings: func(name string) bool { return !slices.Contains(lacks, name) },
	}
}

// shown is a complete reading with the owner and the given people, some of them admins.
func shown(people, admins []string) group.Reading {
	r := group.Reading{Self: owner, Complete: true, People: []phone.Identity{owner}, Admins: []bool{true}, Own: group.StandingAdmin}
	for _, p := range people {
		r.People = append(r.People, phone.IdentityOf(p[1:]))
		r.Admins = append(r.Admins, slices.Contains(admins, p))
	}
	return r
}

// wanting is a queued group with ana and bea that asks for a set-up.
func wanting(asked tasks.Setup, now time.Time) *group.Group {
	return &group.Group{
		ID: "grp_1", Name: "Turma", AutoInvite: true, Status: group.Queued, CreatedAt: now, UpdatedAt: now,
		Target: tasks.Target{Pool: "default"}, Setup: group.NewSetup(asked, now),
		Members: []group.Member{
			{Number: anaPhone, Status: group.Pending, UpdatedAt: now}, {Number: beaPhone, Status: group.Pending, UpdatedAt: now},
		},
	}
}

// called creates the group and calls its roll: the given people are in it.
func called(t *testing.T, g *group.Group, now time.Time, in ...string) {
	t.Helper()
	g.Begin("w", "alpha", time.Minute, nil, now)
	if err := g.Created(1, group.Answer{GroupID: "wa"}, now); err != nil {
		t.Fatal(err)
	}
	if err := g.CallRoll(shown(in, nil), true, now); err != nil {
		t.Fatal(err)
	}
	group.Schedule{}.Plan(g)
}

func statusOf(g *group.Group, name group.StepName) group.StepStatus { return g.Step(name).Status }

// types are the types of the tasks that must be on the queue.
func types(g *group.Group) []tasks.Type {
	group.Schedule{}.Plan(g)
	var all []tasks.Type
	for _, t := range (group.Schedule{}).Next(g) {
		all = append(all, t.Type)
	}
	return all
}

func TestGroupEquip_TakesThePoolsDefaultsAndStaffOnce(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := wanting(tasks.Setup{Description: "own", Settings: &tasks.Settings{OnlyAdminsSend: on()}}, now)
	pool := group.Pool{
		Setup:  tasks.Setup{Description: "pool", Photo: "https://school.example/logo.png", Settings: &tasks.Settings{OnlyAdminsEdit: on()}},
		Always: []phone.Number{staffPhone, anaPhone},
	}
	g.Equip(pool, now)
	g.Equip(pool, now)
	if g.Setup.Want.Description != "own" || g.Setup.Want.Photo == "" || g.Setup.Want.Settings.OnlyAdminsSend == nil || g.Setup.Want.Settings.OnlyAdminsEdit == nil {
		t.Errorf("the wanted set-up is %+v, want the request's own description and both settings, with the pool's photo", g.Setup.Want)
	}
	if len(g.Setup.Steps) != 3 || len(g.Members) != 3 || !g.Members[2].Staff || g.Members[0].Staff {
		t.Errorf("steps %+v, members %+v; want three of each, one of them staff", g.Setup.Steps, g.Members)
	}
	if n := g.Counts()[group.Pending]; n != 2 {
		t.Errorf("%d people are counted, want the two of the request", n)
	}
	if err := g.Move(tasks.Target{Pool: "other"}, now); err != nil {
		t.Fatal(err)
	}
	if len(g.Members) != 2 || g.Setup.Equipped || g.Setup.Want.Photo != "" || g.Setup.Want.Description != "own" {
		t.Errorf("after a move to another pool: %+v with %d members; want neither defaults nor staff of the first pool", g.Setup, len(g.Members))
	}
}

func TestGroupEquip_StaffGetNoPlaceInAFullGroup(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := wanting(tasks.Setup{}, now)
	g.Members = nil
	for i := range tasks.MaxPeople {
		g.Members = append(g.Members, group.Member{Number: phone.Number(fmt.Sprintf("+55119%08d", 10000000+i)), Status: group.Pending})
	}
	g.Equip(group.Pool{Always: []phone.Number{staffPhone}}, now)
	last := g.Members[len(g.Members)-1]
	if !last.Staff || last.Status != group.NotAdded || last.Reason.Zero() {
		t.Errorf("the staff member of a full group is %+v, want notAdded with a reason", last)
	}
}

func TestGroupCallRoll_StaffAreInvitedOnlyWhereThePoolSaysSo(t *testing.T) {
	t.Parallel()
	for _, invite := range []bool{false, true} {
		now := time.Now()
		g := wanting(tasks.Setup{}, now)
		g.Equip(group.Pool{Always: []phone.Number{staffPhone}, InviteStaff: invite}, now)
		called(t, g, now, anaPhone)
		want := group.NotAdded
		if invite {
			want = group.InviteQueued
		}
		if got := g.Members[2].Status; got != want || g.Members[1].Status != group.InviteQueued {
			t.Errorf("InviteStaff %v: the staff member is %s, want %s; bea is %s, want inviteQueued", invite, got, want, g.Members[1].Status)
		}
	}
}

func TestGroupNext_InvitationsWaitForTheSetupAtMostTwoMinutes(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	g := wanting(tasks.Setup{Description: "about", WelcomeMessage: "hello"}, now)
	called(t, g, now, anaPhone)
	if next := types(g); !slices.Equal(next, []tasks.Type{tasks.TypeSetup}) {
		t.Fatalf("after the roll call comes %v, want the set-up alone", next)
	}
	now = now.Add(time.Minute)
	if err := g.StepFailed(group.StepDescription, group.Unclear, say.Words("busy"), 10*time.Minute, time.Hour, now); err != nil {
		t.Fatal(err)
	}
	group.Schedule{}.Plan(g)
	if at := g.Setup.From.Add(2 * time.Minute); !g.Setup.At.Equal(at) {
		t.Errorf("the next pass is at %v, want the end of the two minutes, %v", g.Setup.At, at)
	}
	now = now.Add(time.Minute)
	if err := g.SetupRead(shown([]string{anaPhone}, nil), group.Profile{Description: new("")}, able(), now); err != nil {
		t.Fatal(err)
	}
	if next := types(g); !slices.Equal(next, []tasks.Type{tasks.TypeSetup, tasks.TypeWelcome, tasks.TypeInvite}) {
		t.Errorf("after two minutes comes %v, want the set-up, the welcome and the invitation", next)
	}
	if statusOf(g, group.StepDescription) != group.StepWanted {
		t.Errorf("the description is %s, want wanted", statusOf(g, group.StepDescription))
	}
}

func TestGroupSetupRead_WhatIsReadDecidesAndNotTheAnswer(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := wanting(tasks.Setup{Description: "about", Photo: "https://x.example/1.png", Settings: &tasks.Settings{OnlyAdminsSend: on(), ApproveJoins: on()}}, now)
	called(t, g, now, anaPhone, beaPhone)
	read := func(p group.Profile) {
		t.Helper()
		if err := g.SetupRead(shown([]string{anaPhone, beaPhone}, nil), p, able("approveJoins"), now); err != nil {
			t.Fatal(err)
		}
	}
	fail := func(name group.StepName) {
		t.Helper()
		if err := g.StepFailed(name, group.Unclear, say.Words("500"), time.Second, time.Hour, now); err != nil {
			t.Fatal(err)
		}
	}
	has := true
	read(group.Profile{HasPhoto: &has})
	if statusOf(g, group.StepPhoto) != group.StepWanted {
		t.Error("a photo that was there before any call counts as ours")
	}
	fail(group.StepPhoto) // both calls fail, but the reading shows their effect
	fail(group.StepDescription)
	read(group.Profile{HasPhoto: &has, Description: new("about"), Settings: tasks.Settings{OnlyAdminsSend: on()}})
	if statusOf(g, group.StepPhoto) != group.StepDone || statusOf(g, group.StepDescription) != group.StepDone {
		t.Errorf("the steps are %+v; want the photo and the description done, as the reading shows them", g.Setup.Steps)
	}
	if s := g.Step(group.StepSettings); s.Status != group.StepUnsupported || s.Reason.Text != "approveJoins" {
		t.Errorf("the settings are %+v, want unsupported because of approveJoins", s)
	}
	if !g.SetupReady() || g.Held() {
		t.Errorf("all steps have ended: SetupReady %v, Held %v; want true, false", g.SetupReady(), g.Held())
	}
}

func TestGroupSetupRead_AnAcceptedStepThatNoReadingShowsEndsUnknown(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := wanting(tasks.Setup{Description: "about"}, now)
	called(t, g, now, anaPhone, beaPhone)
	for n := 1; statusOf(g, group.StepDescription) == group.StepWanted; n++ {
		if n > 5 {
			t.Fatal("after five calls the description is still tried")
		}
		if err := g.StepCalled(group.StepDescription, 0, now); err != nil {
			t.Fatal(err)
		}
		if err := g.SetupRead(shown([]string{anaPhone, beaPhone}, nil), group.Profile{Description: new("other")}, able(), now); err != nil {
			t.Fatal(err)
		}
	}
	if got := statusOf(g, group.StepDescription); got != group.StepUnknown {
		t.Errorf("the description is %s, want unknown", got)
	}
	silent := wanting(tasks.Setup{Description: "about"}, now)
	called(t, silent, now, anaPhone, beaPhone)
	if err := silent.StepCalled(group.StepDescription, 0, now); err != nil {
		t.Fatal(err)
	}
	if err := silent.SetupRead(shown([]string{anaPhone, beaPhone}, nil), group.Profile{}, able(), now); err != nil {
		t.Fatal(err)
	}
	if got := statusOf(silent, group.StepDescription); got != group.StepDone {
		t.Errorf("an accepted description that the reading does not cover is %s, want done", got)
	}
}

func TestGroupToPromote_PeopleWhoJoinLaterBecomeAdminsAndADemotionStands(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := wanting(tasks.Setup{Admins: &tasks.Admins{People: []tasks.Phone{anaPhone, beaPhone}}}, now)
	called(t, g, now, anaPhone)
	if who := g.ToPromote(); !slices.Equal(who, []int{0}) {
		t.Fatalf("to promote are %v, want ana alone, who is in the group", who)
	}
	if err := g.SetupRead(shown([]string{anaPhone}, []string{anaPhone}), group.Profile{}, able(), now); err != nil {
		t.Fatal(err)
	}
	if s := g.Step(group.StepAdmins); s.Status != group.StepDone || s.Reason.N != 1 || !g.Members[0].Admin {
		t.Fatalf("the admins' step is %+v, ana is an admin: %v; want done, with one to come", s, g.Members[0].Admin)
	}
	g.Members[1].Status = group.Invited
	if err := g.Watched(shown([]string{anaPhone, beaPhone}, nil), now, now); err != nil { // ana is no longer an admin
		t.Fatal(err)
	}
	if who := g.ToPromote(); !slices.Equal(who, []int{1}) || statusOf(g, group.StepAdmins) != group.StepWanted || g.Members[0].Admin {
		t.Errorf("after bea's join and ana's demotion: to promote %v, step %s; want bea alone, wanted", who, statusOf(g, group.StepAdmins))
	}
}

func TestGroupBeginWelcome_IsSentOnceEver(t *testing.T) {
	t.Parallel()
	now := time.Now()
	dead := func(string) bool { return false }
	g := wanting(tasks.Setup{WelcomeMessage: "hello"}, now)
	if g.ToGreet() || g.BeginWelcome("w", time.Second, dead, now) != group.Past {
		t.Error("the welcome is sent before the roll call")
	}
	called(t, g, now, anaPhone, beaPhone)
	if g.BeginWelcome("w", time.Second, dead, now) != group.Go || g.BeginWelcome("v", time.Second, dead, now) != group.Doubt {
		t.Error("the first worker must get Go and, after its death, the second Doubt")
	}
	if err := g.WelcomeEnded(group.StepUnknown, say.Words("lost"), now); err != nil {
		t.Fatal(err)
	}
	if err := g.Stray("other", g.Instance, now); err != nil {
		t.Fatal(err)
	}
	if err := g.AdoptByHand("other", now); err != nil {
		t.Fatal(err)
	}
	if err := g.CallRoll(shown([]string{anaPhone, beaPhone}, nil), true, now); err != nil {
		t.Fatal(err)
	}
	if g.ToGreet() || g.BeginWelcome("v", time.Second, dead, now) != group.Past {
		t.Error("the request sends its welcome a second time, to the group of the review")
	}
}

func TestGroupSetupRead_EveryMemberBecomesAnAdminHoweverManyPassesItTakes(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := wanting(tasks.Setup{Admins: &tasks.Admins{All: true}}, now)
	var people []string
	g.Members = nil
	for i := range 200 {
		people = append(people, fmt.Sprintf("+55119%08d", 10000000+i))
		g.Members = append(g.Members, group.Member{Number: phone.Number(people[i]), Status: group.Pending})
	}
	called(t, g, now, people...)
	for made := 20; statusOf(g, group.StepAdmins) == group.StepWanted; made += 20 {
		if due := g.DueSteps(now); len(due) != 1 {
			t.Fatalf("with %d admins the due steps are %v, want the admins' step", made-20, due)
		}
		if err := g.StepCalled(group.StepAdmins, time.Minute, now); err != nil {
			t.Fatal(err)
		}
		if err := g.SetupRead(shown(people, people[:made]), group.Profile{}, able(), now); err != nil {
			t.Fatal(err)
		}
	}
	if s := g.Step(group.StepAdmins); s.Status != group.StepDone || len(g.ToPromote()) != 0 {
		t.Errorf("the step is %+v with %d to promote, want done with 0", s, len(g.ToPromote()))
	}
}

func TestGroupSetupRead_APartialListWithNoOneToPromoteNeedsNoCall(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := wanting(tasks.Setup{Admins: &tasks.Admins{All: true}}, now)
	called(t, g, now)
	partial := shown(nil, nil)
	partial.Complete = false
	if err := g.SetupRead(partial, group.Profile{}, able(), now); err != nil || len(g.DueSteps(now)) != 0 || statusOf(g, group.StepAdmins) != group.StepDone {
		t.Errorf("%v; due are %v, the step is %s; want none, done until a person joins", err, g.DueSteps(now), statusOf(g, group.StepAdmins))
	}
	if err := g.SetupRead(shown([]string{anaPhone}, nil), group.Profile{}, able(), now); err != nil || len(g.DueSteps(now)) != 1 {
		t.Errorf("once ana is in: %v, due are %v; want the admins' step", err, g.DueSteps(now))
	}
}
