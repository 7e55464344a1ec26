package callback_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/callback"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
)

const (
	zapiDoor  = "/hooks/zapi/" + secret
	greenDoor = "/hooks/greenapi/" + secret
)

// notification is Z-API's documented body for an event in a group.
func notification(groupID, kind, parameters string) string {
	return fmt.Sprintf(`{"type":"ReceivedCallback","instanceId":"I1","messageId":"M1","isGroup":true,"isNewsletter":false,"phone":%q,
		"connectedPhone":"5511900000000","chatName":"Turma 12","participantPhone":"5511900000009","participantLid":"123@lid","fromMe":false,
		"momment":1763740900000,"status":"RECEIVED","notification":%q,"notificationParameters":%s,"requestMethod":null,"callId":null,"code":null}`,
		groupID, kind, parameters)
}

// delivery is Z-API's body for what became of a message. err and code are JSON.
func delivery(message, err, code string) string {
	return fmt.Sprintf(`{"type":"DeliveryCallback","instanceId":"I1","phone":"5511900000002","zaapId":"0199","messageId":%q,
		"momment":%d,"error":%s,"errorCode":%s}`, message, time.Now().UnixMilli(), err, code)
}

// outcome is GREEN-API's body for what became of a message.
func outcome(message, status string) string {
	return fmt.Sprintf(`{"typeWebhook":"outgoingMessageStatus","timestamp":1763740805,"chatId":"79000000002@c.us","idMessage":%q,
		"status":%q,"description":"of 79000000002","sendByApi":true,
		"instanceData":{"idInstance":7105000001,"wid":"79000000000@c.us","typeInstance":"whatsapp"}}`, message, status)
}

func TestHooks_AnUnknownAddressIsNotFound(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	body := notification(r.wa, "GROUP_PARTICIPANT_INVITE", `["`+bia+`"]`)
	for path, want := range map[string]int{
		zapiDoor:                                 http.StatusOK,
		"/hooks/zapi/" + secret[1:]:              http.StatusNotFound,
		"/hooks/zapi/" + strings.ToUpper(secret): http.StatusNotFound,
		"/hooks/zapi/":                           http.StatusNotFound,
		"/hooks/zapi":                            http.StatusNotFound,
		"/hooks/unknown/" + secret:               http.StatusNotFound,
		"/hooks/shut/" + secret:                  http.StatusNotFound,
		"/hooks/shut/":                           http.StatusNotFound,
		zapiDoor + "/more":                       http.StatusNotFound,
		"/":                                      http.StatusNotFound,
	} {
		if got := r.send(path, body); got != want {
			t.Errorf("%s answers %d, want %d", path, got, want)
		}
	}
	if got := r.do(http.MethodGet, zapiDoor, ""); got != http.StatusMethodNotAllowed {
		t.Errorf("GET answers %d, want 405", got)
	}
	if log := r.log.String(); strings.Contains(log, secret) {
		t.Errorf("the log holds the secret: %s", log)
	}
	if got := callback.Path("zapi", secret); got != zapiDoor {
		t.Errorf("got path %s, want %s", got, zapiDoor)
	}
}

func TestHooks_ChecksTheTokenInTheHeaderIfThereIsOne(t *testing.T) {
	t.Parallel()
	r := start(t, "greenapi")
	for header, want := range map[string]int{
		"": http.StatusOK, "Bearer " + secret: http.StatusOK, "Basic " + secret: http.StatusOK, // only the part after the space counts
		"Bearer wrong": http.StatusNotFound, secret: http.StatusNotFound, "Bearer": http.StatusNotFound,
	} {
		if got := r.send(greenDoor, outcome("M-bia", "delivered"), "Authorization", header); got != want {
			t.Errorf("Authorization %q answers %d, want %d", header, got, want)
		}
	}
}

// TestHandler_RefusesAWebhookWithoutItsSignature sends webhooks of a provider that signs them.
func TestHandler_RefusesAWebhookWithoutItsSignature(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	const body = `{"event":"message","session_id":"class","payload":{}}`
	sign := func(key, of string) string {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(of))
		return "sha256=" + hex.EncodeToString(mac.Sum(nil))
	}
	for signature, want := range map[string]int{
		sign(secret, body): http.StatusOK, sign("secret", body): http.StatusNotFound, sign(secret, body+" "): http.StatusNotFound,
		"": http.StatusNotFound, "sha256=": http.StatusNotFound,
	} {
		if got := r.send(callback.Path("gowa", secret), body, "X-Hub-Signature-256", signature); got != want {
			t.Errorf("signature %q answers %d, want %d", signature, got, want)
		}
	}
}

func TestHandler_AJoinOrADepartureOnlySchedulesAReading(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kind, parameters string
		said             group.Departure
		reads            bool
	}{
		"joined by the link":      {"GROUP_PARTICIPANT_INVITE", `["` + bia + `"]`, "", true},
		"was added":               {"GROUP_PARTICIPANT_ADD", `["` + bia + `"]`, "", true},
		"came under a LID":        {"GROUP_PARTICIPANT_ADD", `["777@lid"]`, "", true},
		"left":                    {"GROUP_PARTICIPANT_LEAVE", `["` + ana + `"]`, group.SaidLeft, true},
		"left, in other words":    {"GROUP_PARTICIPANT_LEAVE", `["` + ana + `@c.us"]`, group.SaidLeft, true},
		"was removed":             {"GROUP_PARTICIPANT_REMOVE", `["` + ana + `"]`, group.SaidRemoved, true},
		"a stranger left":         {"GROUP_PARTICIPANT_LEAVE", `["5511955555555"]`, "", true},
		"an unnamed person left":  {"GROUP_PARTICIPANT_LEAVE", `null`, "", true},
		"was made an admin":       {"GROUP_PARTICIPANT_PROMOTE", `["` + ana + `"]`, "", false},
		"is not a notification":   {"", `null`, "", false},
		"parameters of no list":   {"GROUP_PARTICIPANT_ADD", `{"a":1}`, "", true},
		"parameters are a number": {"GROUP_PARTICIPANT_LEAVE", `[` + ana + `]`, group.SaidLeft, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, "zapi")
			before := r.load()
			body := notification(r.wa, tt.kind, tt.parameters)
			for range 3 { // a provider may send a webhook again
				if got := r.send(zapiDoor, body); got != http.StatusOK {
					t.Fatalf("got status %d, want 200", got)
				}
			}
			g := r.load()
			for i := range g.Members {
				if g.Members[i].Status != before.Members[i].Status {
					t.Errorf("a webhook made member %d %s, want %s as before", i, g.Members[i].Status, before.Members[i].Status)
				}
			}
			if g.Members[0].Said != tt.said || g.Members[1].Said != "" {
				t.Errorf("got departure %q of ana and %q of bia, want %q and none", g.Members[0].Said, g.Members[1].Said, tt.said)
			}
			if ids := r.queue.ids(); (len(ids) == 1) != tt.reads || len(ids) > 1 {
				t.Errorf("got tasks %q, want one reading: %v", ids, tt.reads)
			}
			if g.Rev-before.Rev > 2 {
				t.Errorf("three equal webhooks changed the record %d times, want at most 2", g.Rev-before.Rev)
			}
		})
	}
}

func TestHooks_AForgedOrForeignWebhookChangesNothing(t *testing.T) {
	t.Parallel()
	joined := func(groupID string) string { return notification(groupID, "GROUP_PARTICIPANT_INVITE", `["`+bia+`"]`) }
	for name, tt := range map[string]struct{ door, body string }{
		"an unknown group":        {zapiDoor, joined("120363000000000009-group")},
		"no group":                {zapiDoor, joined("")},
		"another instance's body": {zapiDoor, strings.Replace(joined("120363000000000001-group"), `"I1"`, `"I2"`, 1)},
		"a body of no instance":   {zapiDoor, strings.Replace(joined("120363000000000001-group"), `"instanceId":"I1",`, ``, 1)},
		"another instance's door": {greenDoor, joined("120363000000000001-group")},
		"another's group":         {greenDoor, outcome("M-bia", "noAccount")}, // greenapi has no such message
		"an unknown message":      {zapiDoor, delivery("M-9", `"Phone number does not exist"`, "null")},
		"no message":              {zapiDoor, delivery("", `"Phone number does not exist"`, "null")},
		"an unknown type":         {zapiDoor, `{"type":"PresenceChatCallback","instanceId":"I1","phone":"5511900000002","status":"AVAILABLE"}`},
		"nothing":                 {zapiDoor, ``},
		"no JSON":                 {zapiDoor, `{"type":`},
		"a list":                  {zapiDoor, `[]`},
		"null":                    {zapiDoor, `null`},
		"the wrong types":         {zapiDoor, `{"type":7,"instanceId":"I1","ids":"x","notificationParameters":{"a":[]},"momment":"x"}`},
		"a huge one":              {zapiDoor, `{"type":"` + strings.Repeat("x", 300<<10) + `"}`},
		"a text of a person":      {zapiDoor, `{"type":"ReceivedCallback","instanceId":"I1","phone":"5511900000002","text":{"message":"hello"}}`},
		"read by me":              {zapiDoor, `{"type":"MessageStatusCallback","instanceId":"I1","status":"READ_BY_ME","ids":["M-bia"]}`},
		"an unknown status":       {greenDoor, outcome("M-bia", "dancing")},
		"an incoming message":     {greenDoor, `{"typeWebhook":"incomingMessageReceived","instanceData":{"idInstance":7105000001}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, "zapi")
			before := r.load()
			if got := r.send(tt.door, tt.body); got != http.StatusOK {
				t.Errorf("got status %d, want 200", got)
			}
			if g := r.load(); g.Rev != before.Rev || len(r.queue.ids()) != 0 || r.doubted("zapi") || len(r.rests.reasons) != 0 {
				t.Errorf("got revision %d after %d, tasks %v, doubted %v, rests %v; want no change", g.Rev, before.Rev, r.queue.ids(), r.doubted("zapi"), r.rests.reasons)
			}
			if log := r.log.String(); strings.Contains(log, bia) || strings.Contains(log, "hello") {
				t.Errorf("the log holds a number or a text: %s", log)
			}
		})
	}
}

func TestHooks_AMessagesFateChangesOnlyItsMember(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		provider, body string
		want           group.MemberStatus
	}{
		{"zapi", delivery("M-bia", `"Phone number does not exist"`, "null"), group.NotOnWhatsApp},
		{"zapi", delivery("M-bia", `"Message has not been sent because it got invalid phone number"`, "null"), group.NotOnWhatsApp},
		{"zapi", delivery("M-bia", `"Did not have permission to send this message."`, "null"), group.InviteFailed},
		{"zapi", delivery("M-bia", `"Whatsapp rejected sending this message"`, "null"), group.InviteFailed},
		{"zapi", delivery("M-bia", `"You must accept buttons message terms in panel to send this message."`, "null"), group.InviteFailed},
		{"zapi", delivery("M-bia", `"Timeout on send message"`, "null"), group.InviteUnknown},
		{"zapi", delivery("M-bia", `"Erro ao processar"`, "null"), group.InviteUnknown},
		{"zapi", delivery("M-bia", `"You can't message this group as you don't have permission"`, "null"), group.InviteFailed},
		{"zapi", delivery("M-bia", `"Error on send message"`, "null"), group.InviteUnknown},
		{"zapi", delivery("M-bia", `"Whatsapp did not allow sending this message"`, `"SHADOW_BAN"`), group.InviteFailed},
		{"zapi", delivery("M-bia", `null`, `null`), group.Invited},
		{"zapi", `{"type":"DeliveryCallback","instanceId":"I1","phone":"5511900000002","zaapId":"M-bia","messageId":null}`, group.Invited},
		{"zapi", `{"type":"MessageStatusCallback","instanceId":"I1","status":"SENT","ids":["M-bia"],"momment":1763740806000,"phoneDevice":0,"phone":"5511900000002","isGroup":false}`, group.Invited},
		{"greenapi", outcome("M-bia", "noAccount"), group.NotOnWhatsApp},
		{"greenapi", outcome("M-bia", "failed"), group.InviteFailed},
		{"greenapi", outcome("M-bia", "fail"), group.InviteFailed},
		{"greenapi", outcome("M-bia", "notInGroup"), group.InviteFailed},
		{"greenapi", outcome("M-bia", "yellowCard"), group.Invited},
		{"greenapi", outcome("M-bia", "sent"), group.Invited},
		{"greenapi", outcome("M-bia", "read"), group.Invited},
	} {
		t.Run(string(tt.want)+" "+tt.body[:60], func(t *testing.T) {
			t.Parallel()
			r := start(t, tt.provider)
			door := map[string]string{"zapi": zapiDoor, "greenapi": greenDoor}[tt.provider]
			for range 3 {
				if got := r.send(door, tt.body); got != http.StatusOK {
					t.Fatalf("got status %d, want 200", got)
				}
			}
			g := r.load()
			if m := g.Members[1]; m.Status != tt.want || strings.Contains(m.Reason.String(), "79000000002") {
				t.Errorf("bia is %s: %s; want %s, and no number in the reason", m.Status, m.Reason, tt.want)
			}
			if g.Members[2].Status != group.Invited || g.Status != group.Done {
				t.Errorf("caz is %s and the group %s, want invited and done as before", g.Members[2].Status, g.Status)
			}
		})
	}
}

func TestHooks_ALateWebhookDoesNotOverruleAReading(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	r.send(zapiDoor, delivery("M-bia", `"Timeout on send message"`, "null"))
	r.send(zapiDoor, `{"type":"MessageStatusCallback","instanceId":"I1","status":"RECEIVED","ids":["M-bia"]}`)
	if s := r.load().Members[1].Status; s != group.Invited {
		t.Errorf("after the message was received bia is %s, want invited", s)
	}
	r.change(r.group, func(g *group.Group, now time.Time) error {
		g.Members[1].End(group.Joined, say.Words(""), now)
		return nil
	})
	r.send(zapiDoor, delivery("M-bia", `"Phone number does not exist"`, "null"))
	if s := r.load().Members[1].Status; s != group.Joined {
		t.Errorf("after a reading found her in the group bia is %s, want joined", s)
	}
}

func TestHooks_NewsOfAnInstanceScheduleAReadingOfItsState(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		door, body string
		rests      bool
		noted      string
	}{
		{zapiDoor, `{"type":"ConnectedCallback","connected":true,"momment":1763740900000,"instanceId":"I1","phone":"5511900000000"}`, false, ""},
		{zapiDoor, `{"type":"DisconnectedCallback","disconnected":true,"error":"Device has been disconnected","momment":1580163342,"instanceId":"I1"}`, false, ""},
		{zapiDoor, delivery("M-9", `"Whatsapp did not allow sending this message"`, `"SHADOW_BAN"`), true, ""},
		{greenDoor, `{"typeWebhook":"stateInstanceChanged","timestamp":1763740800,"stateInstance":"notAuthorized","instanceData":{"idInstance":7105000001,"wid":"79000000000@c.us","typeInstance":"whatsapp"}}`, false, ""},
		{greenDoor, outcome("M-9", "yellowCard"), false, ""},
		{greenDoor, `{"typeWebhook":"quotaExceeded","quotaData":{"method":"checkWhatsapp","used":100,"total":100,"status":"CORRESPONDENTS_QUOTA_EXCEEDED","description":"x"},"instanceData":{"idInstance":7105000001}}`, false, "CORRESPONDENTS_QUOTA_EXCEEDED"},
	} {
		t.Run(tt.body[:50], func(t *testing.T) {
			t.Parallel()
			r := start(t, "zapi")
			name := strings.Split(tt.door, "/")[2]
			if got := r.send(tt.door, tt.body); got != http.StatusOK {
				t.Fatalf("got status %d, want 200", got)
			}
			if !r.doubted(name) || r.doubted(r.other) && name == "zapi" {
				t.Errorf("got doubted %v for %s and %v for %s, want only the webhook's instance", r.doubted(name), name, r.doubted(r.other), r.other)
			}
			if (len(r.rests.reasons) == 1) != tt.rests {
				t.Errorf("got rests %q, want one: %v", r.rests.reasons, tt.rests)
			}
			all, err := r.store.Presence.Instances(t.Context())
			if err != nil || !strings.Contains(all[name].LastError.Text, tt.noted) || all[name].Health != "" {
				t.Errorf("got %+v, %v; want the error %q and no health", all[name], err, tt.noted)
			}
		})
	}
}

func TestHandler_IgnoresAnOldRestriction(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	r.send(zapiDoor, `{"type":"DeliveryCallback","instanceId":"I1","messageId":"M-9","momment":1580163342000,"error":"x","errorCode":"SHADOW_BAN"}`)
	if len(r.rests.reasons) != 0 {
		t.Errorf("got rests %q, want none", r.rests.reasons)
	}
}

func TestHooks_AWebhookOfTheGroupThatWasAdoptedAwayChangesNothing(t *testing.T) {
	t.Parallel()
	r := start(t, "zapi")
	r.change(r.group, func(g *group.Group, now time.Time) error {
		const other = "120363000000000002-group"
		err := errors.Join(g.Stray(other, g.Instance, now), g.AdoptByHand(other, now))
		return errors.Join(err, g.CallRoll(group.Reading{Complete: true, People: []phone.Identity{{Digits: own}, {Digits: ana}}}, true, now))
	})
	before := r.load()
	for _, body := range []string{
		notification(r.wa, "GROUP_PARTICIPANT_LEAVE", `["`+ana+`"]`),
		request(r.wa, "MEMBERSHIP_APPROVAL_REQUEST", `["`+bia+`"]`, `"invite_link"`),
	} {
		if got := r.send(zapiDoor, body); got != http.StatusOK {
			t.Errorf("got status %d, want 200", got)
		}
	}
	if g := r.load(); g.Rev != before.Rev || len(r.queue.ids()) != 0 {
		t.Errorf("the record has revision %d after %d, ana's departure %q, bia's request %v, the tasks are %v; want no change",
			g.Rev, before.Rev, g.Members[0].Said, g.Members[1].Request, r.queue.ids())
	}
}
