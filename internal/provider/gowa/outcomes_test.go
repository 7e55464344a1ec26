package gowa_test

import (
	"slices"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/gowa"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

const password = "p4ssw0rdOfGowa0123456789"

func newClient(t testing.TB, base string) *gowa.Client {
	t.Helper()
	transport := wire.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	c, err := gowa.Spec.Connect(spec.Config{
		BaseURL: base, InstanceID: "school", Credentials: spec.Credentials{"token": "admin:" + password}, Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.(*gowa.Client)
}

// failure is the body of a failure with a code of the server.
func failure(code, message string) string {
	return `{"code":"` + code + `","message":"` + message + `"}`
}

func internal(message string) string { return failure("INTERNAL_SERVER_ERROR", message) }

func success(results string) string {
	return `{"code":"SUCCESS","message":"Success","results":` + results + `}`
}

// stopped is the outcome of class c of an instance with health h.
func stopped(c provider.Class, h provider.Health) providertest.Outcome {
	return providertest.Outcome{Class: c, Scope: provider.ScopeInstance, Health: h}
}

// rested is the outcome of class c of a number that must rest.
func rested(c provider.Class) providertest.Outcome {
	return providertest.Outcome{Class: c, Scope: provider.ScopeInstance, Health: provider.Restricted, Rest: true}
}

// outcomes has a row for every status and code of docs/providers.md. change is the outcome of calls
// that change something, read that of all other calls. person precedes both for calls about one person. A zero read or
// person makes no difference.
var outcomes = []struct {
	name                 string
	status               int
	body                 string
	change, read, person providertest.Outcome
}{
	{name: "401 the password", status: 401, body: "Unauthorized", change: stopped(provider.Limited, provider.Unauthorized)},
	{name: "401 not logged in", status: 401, body: failure("AUTHENTICATION_ERROR", "you are not logged in"), change: stopped(provider.Limited, provider.Disconnected)},
	{name: "500 no session", status: 500, body: failure("INVALID_WA_CLI", "your WhatsApp CLI is invalid or empty"), change: stopped(provider.Limited, provider.Disconnected)},
	{name: "400 no device named", status: 400, body: failure("DEVICE_ID_REQUIRED", "device_id is required"), change: stopped(provider.Limited, provider.Unauthorized)},
	{name: "404 no such device", status: 404, body: failure("DEVICE_NOT_FOUND", "device not found"), change: stopped(provider.Limited, provider.Unauthorized)},
	{name: "503 starting", status: 503, body: failure("DEVICE_MANAGER_UNAVAILABLE", "Device manager is not initialized"), change: stopped(provider.NotSent, provider.Starting)},
	{name: "400 validation", status: 400, body: failure("VALIDATION_ERROR", "title: cannot be blank."), change: providertest.Refusal()},
	{name: "500 a field of another type", status: 500, body: internal(`bind \"title\" from body: json: cannot unmarshal array`), change: providertest.Refusal()},
	{name: "500 no JSON", status: 500, body: internal("bind from body: unexpected end of JSON input"), change: providertest.Refusal()},
	{
		name: "400 no account", status: 400, body: failure("INVALID_JID", "user is not registered"), change: providertest.Refusal(),
		person: providertest.Outcome{Class: provider.Refused, NoAccount: true},
	},
	{
		name: "429 463", status: 429, body: failure("WA_REACHOUT_TIMELOCK", "WhatsApp rejected this send with error 463 (reach-out timelock)."),
		change: providertest.Outcome{Class: provider.Limited, Scope: provider.ScopeInstance, Rest: true, Quota: provider.QuotaSend},
	},
	{name: "429 of something else", status: 429, body: "slow down", change: providertest.Stop("")},
	{name: "504 timeout", status: 504, body: failure("GATEWAY_TIMEOUT", "Request timed out waiting for WhatsApp server response"), change: providertest.Doubt()},
	{name: "408", status: 408, body: failure("CONTEXT_ERROR", "context canceled"), change: providertest.Doubt()},
	{name: "500 rate-overlimit", status: 500, body: internal("info query returned status 429: rate-overlimit"), change: rested(provider.Unknown), read: rested(provider.Limited)},
	{name: "500 not connected", status: 500, body: internal("websocket not connected"), change: stopped(provider.Unknown, provider.Disconnected), read: stopped(provider.Limited, provider.Disconnected)},
	{name: "500 no client", status: 500, body: internal("Whatsapp client is not initialized"), change: stopped(provider.Unknown, provider.Disconnected), read: stopped(provider.Limited, provider.Disconnected)},
	{name: "500 not in the group", status: 500, body: internal("you're not participating in that group"), change: providertest.Doubt(), read: providertest.Refusal()},
	{name: "500 no such group", status: 500, body: internal("that group does not exist"), change: providertest.Doubt(), read: providertest.Refusal()},
	{name: "500 unknown words", status: 500, body: internal("bad luck"), change: providertest.Doubt()},
	{name: "400 an unknown code", status: 400, body: failure("BAD_LUCK", "x"), change: providertest.Denial()},
	{name: "404 of another path", status: 404, body: "Not Found", change: stopped(provider.Limited, provider.Unauthorized)},
	{name: "413", status: 413, change: providertest.Refusal()},
	{name: "502", status: 502, body: "<html>502</html>", change: providertest.Doubt()},
	{name: "200 empty", status: 200, change: providertest.Doubt()},
	{name: "200 an empty object", status: 200, body: `{}`, change: providertest.Doubt()},
	{name: "200 an unknown code", status: 200, body: failure("BAD_LUCK", "x"), change: providertest.Denial()},
	{name: "200 with an internal error", status: 200, body: `{"error":"Internal error, try again"}`, change: providertest.Doubt()},
	{name: "200 with an error", status: 200, body: `{"error":"x"}`, change: providertest.Denial()},
	{name: "200 no results", status: 200, body: success("null"), change: providertest.Doubt()},
	{name: "200 a page", status: 200, body: "<html>a dashboard</html>", change: providertest.Doubt()},
}

func TestClient_EveryAnswerHasItsOutcome(t *testing.T) {
	t.Parallel()
	for _, tt := range outcomes {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, providertest.Serve(t, providertest.Answer{Status: tt.status, Body: tt.body}))
			for _, op := range providertest.Ops(c) {
				want := tt.change
				if !op.Changes && tt.read.Class != "" {
					want = tt.read
				}
				if op.Scope == provider.ScopePerson && tt.person.Class != "" {
					want = tt.person
				}
				err := op.Do(t.Context(), c)
				providertest.AssertNoLeak(t, err, password, providertest.SomePhone, providertest.SomeName, providertest.SomeText)
				switch {
				case op.Name == "check" && (want.Class == provider.Refused || want.Denied):
					if err != nil { // the number is left out of the answer; the check goes on with the others
						t.Errorf("check: got %v, want no error", err)
					}
					continue
				case op.Name == "invite link" && tt.name == "500 rate-overlimit": // a limit on links: the number need not rest
					want = providertest.Outcome{Class: provider.Limited}
				case tt.name == "200 no results" && slices.Contains([]string{"photo", "description", "settings", "admins", "approve", "reject"}, op.Name):
					if err != nil { // a change needs no results
						t.Errorf("%s: got %v, want no error", op.Name, err)
					}
					continue
				}
				want.Check(t, op, err)
			}
		})
	}
}

func TestClient_AnswersOfOneOperation(t *testing.T) {
	t.Parallel()
	const id = "120363000000000001@g.us"
	answers := []providertest.OfOne{
		{Name: "create", Op: "create", Body: success(`{"group_id":"` + id + `"}`)},
		{Name: "create without an id", Op: "create", Body: success(`{}`), Want: providertest.Doubt()},
		{Name: "create under another code", Op: "create", Body: `{"code":"X","results":{"group_id":"` + id + `"}}`, Want: providertest.Doubt()},
		{Name: "add: success, which does not prove that the person is in", Op: "add", Body: success(`[{"participant":"x","status":"success"}]`)},
		{Name: "add: another person", Op: "add", Body: success(`[{"participant":"5511900000002@s.whatsapp.net","status":"success"}]`), Want: providertest.Doubt()},
		{Name: "add: another person's refusal", Op: "add", Body: success(`[{"participant":"5511900000002@s.whatsapp.net","status":"error"}]`), Want: providertest.Doubt()},
		{Name: "add: privacy", Op: "add", Body: success(`[{"participant":"x","status":"error","message":"Failed to add participant"}]`), Want: providertest.Refusal(), Says: "contacts"},
		{Name: "add: an empty list", Op: "add", Body: success(`[]`), Want: providertest.Doubt()},
		{Name: "add: an unknown status", Op: "add", Body: success(`[{"status":"perhaps"}]`), Want: providertest.Doubt()},
		{Name: "invite", Op: "invite", Body: success(`{"message_id":"3EB0"}`)},
		{Name: "invite without an id", Op: "invite", Body: success(`{"message_id":""}`), Want: providertest.Doubt()},
		{Name: "link: not an admin", Op: "invite link", Status: 500, Body: internal("you don't have the permission to get the group's invite link")},
		{Name: "link: none", Op: "invite link", Body: success(`{"invite_link":""}`), Want: providertest.Doubt()},
		{Name: "list: none", Op: "list groups", Body: success(`{"data":null}`)},
		{Name: "list: no list", Op: "list groups", Body: success(`{}`), Want: providertest.Doubt()},
		{Name: "check: no answer about the number", Op: "check", Body: success(`{}`), Want: providertest.Doubt()},
		{Name: "self", Op: "self", Body: success(`{"is_connected":true,"is_logged_in":true,"jid":"5511900000000:7@s.whatsapp.net"}`)},
		{Name: "self: not paired", Op: "self", Body: success(`{"is_connected":false,"is_logged_in":false,"jid":""}`), Want: providertest.Stop(provider.Disconnected)},
		{Name: "self: an old server", Op: "self", Body: success(`{"is_connected":true,"is_logged_in":true}`), Want: providertest.Doubt()},
		{Name: "photo: not a picture", Op: "photo", Status: 400, Body: failure("INVALID_IMAGE_FORMAT", "Image validation failed"), Want: providertest.Refusal()},
	}
	providertest.AssertAnswers(t, newClient, answers)
}
