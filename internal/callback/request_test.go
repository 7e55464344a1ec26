package callback_test

import (
	"net/http"
	"testing"

	"github.com/rollcallhq/rollcall/internal/group"
)

// request is Z-API's body as documented (docs/webhooks/on-message-received.md of Z-API/z-api-docs).
func request(groupID, notification, parameters, method string) string {
	return `{"isGroup":true,"isNewsletter":false,"instanceId":"I1","messageId":"A20D","phone":"` + groupID + `","connectedPhone":"` + own + `",
		"fromMe":false,"momment":1682017970000,"expiresAt":null,"status":"RECEIVED","chatName":"name","senderName":"name","photo":null,
		"broadcast":false,"participantPhone":"` + ana + `","referenceMessageId":null,"externalAdReply":null,"forwarded":false,"type":"ReceivedCallback",
		"notification":"` + notification + `","notificationParameters":` + parameters + `,"callId":null,"code":null,"requestMethod":` + method + `}`
}

func TestHooks_KeepARequestToJoin(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		parameters, method string
		status             group.MemberStatus // of bia, who was invited
		want               group.JoinMethod
		open               bool
		askers             int // people who were not asked for
	}{
		"by the link":                     {`["` + bia + `"]`, `"invite_link"`, group.Requested, group.ByLink, true, 0},
		"without a method":                {`["` + bia + `"]`, `null`, group.Requested, "", true, 0},
		"by an unknown method":            {`["` + bia + `"]`, `"` + bia + `"`, group.Requested, "", true, 0},
		"proposed by ana":                 {`["` + ana + `","` + bia + `"]`, `"non_admin_add"`, group.Invited, group.ByMember, true, 0},
		"proposed, the other order":       {`["` + bia + `","` + ana + `"]`, `"non_admin_add"`, group.Invited, group.ByMember, true, 0},
		"proposed, by one who is outside": {`["` + bia + `","` + caz + `"]`, `"non_admin_add"`, group.Invited, "", false, 0},
		"of a stranger":                   {`["5511955555555"]`, `"invite_link"`, group.Invited, "", false, 1},
		"a stranger proposed by ana":      {`["` + ana + `","5511955555555"]`, `"non_admin_add"`, group.Invited, "", false, 1},
		"parameters of no list":           {`{"a":1}`, `"non_admin_add"`, group.Invited, "", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, "zapi")
			for range 3 {
				if got := r.send(zapiDoor, request(r.wa, "MEMBERSHIP_APPROVAL_REQUEST", tt.parameters, tt.method)); got != http.StatusOK {
					t.Fatalf("got status %d, want 200", got)
				}
			}
			m := r.load().Members[1]
			if m.Status != tt.status || (m.Request != nil) != tt.open || m.Request != nil && m.Request.Method != tt.want {
				t.Errorf("bia is %s with request %+v; want %s, a request by %q: %v", m.Status, m.Request, tt.status, tt.want, tt.open)
			}
			if g := r.load(); len(g.Askers) != tt.askers || tt.askers > 0 && g.Askers[0].Digits != "5511955555555" {
				t.Errorf("got askers %+v, want %d", g.Askers, tt.askers)
			}
			if n := len(r.queue.ids()); n > 1 {
				t.Errorf("got %d tasks for three equal webhooks, want at most one", n)
			}
			r.send(zapiDoor, request(r.wa, "REVOKED_MEMBERSHIP_REQUESTS", `["`+bia+`","5511955555555"]`, `null`))
			if g := r.load(); len(g.Askers) != 0 {
				t.Errorf("withdrawn: got askers %+v, want none", g.Askers)
			}
			if m := r.load().Members[1]; m.Status != group.Invited || m.Request != nil {
				t.Errorf("withdrawn: bia is %s with request %+v, want invited without one", m.Status, m.Request)
			}
		})
	}
}
