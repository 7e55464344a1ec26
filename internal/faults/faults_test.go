package faults_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/faults"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/say"
)

// The errors that the providers document, each with its cause.
func TestRead_EveryDocumentedErrorHasItsCause(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		text   string
		want   string
	}{
		{400, "your Client-Token is not configured", "client-token"},
		{200, "null not allowed", "client-token"},
		{403, "203.0.113.7 not allowed", "address-not-allowed"},
		{405, "Method Not Allowed", "method"},
		{415, "", "media-type"},
		{400, "To continue sending a message, you must subscribe to this instance again", "unpaid"},
		{404, "Unable to find matching target resource method", "wrong-path"},
		{400, "Invalid phone", "invalid-phone"},
		{0, "Phone number does not exist", "no-account"},
		{0, "Whatsapp rejected sending this message", "restricted"},
		{0, "SHADOW_BAN", "restricted"},
		{400, "instance in starting process try later", "starting"},
		{400, "instance account not authorized", "logged-out"},
		{400, "instance is starting or not authorized", "logged-out"},
		{400, "Instance account is expired. Renew your instance from personal area", "unpaid"},
		{400, "Instance is deleted", "deleted"},
		{400, "Validation failed. Details: 'groupName' is required", "bad-request"},
		{400, "You have used up the chat limit on your tariff", "quota"},
		{401, "Unauthorized", "token"},
		{403, "Forbidden", "address"},
		{429, "Too Many Requests", "too-many-requests"},
		{466, "Monthly quota has been exceeded.", "quota"},
		{466, "", "quota"},
		{499, "Client Closed Request", "closed"},
		{500, "rate overlimit", "overlimit"},
		{500, "Internal Server Error", "internal"},
		{502, "Bad Gateway", "gateway"},
		{0, "dial tcp 127.0.0.1:1: connect: connection refused", "unreachable"},
		{0, "create group: Internal Server Error (HTTP 500)", "internal"},
		{404, "instance is not connected: client is nil", "logged-out"},
		{500, "Error creating group: TypeError: Cannot read properties of undefined (reading 'onWhatsApp')", "logged-out"},
		{503, "service not activated: This Evolution API instance is not activated.", "not-activated"},
		{404, `The "school" instance does not exist`, "deleted"},
		{404, "Cannot POST /v2/group/create/school", "wrong-path"},
		{400, `requires property "subject"`, "bad-request"},
		{400, "invalid request body: Key: 'CreateGroupRequest.Subject' Error:Field validation", "name-too-long"},
		{500, "Error creating group: Error: rate-overlimit", "overlimit"},
		{500, "Error creating group: Error: bad luck", "after-birth"},
		{500, "your WhatsApp CLI is invalid or empty", "logged-out"},
		{404, "device not found; create a device first", "deleted"},
		{400, "user is not registered", "no-account"},
		{400, "title: cannot be blank.", "bad-request"},
		{504, "Request timed out waiting for WhatsApp server response", "timeout"},
		{429, "WhatsApp rejected this send with error 463 (reach-out timelock).", "timelock"},
	} {
		got, ok := faults.Read(c.status, say.Words(c.text))
		if !ok || got.Key != c.want {
			t.Errorf("%d %q is read as %q, want %q", c.status, c.text, got.Key, c.want)
		}
	}
	for code, want := range map[say.Code]string{say.CallTimeout: "timeout", say.NoNumber: "logged-out"} {
		if got, _ := faults.Read(0, say.Phrase{Code: code, Every: time.Minute}); got.Key != want {
			t.Errorf("%s is read as %q, want %q", code, got.Key, want)
		}
	}
	if c, ok := faults.Read(0, say.Words("Turma 12 is a good name")); ok {
		t.Errorf("words of no fault are read as %q", c.Key)
	}
}

func TestCauses_AreWholeAndFoundByTheirKey(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range faults.Causes() {
		if seen[c.Key] || !whole(c.Title) || !whole(c.Why) || !whole(c.Remedy) || c.Scope == "" {
			t.Errorf("the cause %q lacks a text or a scope, or is there twice", c.Key)
		}
		seen[c.Key] = true
		if found, ok := faults.Lookup(c.Key); !ok || found.Title != c.Title {
			t.Errorf("%q is not found by its key", c.Key)
		}
	}
}

// whole reports whether there is a text in every language.
func whole(texts say.Texts) bool {
	for _, l := range say.Languages() {
		if texts.Of(l) == "" {
			return false
		}
	}
	return true
}

func failed(status int, words string) *group.Group {
	now := time.Now()
	g := &group.Group{Status: group.Queued, Members: []group.Member{{Status: group.Pending}}}
	g.Begin("w", "alpha", time.Minute, func(string) bool { return true }, now)
	_ = g.Refused(1, group.Answer{HTTPStatus: status, Error: say.Words(words)}, now)
	return g
}

func TestOf_EqualFaultsAreOneWhateverNumbersTheyName(t *testing.T) {
	t.Parallel()
	a, b := faults.Of(failed(422, "row 17 of 93 is odd")), faults.Of(failed(422, "row 4 of 1200 is odd"))
	if a != b || a == "" {
		t.Errorf("got %q and %q, want one fault", a, b)
	}
	if c := faults.Of(failed(422, "column 17 of 93 is odd")); c == a {
		t.Errorf("different words are one fault, %q", c)
	}
	if got := faults.Of(failed(401, "Unauthorized")); got != "refused:token" {
		t.Errorf("a refusal is %q, want refused:token", got)
	}
	if got := faults.Of(&group.Group{Status: group.Done}); got != "" {
		t.Errorf("a group that is done has the fault %q", got)
	}
}

// A provider's causes come before the common ones, vague ones come last, and a provider may add words to a common cause.
func TestCauses_HoldWhatTheProvidersBring(t *testing.T) {
	t.Parallel()
	for _, p := range all.Providers() {
		for _, brought := range p.Causes {
			c, ok := faults.Lookup(brought.Key)
			if !ok {
				t.Errorf("%s brings %q, which is not in the catalogue", p.Title, brought.Key)
			}
			if brought.Title != (say.Texts{}) && c.Title != brought.Title {
				t.Errorf("%q is %v, want %v of %s", brought.Key, c.Title, brought.Title, p.Title)
			}
			for _, words := range brought.Says {
				if got, ok := faults.Read(0, say.Words(words)); !ok || got.Key != brought.Key {
					t.Errorf("%q of %s is read as %q, want %q", words, p.Title, got.Key, brought.Key)
				}
			}
			for _, code := range brought.Codes {
				if got, ok := faults.Read(0, say.Phrase{Code: code}); !ok || got.Key != brought.Key {
					t.Errorf("%q of %s is read as %q, want %q", code, p.Title, got.Key, brought.Key)
				}
			}
		}
	}
	if c, _ := faults.Read(0, say.Phrase{Code: say.WorkerEnded}); c.Key != "worker-died" {
		t.Errorf("a worker that ended is read as %q, want worker-died", c.Key)
	}
	if c, _ := faults.Read(403, say.Words("Method not allowed")); c.Key != "method" {
		t.Errorf("vague words are read as %q, want method", c.Key)
	}
}
