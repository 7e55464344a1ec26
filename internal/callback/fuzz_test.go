package callback

import (
	"testing"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

// FuzzBodies checks that no input causes a panic, or a hint of a kind that the handler does not know.
func FuzzBodies(f *testing.F) {
	for _, s := range []string{
		`{"type":"DeliveryCallback","instanceId":"I1","messageId":"M","error":"Timeout on send message","errorCode":"SHADOW_BAN","momment":1}`,
		`{"type":"MessageStatusCallback","instanceId":"I1","status":"SENT","ids":["M",1,null,{}]}`,
		`{"type":"ReceivedCallback","instanceId":"I1","phone":"1-group","notification":"GROUP_PARTICIPANT_LEAVE","notificationParameters":["5511900000002",7,"1@lid"]}`,
		`{"typeWebhook":"outgoingMessageStatus","idMessage":"M","status":"failed","instanceData":{"idInstance":7105000001}}`,
		`{"typeWebhook":"stateInstanceChanged","instanceData":[]}`, `{"quotaData":{"method":1}}`, ``, `null`, `[]`, `{`, `"x"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, p := range all.Providers() {
			n, err := p.Callback.Decode(body)
			if err != nil && len(n.Hints) > 0 {
				t.Fatalf("hints beside an error: %q", body)
			}
			for _, h := range n.Hints {
				switch h.Kind {
				case spec.Departed:
					if h.Who.Zero() {
						t.Fatalf("a departure without a person: %q", body)
					}
				case spec.NotArrived:
					if h.Fate != spec.FateFailed && h.Fate != spec.FateUnknown && h.Fate != spec.FateNoAccount {
						t.Fatalf("a message has the unknown fate %d: %q", h.Fate, body)
					}
					if len([]rune(reasonOf(h).String())) > 400 {
						t.Fatalf("a reason of %d characters", len([]rune(reasonOf(h).String())))
					}
				case spec.Asked, spec.Withdrew:
					if len(h.Told) == 0 || h.Method != "" && h.Method != string(group.ByLink) && h.Method != string(group.ByMember) {
						t.Fatalf("a request of %d people by %q: %q", len(h.Told), h.Method, body)
					}
				case spec.People, spec.Sent, spec.State, spec.Restricted, spec.Quota:
				default:
					t.Fatalf("a hint of kind %d: %q", h.Kind, body)
				}
			}
		}
	})
}
