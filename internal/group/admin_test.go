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

func TestGroupRetry_AGroupThatExistsIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	for _, err := range []error{g.Created(1, group.Answer{GroupID: "wa-1"}, now), g.Stray("wa-2", g.Instance, now), g.Abandon(now)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Retry(now); !errors.Is(err, group.ErrExists) || !errors.Is(err, group.ErrState) || g.Status != group.Cancelled {
		t.Errorf("a retry of an abandoned group that exists: %v, and the group is %s; want a refusal", err, g.Status)
	}
}

func TestGroupAdoptByHand_WhatWasReadOfOneGroupDoesNotHoldForAnother(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := wanting(tasks.Setup{Admins: &tasks.Admins{All: true}}, now)
	if b := g.Begin("a", "alpha", budget, func(string) bool { return true }, now); b != group.Go {
		t.Fatalf("begun %v, want Go", b)
	}
	for _, err := range []error{
		g.Created(1, group.Answer{GroupID: "wa-1", NotAdded: []string{beaPhone}}, now),
		g.CallRoll(shown([]string{anaPhone}, []string{anaPhone}), true, now),
		g.Stray("wa-2", g.Instance, now),
		g.AdoptByHand("wa-2", now),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	hidden := shown(nil, nil)
	hidden.People = append(hidden.People, phone.IdentityOf("123@lid"))
	hidden.Admins = append(hidden.Admins, false)
	if err := g.CallRoll(hidden, true, now); err != nil {
		t.Fatal(err)
	}
	for i := range g.Members {
		if m := &g.Members[i]; m.Status != group.Unidentified || m.Admin || m.WasAdmin {
			t.Errorf("member %d is %s, admin %v (%v before); want unidentified: the adopted group shows one hidden person", i, m.Status, m.Admin, m.WasAdmin)
		}
	}
}

func TestGroupAdoptByHand_WhoJoinedOneGroupHasNotLeftTheOther(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := settledGroup(t, now)
	read(t, g, now.Add(time.Hour), reading(one, two))
	members(t, g, group.Added, group.Joined, group.Invited)
	for _, err := range []error{g.Stray("wa-2", g.Instance, now), g.AdoptByHand("wa-2", now), g.CallRoll(reading(), true, now)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	members(t, g, group.InviteQueued, group.Invited, group.Invited)
	read(t, g, now.Add(2*time.Hour), reading())
	read(t, g, now.Add(3*time.Hour), reading())
	if left := g.Leavers(); len(left) != 0 {
		t.Errorf("members %v count as people who left, want none: they were never in the adopted group", left)
	}
}

func TestGroupAdoptByHand_WhoMayHaveBeenInvitedIsNotInvitedAgain(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	errs := []error{g.Created(1, group.Answer{GroupID: "wa-1"}, now), g.CallRoll(reading(one), true, now)}
	for i := 1; i <= 2; i++ {
		errs = append(errs, g.InviteEnded(i, group.InviteUnknown, say.Phrase{}, now))
	}
	read(t, g, now.Add(time.Hour), reading(one, two))
	for _, err := range append(errs, g.Stray("wa-2", g.Instance, now), g.AdoptByHand("wa-2", now), g.CallRoll(reading(one), true, now)) {
		if err != nil {
			t.Fatal(err)
		}
	}
	members(t, g, group.Added, group.InviteUnknown, group.InviteUnknown)
}

func TestGroupRetry_TakesTheGroupOfALateAnswer(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	for _, err := range []error{
		g.Unknown(1, group.Answer{}, now), g.Absent(time.Hour, now), g.Cancel(now), g.Created(1, group.Answer{GroupID: "wa-1"}, now), g.Retry(now),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if g.Status != group.Inviting || g.WhatsAppID != "wa-1" || g.Instance != "alpha" {
		t.Errorf("the group is %s: %q on %q; want the one that exists, inviting on alpha", g.Status, g.WhatsAppID, g.Instance)
	}
}

func TestGroupRecreate_TakesTheGroupOfALateAnswer(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := secondTry(t, now)
	if err := g.Unknown(2, group.Answer{}, now); err != nil {
		t.Fatal(err)
	}
	g.Doubtful(say.Phrase{Code: say.ErrorUnlisted}, now)
	if err := g.Recreate(now); err != nil || g.Status != group.Inviting || g.WhatsAppID != "wa-1" || g.Instance != "alpha" {
		t.Errorf("%v, the group is %s: %q on %q; want the one that exists, inviting on alpha", err, g.Status, g.WhatsAppID, g.Instance)
	}
}

func TestGroupCorrection_NoOtherGroupIsMadeBesideTheOneOfALateAnswer(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	for _, err := range []error{
		g.Unknown(1, group.Answer{}, now), g.Absent(time.Hour, now), g.Cancel(now), g.Created(1, group.Answer{GroupID: "wa-1"}, now),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, edit := g.Correction()
	if replace := g.Replace("grp_2", now); !errors.Is(edit, group.ErrState) || !errors.Is(replace, group.ErrState) || g.Replaceable() {
		t.Errorf("a cancelled group that exists at WhatsApp: edit %v, replace %v, replaceable %v; want both refused", edit, replace, g.Replaceable())
	}
}

func TestGroupRetry_OpensTheAbandonedReviewOfAGroupThatMayExist(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := begun(t, now)
	if err := g.Unknown(1, group.Answer{}, now); err != nil {
		t.Fatal(err)
	}
	g.Doubtful(say.Phrase{Code: say.ErrorUnlisted}, now)
	if err := g.Abandon(now); err != nil {
		t.Fatal(err)
	}
	_, edit := g.Correction()
	if replace := g.Replace("grp_2", now); !errors.Is(edit, group.ErrState) || !errors.Is(replace, group.ErrState) {
		t.Errorf("another group instead of one that may exist: edit %v, replace %v; want both refused", edit, replace)
	}
	if err := g.Retry(now); err != nil || g.Status != group.Review || g.Error == nil || g.Error.Code != group.CodeUnverifiable {
		t.Errorf("retry: %v, the group is %s with %+v; want its review, and no create before a person has decided", err, g.Status, g.Error)
	}
	for _, err := range []error{g.Recreate(now), g.Cancel(now), g.Retry(now)} {
		if err != nil {
			t.Error(err)
		}
	}
	if g.Status != group.Queued {
		t.Errorf("recreated, cancelled and retried, the group is %s, want queued", g.Status)
	}
}

// What the lists showed was read for the old target.
func TestGroupMove_TheListsCountAsNotRead(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := &group.Group{Status: group.Queued, Target: tasks.Target{Pool: "school"}}
	g.Sought(now)
	if err := g.Move(tasks.Target{Pool: "club"}, now); err != nil || g.SoughtSince(now.Add(-time.Minute)) {
		t.Errorf("after the move (%v) the lists count as read for it: %v; want not", err, g.SoughtSince(now.Add(-time.Minute)))
	}
}
