package group_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
)

func TestGroupAdoptByHand_TakesTheProvidersSpelling(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, tt := range map[string]struct{ made, stray, typed, want string }{
		"the group that it has":      {"1203-group", "1204-group", "1203@g.us", "1203-group"},
		"a group that it has made":   {"1203@g.us", "1204@g.us", "1204-group", "1204@g.us"},
		"a group that is not known":  {"1203-group", "1204-group", "1205@g.us", "1205@g.us"},
		"the provider's own writing": {"1203-group", "1204-group", "1204-group", "1204-group"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := settledGroup(t, now)
			g.WhatsAppID = tt.made
			if err := errors.Join(g.Stray(tt.stray, g.Instance, now), g.AdoptByHand(tt.typed, now)); err != nil {
				t.Fatal(err)
			}
			if g.WhatsAppID != tt.want {
				t.Errorf("adopting %s gives %s, want %s", tt.typed, g.WhatsAppID, tt.want)
			}
		})
	}
}

// Another spelling of a group's id names the same group: the record forgets nothing and sees no second group.
func TestGroup_AnotherSpellingIsTheSameGroup(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := settledGroup(t, now)
	g.WhatsAppID, g.InviteLink = "1203-group", "https://chat.whatsapp.com/x"
	if err := g.Created(1, group.Answer{GroupID: "1203@g.us"}, now); err != nil || len(g.Strays) != 0 {
		t.Errorf("the group in another spelling is another one: %v, %v", g.Strays, err)
	}
	if err := errors.Join(g.Stray("1204-group", g.Instance, now), g.Stray("1204@g.us", g.Instance, now)); err != nil || len(g.Strays) != 1 {
		t.Errorf("got strays %v, %v; want one", g.Strays, err)
	}
	if err := g.AdoptByHand("1203@g.us", now); err != nil || g.InviteLink == "" {
		t.Errorf("adopting its own group forgets the link: %v", err)
	}
}

// A look may write the group's id otherwise than the late answer to its create.
func TestGroupAdopt_AStrayInAnotherSpellingIsTheSameGroup(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := &group.Group{Status: group.Verifying, Name: "Turma"}
	if err := errors.Join(g.Stray("1203-group", g.Instance, now), g.Stray("1204-group", g.Instance, now)); err != nil {
		t.Fatal(err)
	}
	before := g.Copied()
	if err := g.Adopt(group.Answer{GroupID: "1203@g.us"}, now); err != nil || !slices.Equal(g.StrayIDs(), []string{"1204-group"}) {
		t.Errorf("the strays are %v, %v; want the other group", g.Strays, err)
	}
	if !slices.Equal(before.StrayIDs(), []string{"1203-group", "1204-group"}) {
		t.Errorf("an earlier copy has the strays %v", before.Strays)
	}
}

func TestGroupAdoptByHand_ALateMemberIsAddedToTheOtherGroupFirst(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for status, late := range map[group.MemberStatus]bool{group.Added: true, group.InviteQueued: true, group.Invited: false} {
		g := settledGroup(t, now)
		m := &g.Members[0]
		m.Late, m.Status, m.CalledAt = true, status, now
		if err := errors.Join(g.Stray("wa-2", g.Instance, now), g.AdoptByHand("wa-2", now), g.CallRoll(reading(), true, now)); err != nil {
			t.Fatal(err)
		}
		if g.Adding(0) != late {
			t.Errorf("a late member who was %s in the one group is %s in the other, to be added %v; want %v", status, g.Members[0].Status, g.Adding(0), late)
		}
	}
}
