package callback_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rollcallhq/rollcall/internal/group"
)

func TestHandler_RecordsTheOtherHintsOfAWebhookAfterAFailure(t *testing.T) {
	t.Parallel()
	t.Run("another hint", func(t *testing.T) {
		t.Parallel()
		r := start(t, "zapi")
		r.rests.fault = errors.New("refused by the test")
		r.send(zapiDoor, delivery("M-bia", `"Whatsapp did not allow sending this message"`, `"SHADOW_BAN"`))
		if s := r.load().Members[1].Status; s != group.InviteFailed {
			t.Errorf("bia is %s, want inviteFailed although the rest was not stored", s)
		}
	})
	t.Run("another message", func(t *testing.T) {
		t.Parallel()
		r := start(t, "zapi")
		for _, message := range []string{"M-bia", "M-caz"} {
			r.send(zapiDoor, delivery(message, `"Timeout on send message"`, "null"))
		}
		r.refuseMessage()
		r.send(zapiDoor, `{"type":"MessageStatusCallback","instanceId":"I1","status":"SENT","ids":["M-bia","M-caz"]}`)
		if g := r.load(); g.Members[1].Status != group.InviteUnknown || g.Members[2].Status != group.Invited {
			t.Errorf("bia is %s, caz is %s; want only caz to be invited", g.Members[1].Status, g.Members[2].Status)
		}
	})
}

// refuseMessage makes Redis refuse once to tell whose a message is.
func (r *rig) refuseMessage() {
	var once atomic.Bool
	r.redis.With(func(args []any) error {
		if args[0] == "get" && strings.HasPrefix(fmt.Sprint(args[1]), "rollcall:msg:") && once.CompareAndSwap(false, true) {
			return errors.New("ERR refused by the test")
		}
		return nil
	})
}

func TestHandler_HasAWebhookRepeatedUntilItIsRecorded(t *testing.T) {
	t.Parallel()
	for instance, tt := range map[string]struct{ door, body string }{
		"greenapi": {greenDoor, outcome("M-bia", "failed")},
		"zapi":     {zapiDoor, delivery("M-bia", `"Whatsapp rejected sending this message"`, "null")},
	} {
		t.Run(instance, func(t *testing.T) {
			t.Parallel()
			b, o := newBot(t), &outcomes{}
			r := start(t, instance, to(o, at(b.URL)))
			for range 2 {
				r.refuseMessage()
				if got := r.send(tt.door, tt.body); got != http.StatusServiceUnavailable {
					t.Errorf("got status %d while Redis fails, want 503", got)
				}
			}
			if got := r.send(tt.door, tt.body); got != http.StatusOK {
				t.Errorf("got status %d for the repetition, want 200", got)
			}
			if s := r.load().Members[1].Status; s != group.InviteFailed {
				t.Errorf("bia is %s, want inviteFailed", s)
			}
			b.next(t)
			if got := r.send(tt.door, tt.body); got != http.StatusOK {
				t.Errorf("got status %d for the webhook once more, want 200", got)
			}
			b.next(t) // the provider has sent it twice
			r.close()
			if n := len(b.all()); n != 2 {
				t.Errorf("the webhook was forwarded %d times, want once for each time that it was answered 200", n)
			}
		})
	}
}
