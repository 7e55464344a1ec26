package evolution

import (
	"encoding/json"
	"testing"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// FuzzAnswers checks that no answer causes a panic or a group without an id, and that the outcome of a change with a
// 500 is unknown.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{
		`{"id":"120363000000000001@g.us","size":2,"participants":[{"id":"1@lid","phoneNumber":"55@s.whatsapp.net","admin":"admin"}]}`,
		`{"status":500,"error":"x","response":{"message":["Error creating group","Error: rate-overlimit"]}}`,
		`{"status":400,"response":{"message":[[{"message":["x"]}]]}}`, `{"error":{},"message":"instance is not connected","errorMessage":"client is nil"}`,
		`{"updateParticipants":[{"status":"408"}]}`, `{"participants":[{"error":403}]}`, `[{"jid":"1@lid","exists":true,"number":"1"}]`,
		`{"key":{"id":"x"}}`, `{"messages":{"pages":1,"records":[{"key":{}}]}}`, `{"output":{"payload":{"message":"Connection Closed"}}}`,
		`{"event":"group-participants.update","instance":"x","data":{"id":"1@g.us","action":"remove","participants":["1@lid",{}],"participantsData":[{"jid":"1@lid"}]}}`,
		`{"event":"messages.update","data":[{"keyId":1,"status":"ERROR"}]}`, ``, `null`, `{`,
	} {
		f.Add(200, []byte(s))
		f.Add(400, []byte(s))
		f.Add(404, []byte(s))
		f.Add(500, []byte(s))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		for _, c := range []wire.Call{
			{Kind: wire.Create, Scope: provider.ScopeRequest, Method: createGroup},
			{Kind: wire.Invite, Scope: provider.ScopePerson, Method: updateParticipant},
			{Kind: wire.Invite, Scope: provider.ScopePerson, Method: sendText},
		} {
			if e := classify(c, wire.Answer{Status: status, Body: body}); e != nil && status >= 500 && e.Class != provider.Unknown {
				t.Fatalf("%s: status %d is classed %s", c.Method, status, e.Class)
			}
		}
		var (
			created createAnswer
			info    groupInfo
			sent    sendAnswer
			page    messagePage
			check   []checked
			entries []listEntry
		)
		if created.read(body) == nil && !wire.IsGroup(created.ID) {
			t.Fatalf("no group, and no error: %q", body)
		}
		if info.read(body) == nil {
			if roll := info.roll("1@g.us"); roll.Complete && len(roll.Participants) == 0 {
				t.Fatalf("complete and empty: %q", body)
			}
		}
		if sent.read(body) == nil && sent.Key.ID == "" {
			t.Fatalf("sent without an id: %q", body)
		}
		_, _ = page.read(body), readAdded(body, phone.Identity{Digits: "5511900000001"})
		if wire.List(body, &check) == nil {
			for _, c := range check {
				_ = c.checked()
			}
		}
		if wire.List(body, &entries) == nil && !json.Valid(body) {
			t.Fatalf("a list of %q", body)
		}
		_, _ = decodeCallback(body)
	})
}
