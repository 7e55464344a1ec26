package zapi

import (
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// FuzzAnswers checks that no answer causes a panic or a group without an id, and that no answer that may come after a
// create is classed as a refusal.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{
		`{"phone":"120363000000000001-group","invitationLink":"x","phonesNotAdded":["1"]}`,
		`{"error":"x"}`, `{"value":false}`, `[{"exists":"true"}]`, `{"phone":1,"participants":[{"phone":"1@lid"},null]}`,
		`{"messages":[{"Created":1}],"hasMore":true,"pagingState":"x"}`, `{"connected":"true"}`, ``, `null`, `[]`, `{`, `"x"`,
	} {
		f.Add(200, []byte(s))
		f.Add(500, []byte(s))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		answer := wire.Answer{Status: status, Body: body}
		create := wire.Call{Kind: wire.Create, Scope: provider.ScopeRequest}
		failure := classify(create, answer)
		var created createAnswer
		err := created.read(body)
		if err == nil && !namesGroup(created.Phone) {
			t.Fatalf("a group without an id from %q", body)
		}
		if err == nil && answer.OK() && failure != nil && failure.Class != provider.Unknown {
			t.Fatalf("%q names a group and is classed %s", body, failure.Class)
		}
		if failure != nil && status >= 500 && failure.Class == provider.Refused {
			t.Fatalf("status %d is classed %s", status, failure.Class)
		}
		var (
			m    metadata
			sent sendAnswer
			page queuePage
		)
		if m.read(body) == nil {
			if roll := m.roll("1-group"); roll.Complete && len(roll.Participants) == 0 {
				t.Fatalf("a complete list without a person: %q", body)
			}
		}
		if sent.read(body) == nil && sent.id() == "" {
			t.Fatalf("sent without an id: %q", body)
		}
		_ = page.read(body)
		_ = statusKnown(body)
	})
}
