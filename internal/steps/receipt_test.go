package steps_test

import (
	"context"
	"testing"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/steps"
)

// eager reports what becomes of a message before it returns the message's id.
type eager struct {
	provider.Provider

	told func(messageID string)
}

func (e eager) Invite(ctx context.Context, i provider.Invitation) (provider.Sent, error) {
	sent, err := e.Provider.Invite(ctx, i)
	if err == nil {
		e.told(sent.MessageID)
	}
	return sent, err
}

func TestInvite_AReceiptBeforeTheSendsAnswerCounts(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi")
	r.person(outside(bia))
	set(r.steps, []*steps.Instance{{
		Name: r.reached.Name, Via: provider.ViaText, CreateBudget: patient.Create, InviteBudget: patient.Invite,
		Provider: eager{r.provider, func(messageID string) {
			fate := group.Fate{MessageID: messageID, Status: group.NotOnWhatsApp, Reason: say.Phrase{Code: say.NoWhatsAppLater}}
			if err := r.store.People.KeepFate(t.Context(), "greenapi", fate); err != nil {
				t.Error(err)
			}
		}},
	}})
	g := r.run(r.ask("greenapi", "Turma 12", ana, bia))
	if m := g.Members[1]; m.Status != group.NotOnWhatsApp || m.Reason.Code != say.NoWhatsAppLater || !m.Undelivered() || g.Status != group.Done {
		t.Errorf("bia is %s (%s) in a group that is %s; want notOnWhatsApp, as the receipt says, in one that is done", m.Status, m.Reason, g.Status)
	}
}
