package group_test

import (
	"errors"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
)

// A create's answer may come while a person decides about the request's other groups.
func TestGroupStray_IsACandidateOfTheReviewThatIsOpen(t *testing.T) {
	t.Parallel()
	now := time.Now()
	exists := settledGroup(t, now)
	if err := exists.Stray("wa-2", exists.Instance, now); err != nil {
		t.Fatal(err)
	}
	unread := settledGroup(t, now)
	unread.Status = group.Review
	unread.Error = &group.Error{Code: group.CodeUnverifiable, Message: say.Words("unread")}
	open := &group.Group{Status: group.Queued, Name: "Turma"}
	if err := open.Ambiguous([]group.Candidate{{GroupID: "wa-1"}, {GroupID: "wa-2"}}, now); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		g    *group.Group
		code group.Code
		want []string
	}{
		"of two groups":                  {exists, group.CodeDuplicate, []string{exists.WhatsAppID, "wa-2", "wa-3"}},
		"of a group that cannot be read": {unread, group.CodeDuplicate, []string{unread.WhatsAppID, "wa-3"}},
		"of an uncertain create":         {open, group.CodeAmbiguous, []string{"wa-1", "wa-2", "wa-3"}},
	} {
		before := *tt.g.Error
		if err := errors.Join(tt.g.Stray("wa-3", tt.g.Instance, now), tt.g.Stray("wa-3", tt.g.Instance, now)); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range tt.g.Error.Candidates {
			got = append(got, c.GroupID)
		}
		if len(got) != len(tt.want) || got[len(got)-1] != "wa-3" || tt.g.Error.Code != tt.code || tt.g.Status != group.Review || len(before.Candidates) == len(got) {
			t.Errorf("review %s: the candidates are %v for %s in %s, want %v for %s", name, got, tt.g.Error.Code, tt.g.Status, tt.want, tt.code)
		}
	}
}

// A look may have found the group before the answer to its create names it.
func TestGroupStray_ACandidateOfTheReviewIsListedOnce(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := &group.Group{Status: group.Queued, Name: "Turma"}
	err := errors.Join(
		g.Ambiguous([]group.Candidate{{GroupID: "1203-group"}, {GroupID: "1204-group"}}, now),
		g.Created(1, group.Answer{GroupID: "1203@g.us"}, now),
		g.Created(2, group.Answer{GroupID: "1205@g.us"}, now),
	)
	if err != nil || len(g.Error.Candidates) != 3 || g.Error.Message.N != 3 || len(g.Strays) != 2 {
		t.Errorf("got %d candidates, a message of %d and strays %v, %v; want 3, 3 and 2", len(g.Error.Candidates), g.Error.Message.N, g.Strays, err)
	}
}

// WhatsApp's own codes 401 and 451 for an add allow no link either: docs/providers.md.
func TestGroupCallLate_WhomWhatsAppBarsIsNotInvited(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for told, want := range map[say.Code]group.MemberStatus{
		say.PersonNotByUs: group.NotAdded, say.PersonBarred: group.NotAdded, say.PersonPrivate: group.InviteQueued, "": group.InviteQueued,
	} {
		g := settledGroup(t, now)
		m := &g.Members[0]
		m.Late, m.Status = true, group.Pending
		g.Status = group.Inviting
		if err := g.AddCalled(0, say.Phrase{Code: told}, now, now); err != nil {
			t.Fatal(err)
		}
		read(t, g, now.Add(time.Hour), reading())
		g.CallLate(reading(), nil, time.Hour, now.Add(time.Hour), now.Add(time.Hour))
		if m := g.Members[0]; m.Status != want || told != "" && len(m.Reason.Why) != 1 {
			t.Errorf("after WhatsApp's answer %q the person is %s (%s), want %s", told, m.Status, m.Reason, want)
		}
	}
}
