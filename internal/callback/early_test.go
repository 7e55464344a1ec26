package callback_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
)

// A receipt may arrive before the worker that sent the invitation has recorded that it was sent.
func TestHandler_KeepsTheFateOfAnInvitationUnderWay(t *testing.T) {
	t.Parallel()
	record := func(g *group.Group, now time.Time) error { return g.Invited(1, "M-bia", now) }
	lose := func(g *group.Group, now time.Time) error {
		return g.InviteEnded(1, group.InviteUnknown, say.Words("no answer"), now)
	}
	bounced, sent := outcome("M-bia", "noAccount"), outcome("M-bia", "delivered")
	for name, tt := range map[string]struct {
		told  []string
		after func(g *group.Group, now time.Time) error
		want  group.MemberStatus
	}{
		"not delivered, then recorded":          {[]string{bounced, bounced}, record, group.NotOnWhatsApp},
		"not delivered, then lost":              {[]string{bounced}, lose, group.NotOnWhatsApp},
		"delivered, then lost":                  {[]string{sent}, lose, group.Invited},
		"delivered, then not, then recorded":    {[]string{sent, bounced}, record, group.NotOnWhatsApp},
		"not delivered, then delivered":         {[]string{bounced, sent}, record, group.NotOnWhatsApp},
		"nothing, then lost":                    {nil, lose, group.InviteUnknown},
		"not delivered, recorded under another": {[]string{bounced}, func(g *group.Group, now time.Time) error { return g.Invited(1, "M-9", now) }, group.Invited},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, "greenapi")
			r.change(r.group, func(g *group.Group, now time.Time) error {
				m := &g.Members[1]
				g.Status, m.Status, m.MessageID, m.InvitedAt = group.Inviting, group.InviteQueued, "", time.Time{}
				m.Invite = &group.Intent{Owner: "w", At: now, Until: now.Add(time.Minute)}
				return nil
			})
			for _, body := range tt.told {
				r.send(greenDoor, body)
			}
			if g := r.load(); g.Members[1].Status != group.InviteQueued || g.Status != group.Inviting {
				t.Errorf("before the worker records it bia is %s in a group that is %s, want inviteQueued, inviting", g.Members[1].Status, g.Status)
			}
			r.change(r.group, tt.after)
			if g := r.load(); g.Members[1].Status != tt.want || g.Status != group.Done {
				t.Errorf("bia is %s, the group is %s; want %s, done", g.Members[1].Status, g.Status, tt.want)
			}
		})
	}
}

// A receipt may even arrive before the provider's answer to the send, which tells the worker the message's id.
func TestHandler_KeepsTheFateOfAMessageThatIsNotKnownYet(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi")
	if got := r.send(greenDoor, outcome("M-new", "noAccount")); got != http.StatusOK {
		t.Fatalf("got status %d for the receipt, want 200", got)
	}
	early, err := r.store.People.RememberMessage(t.Context(), "greenapi", "M-new", r.group, 1)
	if err != nil || early == nil || early.MessageID != "M-new" || early.Status != group.NotOnWhatsApp || early.Reason.Code != say.NoWhatsAppLater {
		t.Errorf("the worker that sent it finds the fate %+v, %v; want notOnWhatsApp of M-new", early, err)
	}
	if other, err := r.store.People.RememberMessage(t.Context(), "zapi", "M-new", r.group, 1); err != nil || other != nil {
		t.Errorf("another instance finds the fate %+v, %v; want none", other, err)
	}
}

// The worker may remember the message after the handler has looked for it and before the handler has kept the fate.
func TestHandler_LooksForAMessageAgainAfterKeepingItsFate(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi")
	var once sync.Once
	r.redis.With(func(args []any) error {
		if args[0] == "set" && strings.HasPrefix(fmt.Sprint(args[1]), "rollcall:fate:") {
			once.Do(func() {
				early, err := r.store.People.RememberMessage(t.Context(), "greenapi", "M-new", r.group, 1)
				if err != nil || early != nil {
					t.Errorf("the worker finds the fate %+v, %v; want none", early, err)
				}
				r.change(r.group, func(g *group.Group, now time.Time) error {
					g.Members[1].MessageID = "M-new"
					return nil
				})
			})
		}
		return nil
	})
	r.send(greenDoor, outcome("M-new", "noAccount"))
	if s := r.load().Members[1].Status; s != group.NotOnWhatsApp {
		t.Errorf("bia is %s, want notOnWhatsApp", s)
	}
}
