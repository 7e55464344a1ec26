package evolution_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/evolution"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

const key = "k3y0fEvolution0123456789abcdef"

func newClient(t testing.TB, base string) *evolution.Client {
	t.Helper()
	transport := wire.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	return newClientOver(t, base, transport)
}

func newClientOver(t testing.TB, base string, transport http.RoundTripper) *evolution.Client {
	t.Helper()
	c, err := evolution.Spec.Connect(spec.Config{
		BaseURL: base, InstanceID: "school", Credentials: spec.Credentials{"token": key}, Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.(*evolution.Client)
}

// envelope is the body of a failure of Evolution API. message is JSON.
func envelope(message string) string {
	return `{"status":0,"error":"…","response":{"message":` + message + `}}`
}

// miau is the body of a failure of whatsmiau.
func miau(message, cause string) string {
	return `{"error":{},"message":"` + message + `","errorMessage":"` + cause + `"}`
}

// rested is the outcome of class c of a number that must rest.
func rested(c provider.Class) providertest.Outcome {
	return providertest.Outcome{Class: c, Scope: provider.ScopeInstance, Health: provider.Restricted, Rest: true}
}

// off is the outcome of class c of a disconnected instance.
func off(c provider.Class) providertest.Outcome {
	return providertest.Outcome{Class: c, Scope: provider.ScopeInstance, Health: provider.Disconnected}
}

// outcomes has a row for every status and body of docs/providers.md. change is the outcome of calls
// that change something, read that of all other calls. add precedes change for added people and new admins, which use one
// path. A zero read or add makes no difference.
var outcomes = []struct {
	name              string
	status            int
	body              string
	change, read, add providertest.Outcome
}{
	{name: "401", status: 401, body: envelope(`"Unauthorized"`), change: providertest.Stop(provider.Unauthorized)},
	{name: "401 of whatsmiau", status: 401, body: `{"message":"Unauthorized"}`, change: providertest.Stop(provider.Unauthorized)},
	{name: "404 no such instance", status: 404, body: envelope(`["The \"school\" instance does not exist"]`), change: providertest.Stop(provider.Unauthorized)},
	{name: "404 no such instance, of a reading", status: 404, body: envelope(`["Instance \"school\" not found"]`), change: providertest.Stop(provider.Unauthorized)},
	{name: "404 no such path", status: 404, body: envelope(`["Cannot POST /v2/group/create/school"]`), change: providertest.Stop(provider.Unauthorized)},
	{name: "404 no such path at whatsmiau", status: 404, body: `{"message":"Not Found"}`, change: providertest.Stop(provider.Unauthorized)},
	{name: "404 of something else", status: 404, change: providertest.Stop(provider.Unauthorized)},
	{name: "404 not connected, of whatsmiau", status: 404, body: miau("instance is not connected", "client is nil"), change: off(provider.Limited)},
	{name: "500 not connected, of whatsmiau", status: 500, body: miau("failed to send text", "client is nil"), change: off(provider.Unknown), read: off(provider.Limited)},
	{name: "400 not connected", status: 400, body: envelope(`["The \"school\" instance is not connected"]`), change: off(provider.Limited)},
	{name: "500 the connection closed", status: 500, body: envelope(`["Error creating group","Error: Connection Closed"]`), change: off(provider.Unknown), read: off(provider.Limited)},
	{name: "500 the connection closed, nothing else said", status: 500, body: envelope(`"Connection Closed"`), change: off(provider.Unknown), read: off(provider.Limited)},
	{name: "500 the instance is not loaded", status: 500, body: envelope(`["Error creating group","TypeError: Cannot read properties of undefined (reading 'onWhatsApp')"]`), change: off(provider.Unknown), read: off(provider.Limited)},
	{name: "500 the instance is not loaded, of a list", status: 500, body: envelope(`"Cannot convert undefined or null to object"`), change: off(provider.Unknown), read: off(provider.Limited)},
	{name: "400 [object Object]", status: 400, body: envelope(`["[object Object]"]`), change: providertest.Denial()},
	{name: "400 the connection closed, the library's own error", status: 400, body: `{"isBoom":true,"output":{"statusCode":428,"payload":{"message":"Connection Closed"}}}`, change: off(provider.Unknown), read: off(provider.Limited)},
	{name: "500 after the create", status: 500, body: envelope(`["Error creating group","Error: Timed Out"]`), change: providertest.Doubt()},
	{name: "500 unknown words", status: 500, body: envelope(`["Error creating group","TypeError: x is not iterable"]`), change: providertest.Doubt()},
	{name: "500 words of a refusal", status: 500, body: envelope(`["Error creating group","Error: participants requires property"]`), change: providertest.Doubt()},
	{name: "500 operation failed, of whatsmiau", status: 500, body: miau("operation failed", "failed to create group: info query timed out"), change: providertest.Doubt()},
	{name: "500 rate-overlimit", status: 500, body: envelope(`["Error creating group","Error: rate-overlimit"]`), change: rested(provider.Unknown), read: rested(provider.Limited)},
	{name: "429 rate-overlimit, of whatsmiau", status: 429, body: miau("rate limit exceeded, try again later", "status 429: rate-overlimit"), change: rested(provider.Limited)},
	{name: "429", status: 429, body: "slow down", change: providertest.Stop("")},
	{name: "400 a field is wrong", status: 400, body: envelope(`[["\"participants\" must be an array of numeric strings"]]`), change: providertest.Refusal()},
	{name: "400 a field is missing", status: 400, body: envelope(`[["requires property \"subject\""]]`), change: providertest.Refusal()},
	{name: "400 a field of a reading", status: 400, body: envelope(`[{"property":"groupJid","message":"does not match pattern"}]`), change: providertest.Refusal()},
	{name: "400 no JSON", status: 400, body: envelope(`"Unexpected token _ in JSON at position 0"`), change: providertest.Refusal()},
	{name: "400 invalid, of whatsmiau", status: 400, body: miau("invalid request body", "Key: 'CreateGroupRequest.Subject' Error:Field validation for 'Subject' failed on the 'max' tag"), change: providertest.Refusal()},
	{name: "400 half a body", status: 400, body: envelope(`"Expected property name or '}' in JSON at position 1"`), change: providertest.Refusal()},
	{name: "400 no text", status: 400, body: envelope(`["Text is required"]`), change: providertest.Denial()},
	{name: "422 no JSON, of whatsmiau", status: 422, body: miau("failed to bind request body", "code=400"), change: providertest.Refusal()},
	{name: "400 not an admin", status: 400, body: envelope(`["Error updating participants","Error: not-authorized"]`), change: providertest.Denial(), read: providertest.Refusal(), add: providertest.Refusal()},
	{name: "400 unknown words", status: 400, body: envelope(`["Error updating participants","Error: bad luck"]`), change: providertest.Denial()},
	{name: "404 no such group", status: 404, body: envelope(`["Error fetching group","Error: item-not-found"]`), change: providertest.Denial(), read: providertest.Refusal(), add: providertest.Refusal()},
	{name: "404 unknown words", status: 404, body: envelope(`["Error fetching group","Error: bad luck"]`), change: providertest.Denial(), read: providertest.Doubt()},
	{name: "404 timeout", status: 404, body: envelope(`["Error fetching group","Error: Timed Out"]`), change: providertest.Doubt()},
	{name: "403 not in the group, of whatsmiau", status: 403, body: miau("not a member of this group", "you're not participating in that group"), change: providertest.Stop(provider.Unauthorized), read: providertest.Refusal(), add: providertest.Refusal()},
	{name: "403 of something else", status: 403, body: "blocked", change: providertest.Stop(provider.Unauthorized)},
	{name: "413", status: 413, change: providertest.Refusal()},
	{name: "503 no licence", status: 503, body: `{"error":"service not activated","code":"LICENSE_REQUIRED","message":"This Evolution API instance is not activated."}`, change: providertest.Stop(provider.Unauthorized)},
	{name: "503", status: 503, body: "<html>503</html>", change: providertest.Doubt()},
	{name: "502", status: 502, body: "<html>502</html>", change: providertest.Doubt()},
	{name: "504", status: 504, change: providertest.Doubt()},
	{name: "408", status: 408, change: providertest.Doubt()},
	{name: "308 elsewhere", status: 308, change: providertest.Stop(provider.Unauthorized)},
	{name: "200 with an error", status: 200, body: `{"error":true,"message":"Error: bad luck"}`, change: providertest.Denial()},
	{name: "200 with an internal error", status: 200, body: `{"error":"Internal error, try again"}`, change: providertest.Doubt()},
	{name: "200 empty", status: 200, change: providertest.Doubt()},
	{name: "200 an empty object", status: 200, body: `{}`, change: providertest.Doubt()},
	{name: "200 null", status: 200, body: `null`, change: providertest.Doubt()},
	{name: "200 a page", status: 200, body: "<html>the manager</html>", change: providertest.Doubt()},
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
				if (op.Name == "add" || op.Name == "admins") && tt.add.Class != "" { // one path, with another action
					want = tt.add
				}
				if strings.HasPrefix(tt.name, "403 not in the group") && slices.Contains([]string{"photo", "description", "settings"}, op.Name) {
					want = providertest.Refusal() // it concerns the one group
				}
				err := op.Do(t.Context(), c)
				providertest.AssertNoLeak(t, err, key, providertest.SomePhone, providertest.SomeName, providertest.SomeText)
				switch {
				case strings.HasPrefix(op.Name, "find ") && strings.HasPrefix(tt.name, "404 no such path"):
					if err != nil { // the server keeps no messages
						t.Errorf("%s: got %v, want no error", op.Name, err)
					}
					continue
				case (op.Name == "description" || op.Name == "settings") && tt.name == "200 an empty object": // a success of these two
					if err != nil {
						t.Errorf("%s: got %v, want no error", op.Name, err)
					}
					continue
				case op.Name == "invite link" && tt.name == "400 not an admin":
					if err != nil { // no link, and no error
						t.Errorf("invite link: got %v, want no error", err)
					}
					continue
				case op.Name == "invite link" && tt.name == "500 rate-overlimit": // a limit on links: the number need not rest
					want = providertest.Outcome{Class: provider.Limited}
				case op.Name == "check" && tt.status == 400 && want.Denied:
					want = providertest.Doubt() // every failure of a check is a 400
				}
				want.Check(t, op, err)
			}
		})
	}
}

func TestClient_AnswersOfOneOperation(t *testing.T) {
	t.Parallel()
	const id = "120363000000000001@g.us"
	noAccount := providertest.Outcome{Class: provider.Refused, NoAccount: true}
	answers := []providertest.OfOne{
		{Name: "create", Op: "create", Status: 201, Body: `{"id":"` + id + `","subject":"x","participants":"odd"}`},
		{Name: "create with the id alone", Op: "create", Status: 201, Body: `{"id":"` + id + `"}`},
		{Name: "create with the id of a person", Op: "create", Status: 201, Body: `{"id":"5511900000000@s.whatsapp.net"}`, Want: providertest.Doubt()},
		{Name: "add: in", Op: "add", Body: `{"updateParticipants":[{"status":"200","jid":"x"}]}`},
		{Name: "add: in, at whatsmiau", Op: "add", Body: `{"participants":[{"jid":"x","lid":"y"}]}`},
		{Name: "add: in, by a LID", Op: "add", Body: `{"updateParticipants":[{"status":"200","jid":"9@lid"}]}`},
		{Name: "add: another person", Op: "add", Body: `{"updateParticipants":[{"status":"200","jid":"5511900000002@s.whatsapp.net"}]}`, Want: providertest.Doubt()},
		{Name: "add: another person's refusal", Op: "add", Body: `{"updateParticipants":[{"status":"408","jid":"5511900000002@s.whatsapp.net"}]}`, Want: providertest.Doubt()},
		{Name: "add: another person, at whatsmiau", Op: "add", Body: `{"participants":[{"jid":"5511900000002@s.whatsapp.net"}]}`, Want: providertest.Doubt()},
		{Name: "add: privacy", Op: "add", Body: `{"updateParticipants":[{"status":"403","content":{"tag":"add_request"}}]}`, Want: providertest.Refusal(), Says: "contacts"},
		{Name: "add: privacy, at whatsmiau", Op: "add", Body: `{"participants":[{"jid":"x","error":403}]}`, Want: providertest.Refusal(), Says: "contacts"},
		{Name: "add: no account", Op: "add", Body: `{"updateParticipants":[{"status":"404"}]}`, Want: noAccount, Says: "no WhatsApp"},
		{Name: "add: left", Op: "add", Body: `{"updateParticipants":[{"status":"408"}]}`, Want: providertest.Refusal(), Says: "left", Left: true},
		{Name: "add: barred", Op: "add", Body: `{"updateParticipants":[{"status":"451"}]}`, Want: providertest.Refusal(), Says: "legal"},
		{Name: "add: a member", Op: "add", Body: `{"updateParticipants":[{"status":"409"}]}`, Want: providertest.Refusal(), Says: "already"},
		{Name: "add: full", Op: "add", Body: `{"updateParticipants":[{"status":"419"}]}`, Want: providertest.Refusal(), Says: "full"},
		{Name: "add: approval", Op: "add", Body: `{"updateParticipants":[{"status":"421"}]}`, Want: providertest.Refusal(), Says: "approve"},
		{Name: "add: an unknown code", Op: "add", Body: `{"updateParticipants":[{"status":"500"}]}`, Want: providertest.Doubt()},
		{Name: "add: an empty list", Op: "add", Body: `{"updateParticipants":[]}`, Want: providertest.Doubt()},
		{Name: "add: left, in words", Op: "add", Status: 400, Body: envelope(`["Error updating participants","person recently left"]`), Want: providertest.Refusal(), Left: true},
		{Name: "invite", Op: "invite", Status: 201, Body: `{"key":{"id":"3EB0","fromMe":true}}`},
		{Name: "invite without an id", Op: "invite", Status: 201, Body: `{"key":{}}`, Want: providertest.Doubt()},
		{Name: "invite: no account", Op: "invite", Status: 400, Body: envelope(`[{"jid":"5511987654321@s.whatsapp.net","exists":false,"number":"5511987654321"}]`), Want: noAccount},
		{Name: "link: not an admin, at whatsmiau", Op: "invite link", Status: 403, Body: miau("unauthorized to access invite link", "x")},
		{Name: "link: none", Op: "invite link", Body: `{"inviteUrl":""}`, Want: providertest.Doubt()},
		{Name: "list: none", Op: "list groups", Body: `[]`},
		{Name: "list: an object is not an empty list", Op: "list groups", Body: `{}`, Want: providertest.Doubt()},
		{Name: "check: an empty list", Op: "check", Body: `[]`},
		{Name: "check: a failure without a message", Op: "check", Status: 400, Body: `{}`, Want: providertest.Doubt()},
		{Name: "self: not connected", Op: "self", Body: `[{"name":"school","ownerJid":null}]`, Want: providertest.Stop(provider.Disconnected)},
		{Name: "self: another instance", Op: "self", Body: `[{"name":"school-2","ownerJid":"5511900000000@s.whatsapp.net"}]`, Want: providertest.Stop(provider.Disconnected)},
		{Name: "self", Op: "self", Body: `[{"name":"school","ownerJid":"5511900000000:3@s.whatsapp.net"}]`},
		{Name: "self, at whatsmiau", Op: "self", Body: `[{"id":"school","ownerJid":"5511900000000@s.whatsapp.net"}]`},
	}
	providertest.AssertAnswers(t, newClient, answers)
}
