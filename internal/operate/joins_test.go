package operate_test

import (
	"errors"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
)

func TestControlAnswerJoin_KeepsAnAnswerForAWorkerOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ana, bia := phone.Identity{Digits: "5544999999971"}, phone.Identity{LID: "7@lid"}
	announce := func(answers bool) {
		t.Helper()
		if err := d.store.Presence.Announce(t.Context(), []store.Announcement{{Name: "alpha", Answers: answers}}); err != nil {
			t.Fatal(err)
		}
	}
	id := d.accept(t, func(g *group.Group, now time.Time) {
		g.Status, g.Called, g.WhatsAppID = group.Done, true, "120363000000000001-group"
		g.RequestedJoin([]phone.Identity{ana, bia}, group.ByLink, now)
	})
	answer := func(who phone.Identity, a group.JoinAnswer) error {
		_, err := d.AnswerJoin(t.Context(), id, who, a)
		return err
	}
	announce(false)
	if err := answer(ana, group.ApproveJoin); !errors.Is(err, operate.ErrNoAnswers) {
		t.Errorf("with a provider that cannot answer: got %v, want ErrNoAnswers", err)
	}
	announce(true)
	if err := d.store.People.SuppressPeople(t.Context(), []phone.Identity{ana}, "asked us"); err != nil {
		t.Fatal(err)
	}
	if err := answer(ana, group.ApproveJoin); !errors.Is(err, operate.ErrSuppressed) || !errors.Is(err, group.ErrState) {
		t.Errorf("for a suppressed person: got %v, want ErrSuppressed", err)
	}
	if err := answer(phone.Identity{LID: "8@lid"}, group.RejectJoin); !errors.Is(err, group.ErrNoRequest) {
		t.Errorf("for a person who did not ask: got %v, want ErrNoRequest", err)
	}
	if len(d.put) != 0 {
		t.Errorf("refused answers put %v on the queue, want nothing", d.put)
	}
	for who, a := range map[phone.Identity]group.JoinAnswer{ana: group.RejectJoin, bia: group.ApproveJoin} {
		if err := answer(who, a); err != nil {
			t.Fatal(err)
		}
	}
	g, err := d.store.Records.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if g.RequestOf(ana).Answer != group.RejectJoin || g.RequestOf(bia).Answer != group.ApproveJoin || len(d.put) == 0 {
		t.Errorf("got the requests %+v and the tasks %v, want ana rejected, bia approved and a task", g.Askers, d.put)
	}
}
