package hooks

import (
	"testing"

	"github.com/rollcallhq/rollcall/internal/group"
)

// Whatever comes in: no panic, and no hint that could add or invite anybody.
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
		for _, read := range []func([]byte) (note, error){zapi, greenAPI} {
			n, err := read(body)
			if err != nil && len(n.hints) > 0 {
				t.Fatalf("hints of what cannot be read: %q", body)
			}
			for _, h := range n.hints {
				switch h.kind {
				case departed:
					if h.said == "" || h.who.Zero() {
						t.Fatalf("nobody left: %q", body)
					}
				case notArrived:
					if h.fate != group.InviteFailed && h.fate != group.InviteUnknown && h.fate != group.NotOnWhatsApp {
						t.Fatalf("a message's fate is %q: %q", h.fate, body)
					}
					if len([]rune(reasonOf(h))) > 400 {
						t.Fatalf("a reason of %d characters", len([]rune(reasonOf(h))))
					}
				case asked, withdrew:
					if len(h.told) == 0 || h.method != "" && h.method != group.ByLink && h.method != group.ByMember {
						t.Fatalf("a request of %d people by %q: %q", len(h.told), h.method, body)
					}
				case people, sent, state, restricted, quota:
				default:
					t.Fatalf("a hint of kind %d: %q", h.kind, body)
				}
			}
		}
	})
}
