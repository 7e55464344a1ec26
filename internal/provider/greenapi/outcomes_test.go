package greenapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/greenapi"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

const token = "t0ken0fGreenApi0123456789abcdef"

func newClient(t testing.TB, base string) *greenapi.Client {
	t.Helper()
	transport := wire.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	c, err := greenapi.Spec.Connect(spec.Config{
		BaseURL: base, InstanceID: "7105000001", Credentials: spec.Credentials{"token": token}, Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.(*greenapi.Client)
}

// envelope is the body of a validation error, which repeats the path with the token.
func envelope(message string) string {
	return `{"statusCode":400,"timestamp":"2026-10-06T10:00:00.000Z","path":"PATH","message":"` + message + `"}`
}

const (
	quotaBody = `{"invokeStatus":{"method":"checkwhatsapp","used":100,"total":100,"status":"QUOTE_EXCEEDED","description":"Monthly quota has been exceeded. PATH"}}`
	chatsBody = `{"invokeStatus":{"method":"sendMessage","used":1,"total":9,"status":"QUOTE_ALLOWED"},"correspondentsStatus":{"method":"correspondents","used":3,"total":3,"status":"CORRESPONDENTS_QUOTE_EXCEEDED","description":"no"}}`
)

// outcomes has a row for every status and text that is documented or was seen. change is the outcome of calls
// that change something, read that of all other calls. addressed precedes both for calls that name a group or a person,
// except creates; to a reading of a group it is a denial. A zero read or addressed makes no difference.
var outcomes = []struct {
	name      string
	answer    providertest.Answer
	change    providertest.Outcome
	read      providertest.Outcome
	addressed providertest.Outcome
}{
	{name: "204", answer: providertest.Answer{Status: 204}, change: providertest.Doubt()},
	{
		name:   "400 starting",
		answer: providertest.Answer{Status: 400, Body: "instance in starting process try later"},
		change: providertest.Outcome{Class: provider.NotSent, Scope: provider.ScopeInstance, Health: provider.Starting},
	},
	{
		name:   "400 starting, in the envelope",
		answer: providertest.Answer{Status: 400, Body: envelope("Instance in starting process try later")},
		change: providertest.Outcome{Class: provider.NotSent, Scope: provider.ScopeInstance, Health: provider.Starting},
	},
	{
		name:   "400 logged out",
		answer: providertest.Answer{Status: 400, Body: envelope("instance account not authorized")},
		change: providertest.Stop(provider.Disconnected),
	},
	{
		name:   "400 starting or logged out",
		answer: providertest.Answer{Status: 400, Body: envelope("instance is starting or not authorized")},
		change: providertest.Stop(provider.Disconnected),
	},
	{
		name:   "400 unpaid",
		answer: providertest.Answer{Status: 400, Body: "Instance account is expired. Renew your instance from personal area"},
		change: providertest.Stop(provider.Unauthorized),
	},
	{name: "400 deleted", answer: providertest.Answer{Status: 400, Body: "Instance is deleted"}, change: providertest.Stop(provider.Unauthorized)},
	{
		name:   "400 the plan's chats are used up",
		answer: providertest.Answer{Status: 400, Body: "You have used up the chat limit on your tariff 5511987654321"},
		change: rested(provider.Limited),
	},
	{name: "400 bad request data", answer: providertest.Answer{Status: 400, Body: "bad request data"}, change: providertest.Refusal()},
	{name: "400 validation", answer: providertest.Answer{Status: 400, Body: envelope("Validation failed. Details: 'groupName' is required")}, change: providertest.Refusal()},
	{name: "400 no JSON", answer: providertest.Answer{Status: 400, Body: envelope("Unexpected token _ in JSON at position 0 PATH")}, change: providertest.Refusal()},
	{name: "400 empty", answer: providertest.Answer{Status: 400}, change: providertest.Denial()},
	{name: "400 torn", answer: providertest.Answer{Status: 400, Header: map[string]string{"Content-Length": "300"}, Body: `{"path":"PATH`}, change: providertest.Denial()},
	{name: "400 unknown words", answer: providertest.Answer{Status: 400, Body: envelope("group exists PATH")}, change: providertest.Denial()},
	{name: "400 rate overlimit", answer: providertest.Answer{Status: 400, Body: "rate overlimit"}, change: rested(provider.Unknown), read: rested(provider.Limited)},
	{name: "400 bad request, as documented of a create", answer: providertest.Answer{Status: 400, Body: "Bad Request"}, change: providertest.Refusal()},
	{name: "406", answer: providertest.Answer{Status: 406}, change: providertest.Denial()},
	{name: "410", answer: providertest.Answer{Status: 410}, change: providertest.Denial()},
	{name: "413", answer: providertest.Answer{Status: 413}, change: providertest.Refusal()},
	{name: "422", answer: providertest.Answer{Status: 422, Body: "Validation failed"}, change: providertest.Denial()},
	{name: "401", answer: providertest.Answer{Status: 401, Body: "Unauthorized"}, change: providertest.Stop(provider.Unauthorized)},
	{
		name:   "401 under 200",
		answer: providertest.Answer{Status: 200, Body: `{"code":401,"description":"Unauthorized"}`},
		change: providertest.Stop(provider.Unauthorized),
	},
	{
		name:   "500 under 200",
		answer: providertest.Answer{Status: 200, Body: `{"code":500,"description":"PATH"}`},
		change: providertest.Outcome{Class: provider.Unknown, Scope: provider.ScopeInstance},
	},
	{name: "403", answer: providertest.Answer{Status: 403, Body: "Forbidden"}, change: providertest.Stop(provider.Unauthorized)},
	{
		name: "404", answer: providertest.Answer{Status: 404, Body: "Not Found PATH"},
		change: providertest.Stop(provider.Unauthorized), addressed: providertest.Refusal(),
	},
	{name: "405", answer: providertest.Answer{Status: 405}, change: providertest.Stop(provider.Unauthorized)},
	{name: "415", answer: providertest.Answer{Status: 415}, change: providertest.Stop(provider.Unauthorized)},
	{name: "308 elsewhere", answer: providertest.Answer{Status: 308, Header: map[string]string{"Location": "/x"}}, change: providertest.Stop(provider.Unauthorized)},
	{name: "429", answer: providertest.Answer{Status: 429, Body: "Too Many Requests"}, change: providertest.Stop("")},
	{
		name: "429 with seconds", answer: providertest.Answer{Status: 429, Header: map[string]string{"Retry-After": "2"}, Body: "PATH"},
		change: providertest.Outcome{Class: provider.Limited, Scope: provider.ScopeInstance, RetryAfter: 2 * time.Second},
	},
	{name: "466 of the number check", answer: providertest.Answer{Status: 466, Body: quotaBody}, change: used(provider.QuotaCheck)},
	{name: "466 of the plan's chats", answer: providertest.Answer{Status: 466, Body: chatsBody}, change: used(provider.QuotaSend)},
	{name: "466 of creates", answer: providertest.Answer{Status: 466, Body: strings.Replace(quotaBody, "checkwhatsapp", "createGroup", 1)}, change: used(provider.QuotaCreate)},
	{name: "466 of readings", answer: providertest.Answer{Status: 466, Body: strings.Replace(quotaBody, "checkwhatsapp", "GetGroupData", 1)}, change: used(provider.QuotaRead)},
	{name: "466 of added people", answer: providertest.Answer{Status: 466, Body: strings.Replace(quotaBody, "checkwhatsapp", "addGroupParticipant", 1)}, change: used(provider.QuotaAdd)},
	{name: "466 of an unknown method", answer: providertest.Answer{Status: 466, Body: strings.Replace(quotaBody, "checkwhatsapp", "getAvatar", 1)}, change: rested(provider.Limited)},
	{name: "466 empty", answer: providertest.Answer{Status: 466}, change: rested(provider.Limited)},
	{name: "499", answer: providertest.Answer{Status: 499, Body: "Client Closed Request"}, change: providertest.Doubt()},
	{name: "500 rate overlimit", answer: providertest.Answer{Status: 500, Body: "rate overlimit"}, change: rested(provider.Unknown), read: rested(provider.Limited)},
	{
		name:   "500 rate overlimit, in the envelope",
		answer: providertest.Answer{Status: 500, Body: `{"statusCode":500,"path":"PATH","message":"Rate Overlimit"}`},
		change: rested(provider.Unknown), read: rested(provider.Limited),
	},
	{name: "500", answer: providertest.Answer{Status: 500, Body: "Internal Server Error"}, change: providertest.Doubt()},
	{name: "500 bad-request", answer: providertest.Answer{Status: 500, Body: envelope("bad-request")}, change: providertest.Doubt()},
	{name: "502", answer: providertest.Answer{Status: 502, Body: "<html>502 Bad Gateway PATH</html>"}, change: providertest.Doubt()},
	{name: "503", answer: providertest.Answer{Status: 503}, change: providertest.Doubt()},
	{name: "504", answer: providertest.Answer{Status: 504}, change: providertest.Doubt()},
	{name: "408", answer: providertest.Answer{Status: 408}, change: providertest.Doubt()},
	{name: "409", answer: providertest.Answer{Status: 409}, change: providertest.Doubt()},
	{name: "200 empty", answer: providertest.Answer{Status: 200}, change: providertest.Doubt()},
	{name: "200 nothing", answer: providertest.Answer{Status: 200, Body: `{}`}, change: providertest.Doubt()},
	{name: "200 a page", answer: providertest.Answer{Status: 200, Body: "<html>PATH</html>"}, change: providertest.Doubt()},
	{name: "200 torn", answer: providertest.Answer{Status: 200, Header: map[string]string{"Content-Length": "100"}, Body: `{"created":true,"chatId":"12`}, change: providertest.Doubt()},
	{name: "200 half a document", answer: providertest.Answer{Status: 200, Body: `{"created":true,"chatId":"12`}, change: providertest.Doubt()},
}

// used is the outcome of a quota that is used up.
func used(q provider.Quota) providertest.Outcome {
	return providertest.Outcome{Class: provider.Limited, Scope: provider.ScopeInstance, Quota: q}
}

// rested is the outcome of class c of a number that must rest.
func rested(c provider.Class) providertest.Outcome {
	return providertest.Outcome{Class: c, Scope: provider.ScopeInstance, Health: provider.Restricted, Rest: true}
}

func TestClient_EveryAnswerHasItsOutcome(t *testing.T) {
	t.Parallel()
	for _, tt := range outcomes {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, providertest.Serve(t, tt.answer))
			for _, op := range providertest.Ops(c) {
				want := tt.change
				if !op.Changes && tt.read.Class != "" {
					want = tt.read
				}
				if tt.addressed.Class != "" && op.Scope != provider.ScopeInstance && op.Name != "create" {
					want = tt.addressed
					if !op.Changes && op.Scope == provider.ScopeRequest {
						want = providertest.Denial()
					}
				}
				err := op.Do(t.Context(), c)
				providertest.AssertNoLeak(t, err, token, providertest.SomePhone, providertest.SomeName, providertest.SomeText)
				switch {
				case op.Name == "check" && (want.Class == provider.Refused || want.Denied):
					// The number is left out of the answer; the check goes on with the others.
					if err != nil {
						t.Errorf("check: got %v, want no error", err)
					}
					continue
				case op.Name == "self" && tt.name == "200 nothing":
					want = providertest.Stop(provider.Disconnected)
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
		{Name: "create", Op: "create", Body: `{"created":true,"chatId":"` + id + `","groupInviteLink":"x"}`},
		{Name: "create: an old group id", Op: "create", Body: `{"created":true,"chatId":"79000000000-1587570015@g.us"}`},
		{Name: "create: created as a string", Op: "create", Body: `{"created":"true","chatId":"` + id + `"}`},
		{Name: "create: without created", Op: "create", Body: `{"chatId":"` + id + `"}`},
		{Name: "create: created false", Op: "create", Body: `{"created":false,"chatId":"","groupInviteLink":""}`, Want: providertest.Doubt()},
		{Name: "create: created false with an id", Op: "create", Body: `{"created":false,"chatId":"` + id + `"}`, Want: providertest.Doubt()},
		{Name: "create: created without an id", Op: "create", Body: `{"created":true}`, Want: providertest.Doubt()},
		{Name: "create: null", Op: "create", Body: `null`, Want: providertest.Doubt()},
		{Name: "add: yes", Op: "add", Body: `{"addParticipant":true}`},
		{Name: "add: no", Op: "add", Body: `{"addParticipant":false}`, Want: providertest.Refusal()},
		{Name: "add: neither", Op: "add", Body: `{"addParticipant":null}`, Want: providertest.Doubt()},
		{Name: "add: unknown words", Op: "add", Status: 400, Body: `bad luck`, Want: providertest.Denial()},
		{Name: "invite", Op: "invite", Body: `{"idMessage":"3EB0"}`},
		{Name: "invite: no id", Op: "invite", Body: `{"idMessage":""}`, Want: providertest.Doubt()},
		{
			Name: "invite: no account", Op: "invite", Status: 400, Body: `{"message":"79000000002@c.us is not on WhatsApp"}`,
			Want: providertest.Outcome{Class: provider.Refused, NoAccount: true},
		},
		{
			Name: "invite: too long", Op: "invite", Status: 400,
			Body: envelope("Validation failed. Details: 'message' length must be less than or equal to 20000 characters long"), Want: providertest.Refusal(),
		},
		{Name: "members: an unknown group", Op: "members", Status: 400, Body: envelope("Group not found"), Want: providertest.Denial()},
		{Name: "members: not found, by a gateway perhaps", Op: "members", Status: 404, Want: providertest.Denial()},
		{Name: "link: not an admin", Op: "invite link", Body: `{"groupId":"` + id + `","groupInviteLink":""}`},
		{Name: "list groups: an object is not an empty list", Op: "list groups", Body: `{}`, Want: providertest.Doubt()},
		{Name: "list groups: null is not an empty list", Op: "list groups", Body: `null`, Want: providertest.Doubt()},
		{Name: "list groups: none", Op: "list groups", Body: `[]`},
		{Name: "find invite: nothing", Op: "find invite", Body: `[]`},
		{Name: "check: a bad number is left out", Op: "check", Status: 400, Body: envelope("bad phone number, valid 11 or 12 digits")},
		{Name: "check: not only digits", Op: "check", Status: 400, Body: envelope("Wrong format. 'phoneNumber' must contain only digits")},
		{Name: "check: WhatsApp did not answer", Op: "check", Status: 400, Body: envelope("check phone number timeout limit exceeded"), Want: providertest.Doubt()},
		{Name: "check: not authorized", Op: "check", Status: 400, Body: envelope("instance is starting or not authorized"), Want: providertest.Stop(provider.Disconnected)},
		{Name: "self: logged out", Op: "self", Body: `{"phone":"","stateInstance":"notAuthorized"}`, Want: providertest.Stop(provider.Disconnected)},
	}
	providertest.AssertAnswers(t, newClient, answers)
}
