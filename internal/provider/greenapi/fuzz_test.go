package greenapi

import (
	"encoding/json"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// FuzzAnswers checks that no answer causes a panic or a group without an id, and that the outcome of a change with a
// 500 is unknown.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{
		`{"created":true,"chatId":"120363000000000001@g.us","groupInviteLink":"x"}`, `{"created":false}`,
		`{"code":401,"description":"Unauthorized"}`, `{"statusCode":400,"path":"x","message":"Validation failed"}`,
		`{"groupId":"1@g.us","size":2,"participants":[{"id":"1@c.us","lid":"2@lid"}]}`,
		`[{"id":"1@g.us","name":""}]`, `{"existsWhatsapp":true,"chatId":"1@lid"}`, `{"idMessage":"x"}`, ``, `null`, `{`,
	} {
		f.Add(200, []byte(s))
		f.Add(400, []byte(s))
		f.Add(500, []byte(s))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		failure := classify(wire.Call{Kind: wire.Create, Scope: provider.ScopeRequest}, wire.Answer{Status: status, Body: body})
		if failure != nil && status >= 500 && failure.Class != provider.Unknown {
			t.Fatalf("status %d is classed %s", status, failure.Class)
		}
		var (
			created createAnswer
			data    groupData
			sent    sendAnswer
			check   checked
			entries []listEntry
			queue   []queued
		)
		if created.read(body) == nil && (!wire.IsGroup(created.ChatID) || created.Created == wire.No) {
			t.Fatalf("no group, and no error: %q", body)
		}
		if data.read(body) == nil {
			if roll := data.roll("1@g.us"); roll.Complete && len(roll.Participants) == 0 {
				t.Fatalf("a complete list without a person: %q", body)
			}
		}
		if sent.read(body) == nil && sent.IDMessage == "" {
			t.Fatalf("sent without an id: %q", body)
		}
		if check.read(body) == nil {
			_ = check.checked()
		}
		if wire.List(body, &entries) == nil && !json.Valid(body) {
			t.Fatalf("a list of %q", body)
		}
		_ = wire.List(body, &queue)
	})
}
