package gowa

import (
	"encoding/json"
	"testing"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// FuzzAnswers checks that no answer causes a panic or a group without an id, and that the outcome of a change with a
// 500 without a code of the server is unknown.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{
		`{"code":"SUCCESS","results":{"group_id":"1@g.us"}}`, `{"code":"INVALID_WA_CLI","message":"x"}`, `{"code":"INTERNAL_SERVER_ERROR","message":"bad luck"}`,
		`{"JID":"1@g.us","OwnerJID":"1@lid","GroupCreated":"2025-01-01T00:00:00Z","ParticipantCount":1,"Participants":[{"JID":"1@lid","PhoneNumber":"55@s.whatsapp.net"}]}`,
		`[{"status":"error"}]`, `{"data":null}`, `{"data":[{"JID":"1@g.us"}]}`, `{"data":[{"id":"x","timestamp":"y"}]}`,
		`{"event":"group.participants","session_id":"x","payload":{"chat_id":"1@g.us","type":"leave","jids":["1@lid",2]}}`, ``, `null`, `{`,
	} {
		f.Add(200, []byte(s))
		f.Add(400, []byte(s))
		f.Add(500, []byte(s))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		var a answer
		coded := json.Unmarshal(body, &a) == nil && a.Code != ""
		e := classify(wire.Call{Kind: wire.Create, Scope: provider.ScopeRequest}, wire.Answer{Status: status, Body: body})
		if e != nil && status >= 500 && e.Class != provider.Unknown && !coded {
			t.Fatalf("status %d without a code is classed %s", status, e.Class)
		}
		var (
			id       wire.Text
			g        info
			list     []info
			messages []message
		)
		if readCreated(body, &id) == nil && !wire.IsGroup(id) {
			t.Fatalf("no group, and no error: %q", body)
		}
		if g.read(body) == nil {
			roll := g.roll("1@g.us")
			if roll.Complete && len(roll.Participants) == 0 {
				t.Fatalf("complete and empty: %q", body)
			}
		}
		_ = readAdded(body, phone.Identity{Digits: "5511900000001"})
		if readList(body, &list) == nil && !json.Valid(body) {
			t.Fatalf("a list of %q", body)
		}
		_ = readMessages(body, "5511900000001@s.whatsapp.net", &messages)
		_, _ = decodeCallback(body)
	})
}
