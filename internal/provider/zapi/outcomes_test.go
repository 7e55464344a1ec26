package zapi_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/provider/zapi"
)

const (
	token       = "T0KEN-of-zapi" // no error may show it
	clientToken = "CLIENT-token-1"
)

func newClient(t testing.TB, base string) *zapi.Client {
	t.Helper()
	transport := wire.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	c, err := zapi.Spec.Connect(spec.Config{
		BaseURL: base, InstanceID: "I1", Credentials: spec.Credentials{"token": token, "client_token": clientToken}, Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.(*zapi.Client)
}

// outcomes has a row for every status and body that is documented or was seen. change is the outcome of calls
// that change something, read that of all other calls. addressed precedes both for calls that name a group or a person,
// except creates; to a reading of a group it is a denial. A zero read or addressed makes no difference.
var outcomes = []struct {
	name      string
	answer    providertest.Answer
	change    providertest.Outcome
	read      providertest.Outcome
	addressed providertest.Outcome
}{
	{name: "405 wrong verb", answer: providertest.Answer{Status: 405}, change: providertest.Stop(provider.Unauthorized)},
	{name: "415 no JSON", answer: providertest.Answer{Status: 415}, change: providertest.Stop(provider.Unauthorized)},
	{
		name:   "400 client token wrong",
		answer: providertest.Answer{Status: 400, Body: `{"error":"Your Client-Token is not configured"}`},
		change: providertest.Stop(provider.Unauthorized),
	},
	{
		name:   "200 client token missing",
		answer: providertest.Answer{Status: 200, Body: `{"error":"null not allowed"}`},
		change: providertest.Stop(provider.Unauthorized),
	},
	{
		name:   "403 client token missing",
		answer: providertest.Answer{Status: 403, Body: `{"error":"null not allowed"}`},
		change: providertest.Stop(provider.Unauthorized),
	},
	{
		name:   "200 address not allowed",
		answer: providertest.Answer{Status: 200, Body: `{"error":"[203.0.113.7] not allowed"}`},
		change: providertest.Stop(provider.Unauthorized),
	},
	{
		name:   "400 IPv6 address not allowed",
		answer: providertest.Answer{Status: 400, Body: `{"error":"2001:db8::7 not allowed"}`},
		change: providertest.Stop(provider.Unauthorized),
	},
	{
		name:   "400 unpaid",
		answer: providertest.Answer{Status: 400, Body: `{"error":"To continue sending a message, you must subscribe to this instance again"}`},
		change: providertest.Stop(provider.Unauthorized),
	},
	{
		name:   "200 wrong path",
		answer: providertest.Answer{Status: 200, Body: `{"error":"NOT_FOUND","message":"Unable to find matching target resource method"}`},
		change: providertest.Stop(provider.Unauthorized),
	},
	{
		name:   "404 wrong path",
		answer: providertest.Answer{Status: 404, Body: `{"error":"NOT_FOUND","message":"Unable to find matching target resource method"}`},
		change: providertest.Stop(provider.Unauthorized),
	},
	{
		name:   "404 unknown instance",
		answer: providertest.Answer{Status: 404, Body: `{"error":"Instance not found"}`},
		change: providertest.Stop(provider.Unauthorized),
	},
	{
		name: "404 empty", answer: providertest.Answer{Status: 404},
		change: providertest.Stop(provider.Unauthorized), addressed: providertest.Refusal(),
	},
	{name: "401", answer: providertest.Answer{Status: 401}, change: providertest.Stop(provider.Unauthorized)},
	{name: "402", answer: providertest.Answer{Status: 402}, change: providertest.Stop(provider.Unauthorized)},
	{name: "403", answer: providertest.Answer{Status: 403, Body: "PATH"}, change: providertest.Stop(provider.Unauthorized)},
	{name: "307 elsewhere", answer: providertest.Answer{Status: 307, Header: map[string]string{"Location": "/x"}}, change: providertest.Stop(provider.Unauthorized)},
	{
		name:   "400 not connected",
		answer: providertest.Answer{Status: 400, Body: `{"error":"You are not connected."}`},
		change: providertest.Stop(provider.Disconnected),
	},
	{
		name:   "400 starting, in GREEN-API's words",
		answer: providertest.Answer{Status: 400, Body: `{"error":"instance in starting process try later"}`},
		change: providertest.Outcome{Class: provider.NotSent, Scope: provider.ScopeInstance, Health: provider.Starting},
	},
	{
		name:   "200 session lost",
		answer: providertest.Answer{Status: 200, Body: `{"error":"You need to restore the session."}`},
		change: providertest.Stop(provider.Disconnected),
	},
	{
		name:   "200 shadow ban",
		answer: providertest.Answer{Status: 200, Body: `{"error":"Whatsapp did not allow sending this message","errorCode":"SHADOW_BAN"}`},
		change: rested(provider.Limited),
	},
	{
		name:   "500 rate overlimit",
		answer: providertest.Answer{Status: 500, Body: `{"error":"rate overlimit"}`},
		change: rested(provider.Unknown), read: rested(provider.Limited),
	},
	{
		name:   "400 rate overlimit",
		answer: providertest.Answer{Status: 400, Body: `{"error":"rate-overlimit"}`},
		change: rested(provider.Unknown), read: rested(provider.Limited),
	},
	{
		name:   "200 rate overlimit",
		answer: providertest.Answer{Status: 200, Body: `{"error":"rate overlimit"}`},
		change: rested(provider.Unknown), read: rested(provider.Limited),
	},
	{name: "400 a bad number", answer: providertest.Answer{Status: 400, Body: `{"error":"Invalid phone"}`}, change: providertest.Refusal()},
	{name: "400 empty", answer: providertest.Answer{Status: 400}, change: providertest.Denial()},
	{name: "400 torn", answer: providertest.Answer{Status: 400, Header: map[string]string{"Content-Length": "100"}, Body: `{"err`}, change: providertest.Denial()},
	{name: "422", answer: providertest.Answer{Status: 422, Body: `{"error":"groupName PATH"}`}, change: providertest.Denial()},
	{name: "200 an undocumented error", answer: providertest.Answer{Status: 200, Body: `{"error":"groupName is too long"}`}, change: providertest.Denial()},
	{name: "200 error as a flag", answer: providertest.Answer{Status: 200, Body: `{"error":true,"message":"no"}`}, change: providertest.Denial()},
	{name: "406", answer: providertest.Answer{Status: 406, Body: `{"error":"PATH"}`}, change: providertest.Denial()},
	{name: "410", answer: providertest.Answer{Status: 410}, change: providertest.Denial()},
	{name: "411", answer: providertest.Answer{Status: 411}, change: providertest.Refusal()},
	{name: "413", answer: providertest.Answer{Status: 413}, change: providertest.Refusal()},
	{name: "414", answer: providertest.Answer{Status: 414}, change: providertest.Refusal()},
	{name: "431", answer: providertest.Answer{Status: 431}, change: providertest.Refusal()},
	{name: "400 unknown words", answer: providertest.Answer{Status: 400, Body: `{"error":"Erro ao processar PATH"}`}, change: providertest.Denial()},
	{name: "200 unknown words", answer: providertest.Answer{Status: 200, Body: `{"error":"Erro ao processar","value":false}`}, change: providertest.Denial()},
	{name: "200 an error that is an object", answer: providertest.Answer{Status: 200, Body: `{"error":{"code":7}}`}, change: providertest.Denial()},
	{name: "400 participants not found", answer: providertest.Answer{Status: 400, Body: `{"error":"participants not found"}`}, change: providertest.Refusal()},
	{name: "500 participants not found", answer: providertest.Answer{Status: 500, Body: `{"error":"participants not found"}`}, change: providertest.Denial()},
	{name: "200 participants not found", answer: providertest.Answer{Status: 200, Body: `{"error":"participants not found"}`}, change: providertest.Denial()},
	{
		name:   "500 not connected",
		answer: providertest.Answer{Status: 500, Body: `{"error":"You are not connected."}`},
		change: doubted(provider.Disconnected), read: providertest.Stop(provider.Disconnected),
	},
	{
		name:   "500 client token missing",
		answer: providertest.Answer{Status: 500, Body: `{"error":"null not allowed"}`},
		change: doubted(provider.Unauthorized), read: providertest.Stop(provider.Unauthorized),
	},
	{
		name:   "400 the connection was lost",
		answer: providertest.Answer{Status: 400, Body: `{"error":"socket disconnected"}`},
		change: doubted(provider.Disconnected), read: providertest.Stop(provider.Disconnected),
	},
	{name: "200 an internal error", answer: providertest.Answer{Status: 200, Body: `{"error":"Internal error, try again"}`}, change: providertest.Doubt()},
	{name: "200 a timeout inside", answer: providertest.Answer{Status: 200, Body: `{"error":"Timeout on send message"}`}, change: providertest.Doubt()},
	{
		name: "429 with seconds", answer: providertest.Answer{Status: 429, Header: map[string]string{"Retry-After": "7"}},
		change: providertest.Outcome{Class: provider.Limited, Scope: provider.ScopeInstance, RetryAfter: 7 * time.Second},
	},
	{name: "429", answer: providertest.Answer{Status: 429, Body: `{"error":"too many requests"}`}, change: providertest.Stop("")},
	{name: "408", answer: providertest.Answer{Status: 408}, change: providertest.Doubt()},
	{name: "409", answer: providertest.Answer{Status: 409}, change: providertest.Doubt()},
	{name: "499", answer: providertest.Answer{Status: 499}, change: providertest.Doubt()},
	{name: "500", answer: providertest.Answer{Status: 500, Body: `{"error":"Internal Server Error PATH"}`}, change: providertest.Doubt()},
	{name: "502 a page", answer: providertest.Answer{Status: 502, Body: "<html><h1>502 Bad Gateway</h1>PATH</html>"}, change: providertest.Doubt()},
	{
		name: "503 with seconds", answer: providertest.Answer{Status: 503, Header: map[string]string{"Retry-After": "3"}, Body: "PATH"},
		change: providertest.Outcome{Class: provider.Unknown, RetryAfter: 3 * time.Second},
	},
	{name: "504", answer: providertest.Answer{Status: 504}, change: providertest.Doubt()},
	{name: "200 empty", answer: providertest.Answer{Status: 200}, change: providertest.Doubt()},
	{name: "200 a page", answer: providertest.Answer{Status: 200, Body: "<html>PATH</html>"}, change: providertest.Doubt()},
	{name: "200 torn", answer: providertest.Answer{Status: 200, Header: map[string]string{"Content-Length": "100"}, Body: `{"phone":"12`}, change: providertest.Doubt()},
	{name: "200 half a document", answer: providertest.Answer{Status: 200, Body: `{"phone":"12`}, change: providertest.Doubt()},
	{name: "200 a number", answer: providertest.Answer{Status: 200, Body: `42`}, change: providertest.Doubt()},
	{name: "204", answer: providertest.Answer{Status: 204}, change: providertest.Doubt()},
}

// doubted is the outcome of a change that may have taken effect before the instance failed.
func doubted(h provider.Health) providertest.Outcome {
	return providertest.Outcome{Class: provider.Unknown, Scope: provider.ScopeInstance, Health: h}
}

// rested is the outcome of class c of a number that must rest.
func rested(c provider.Class) providertest.Outcome {
	return providertest.Outcome{Class: c, Scope: provider.ScopeInstance, Health: provider.Restricted, Rest: true}
}

// reading is the outcome of a change that reads the group first, if the read gets the answer: the change is not sent.
func reading(change, read, addressed providertest.Outcome) providertest.Outcome {
	want := change
	switch {
	case addressed.Class != "":
		want = providertest.Denial()
	case read.Class != "":
		want = read
	}
	if want.Class == provider.Unknown {
		want.Class, want.Denied = provider.NotSent, false
	}
	return want
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
				if op.Name == "settings" { // the group is read first
					want = reading(tt.change, tt.read, tt.addressed)
				}
				err := op.Do(t.Context(), c)
				want.Check(t, op, err)
				providertest.AssertNoLeak(t, err, token, clientToken, providertest.SomePhone, providertest.SomeName, providertest.SomeText)
			}
		})
	}
}

func TestClient_AnswersOfOneOperation(t *testing.T) {
	t.Parallel()
	const id = "120363000000000001-group"
	answers := []providertest.OfOne{
		{Name: "create: every field", Op: "create", Body: `{"phone":"` + id + `","invitationLink":"x","phonesNotAdded":[]}`},
		{Name: "create: the fields of the old documentation", Op: "create", Body: `{"phone":"` + id + `","invitationLink":"x"}`},
		{Name: "create: an id proves a group, also beside an error", Op: "create", Body: `{"phone":"` + id + `","error":"some were not added"}`},
		{Name: "create: a strange list does not hide the group", Op: "create", Body: `{"phone":"` + id + `","phonesNotAdded":{"a":1}}`},
		{Name: "create: a byte order mark", Op: "create", Body: "\xef\xbb\xbf" + `{"phone":"` + id + `"}`},
		{Name: "create: 201", Op: "create", Status: 201, Body: `{"phone":"` + id + `"}`},
		{Name: "create: no id", Op: "create", Body: `{"invitationLink":"x"}`, Want: providertest.Doubt()},
		{Name: "create: an empty id", Op: "create", Body: `{"phone":"","error":""}`, Want: providertest.Doubt()},
		{Name: "create: a person is not a group", Op: "create", Body: `{"phone":"5511987654321","invitationLink":null}`, Want: providertest.Doubt()},
		{Name: "create: an error about a person", Op: "create", Body: `{"phone":"5511987654321","error":"not allowed here"}`, Want: providertest.Denial()},
		{Name: "create: null", Op: "create", Body: `null`, Want: providertest.Doubt()},
		{Name: "create: a list", Op: "create", Body: `[]`, Want: providertest.Doubt()},
		{Name: "create: a 500 with an id proves nothing", Op: "create", Status: 500, Body: `{"phone":"` + id + `"}`, Want: providertest.Doubt()},
		{Name: "invite: three ids", Op: "invite", Body: `{"zaapId":"1","messageId":"2","id":"2"}`},
		{Name: "invite: the queue's id only", Op: "invite", Body: `{"zaapId":"1"}`},
		{Name: "invite: no id", Op: "invite", Body: `{}`, Want: providertest.Doubt()},
		{
			Name: "invite: no account", Op: "invite", Body: `{"error":"Phone number does not exist"}`,
			Want: providertest.Outcome{Class: provider.Refused, NoAccount: true},
		},
		{
			Name: "invite: the queue of a disconnected number is full", Op: "invite", Status: 400,
			Body: `{"error":"disconnected: queue is full"}`, Want: doubted(provider.Disconnected),
		},
		{Name: "native: yes", Op: "native invite", Body: `{"value":true}`},
		{Name: "native: yes as a string", Op: "native invite", Body: `{"value":"true"}`},
		{Name: "native: no", Op: "native invite", Body: `{"value":false}`, Want: providertest.Refusal()},
		{Name: "native: neither", Op: "native invite", Body: `{"value":null}`, Want: providertest.Doubt()},
		{Name: "add: yes", Op: "add", Body: `{"value":true}`},
		{Name: "add: no", Op: "add", Body: `{"value":false}`, Want: providertest.Refusal()},
		{Name: "add: neither", Op: "add", Body: `{}`, Want: providertest.Doubt()},
		{Name: "add: unknown words", Op: "add", Status: 400, Body: `{"error":"bad luck"}`, Want: providertest.Denial()},
		{Name: "members: an unknown group", Op: "members", Status: 400, Body: `{"error":"Group not found"}`, Want: providertest.Denial()},
		{Name: "members: not ours", Op: "members", Status: 400, Body: `{"error":"forbidden"}`, Want: providertest.Refusal()},
		{Name: "members: not found, by a gateway perhaps", Op: "members", Status: 404, Want: providertest.Denial()},
		{Name: "create: forbidden, which may mean only the link", Op: "create", Status: 400, Body: `{"error":"forbidden"}`, Want: providertest.Denial()},
		{
			Name: "link: too many requests", Op: "invite link", Body: `{"error":"too many requests"}`,
			Want: providertest.Outcome{Class: provider.Limited},
		},
		{Name: "members: nothing", Op: "members", Body: `{}`, Want: providertest.Doubt()},
		{Name: "list groups: an object is not an empty list", Op: "list groups", Body: `{}`, Want: providertest.Doubt()},
		{Name: "list groups: null is not an empty list", Op: "list groups", Body: `null`, Want: providertest.Doubt()},
		{Name: "list groups: none", Op: "list groups", Body: `[]`},
		{Name: "link: not an admin", Op: "invite link", Body: `{"phone":"` + id + `","invitationLink":null}`},
		{Name: "link: not an admin, as an error", Op: "invite link", Status: 400, Body: `{"error":"not-authorized"}`},
		{Name: "link: not an admin, as forbidden", Op: "invite link", Status: 403, Body: `{"error":"forbidden"}`},
		{Name: "find invite: no queue", Op: "find invite", Body: `{"hasMore":false}`, Want: providertest.Doubt()},
		{Name: "find invite: an empty queue", Op: "find invite", Body: `{"messages":[],"pagingState":null,"hasMore":false}`},
		{Name: "check: an object", Op: "check", Body: `{"exists":"true","inputPhone":"5511987654321"}`},
		{Name: "self: not connected", Op: "self", Body: `{"phone":null}`, Want: providertest.Stop(provider.Disconnected)},
	}
	providertest.AssertAnswers(t, newClient, answers)
}
