package evolution_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/evolution"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

const (
	hookSecret = "0123456789abcdef"
	hookURL    = "https://rollcall.example.com/hooks/gamma/" + hookSecret
)

func TestHooks_ReadsTheOnlyAddressAndWhatIsOff(t *testing.T) {
	t.Parallel()
	all := []string{"CONNECTION_UPDATE", "GROUP_PARTICIPANTS_UPDATE", "MESSAGES_UPDATE"}
	for body, want := range map[string]struct {
		url string
		off []string
	}{
		`null`: {off: all},
		`{"url":"https://bot.example/x","enabled":true,"events":["MESSAGES_UPSERT","MESSAGES_UPDATE"]}`:                                                      {url: "https://bot.example/x", off: all[:2]},
		`{"url":"https://bot.example/x","enabled":false,"events":[]}`:                                                                                        {off: all},
		`{"url":"https://bot.example/x","enabled":true,"webhookByEvents":true,"events":["CONNECTION_UPDATE","GROUP_PARTICIPANTS_UPDATE","MESSAGES_UPDATE"]}`: {url: "https://bot.example/x", off: []string{"byEvents: false"}},
		`{"webhook":{"url":"https://bot.example/x","enabled":true,"events":["CONNECTION_UPDATE","GROUP_PARTICIPANTS_UPDATE","MESSAGES_UPDATE"]}}`:            {url: "https://bot.example/x"},
	} {
		rec, c := record(t, map[string][]string{"webhook/find": {body}})
		hooks, err := c.Hooks(t.Context())
		if err != nil || len(hooks) != 1 {
			t.Fatalf("%s: got %d hooks, %v; want one", body, len(hooks), err)
		}
		rec.Want(t, "GET /webhook/find/school")
		if h := hooks[0]; h.URL.Reveal() != want.url || !slices.Equal(h.Off, want.off) {
			t.Errorf("%s: got %q, off %q; want %+v", body, h.URL.Reveal(), h.Off, want)
		}
	}
	for _, body := range []string{`{}`, `[]`, `{"webhook":1}`} {
		_, c := record(t, map[string][]string{"webhook/find": {body}})
		if hooks, err := c.Hooks(t.Context()); err == nil {
			t.Errorf("%s: got %v, want an error", body, hooks)
		}
	}
}

func TestSetHook_KeepsTheEventsThatAreThere(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{
		"webhook/find": {`{"url":"https://bot.example/x","enabled":true,"webhookBase64":true,"events":["MESSAGES_UPSERT"]}`},
		"webhook/set":  {`{"id":"x"}`},
	})
	for _, h := range []provider.Hook{{URL: hookURL}, {}} {
		if err := c.SetHook(t.Context(), h); err != nil {
			t.Error(err)
		}
	}
	const events = `"events":["MESSAGES_UPSERT","CONNECTION_UPDATE","GROUP_PARTICIPANTS_UPDATE","MESSAGES_UPDATE"]}}`
	rec.Want(t,
		"GET /webhook/find/school", `POST /webhook/set/school {"webhook":{"enabled":true,"url":"`+hookURL+`","byEvents":false,"base64":true,`+events,
		"GET /webhook/find/school", `POST /webhook/set/school {"webhook":{"enabled":false,"url":"","byEvents":false,"base64":true,`+events)
}

func TestSetHook_ARefusalShowsNoAddress(t *testing.T) {
	t.Parallel()
	for _, body := range []string{``, `null`, `"bad url ` + hookURL + `"`} {
		_, c := record(t, map[string][]string{"webhook/find": {`null`}, "webhook/set": {body}})
		err := c.SetHook(t.Context(), provider.Hook{URL: hookURL})
		if err == nil || strings.Contains(err.Error(), hookSecret) || provider.AsError(err).Scope != provider.ScopeInstance {
			t.Errorf("%s: got %v, want an error of the instance without the secret", body, err)
		}
	}
}

func TestCallback_ReadsWhatConcernsGroupsMessagesAndTheState(t *testing.T) {
	t.Parallel()
	const g = "120363000000000001@g.us"
	people := spec.Hint{Kind: spec.People, GroupID: g}
	departed := func(who phone.Identity, removed bool) spec.Hint {
		return spec.Hint{Kind: spec.Departed, GroupID: g, Who: who, Removed: removed}
	}
	for body, want := range map[string][]spec.Hint{
		`{"event":"group-participants.update","data":{"id":"` + g + `","action":"add","participants":["1@lid"]}}`:     {people},
		`{"event":"group-participants.update","data":{"id":"` + g + `","action":"promote","participants":["1@lid"]}}`: nil,
		`{"event":"group-participants.update","data":{"id":"` + g + `","author":"5511900000001@s.whatsapp.net","action":"remove",
			"participants":["1@lid","2@lid"],"participantsData":[{"jid":"1@lid","phoneNumber":"5511900000001@s.whatsapp.net"},{"jid":"2@lid","phoneNumber":"2"}]}}`: {
			people, departed(phone.Identity{Digits: "5511900000001", LID: "1@lid"}, false), departed(phone.Identity{LID: "2@lid"}, false), // perhaps the author
		},
		`{"event":"group-participants.update","data":{"id":"` + g + `","author":"5511900000001@s.whatsapp.net","action":"remove","participants":["5511900000002@s.whatsapp.net"]}}`: {
			people, departed(phone.Identity{Digits: "5511900000002"}, true),
		},
		`{"event":"group-participants.update","data":{"id":"` + g + `","author":"1@lid","action":"remove","participants":["2@lid","5511900000001@s.whatsapp.net"]}}`: {
			people, departed(phone.Identity{LID: "2@lid"}, true), departed(phone.Identity{Digits: "5511900000001"}, false),
		},
		`{"event":"group-participants.update","data":{"id":"` + g + `","action":"remove","participants":[{"id":"1@lid","phoneNumber":"5511900000001@s.whatsapp.net"}]}}`: {
			people, departed(phone.Identity{Digits: "5511900000001", LID: "1@lid"}, false),
		},
		`{"event":"group-participants.update","data":{"id":"5511900000001@s.whatsapp.net","action":"add"}}`: nil,
		`{"event":"group-participants.update","data":"x"}`:                                                  nil,
		`{"event":"connection.update","data":{"state":"close"}}`:                                            {{Kind: spec.State}},
		`{"event":"CONNECTION_UPDATE"}`:                                                                     {{Kind: spec.State}},
		`{"event":"messages.update","data":{"keyId":"A","fromMe":true,"status":"DELIVERY_ACK"}}`:            {{Kind: spec.Sent, Messages: []string{"A"}}},
		`{"event":"messages.update","data":[{"keyId":"A","status":"READ"}]}`:                                {{Kind: spec.Sent, Messages: []string{"A"}}},
		`{"event":"messages.update","data":{"keyId":"A","fromMe":false,"status":"READ"}}`:                   nil,
		`{"event":"messages.update","data":{"keyId":"A","fromMe":true,"status":"PENDING"}}`:                 nil,
		`{"event":"messages.update","data":{"keyId":"A","fromMe":true,"status":"ERROR"}}`: {
			{Kind: spec.NotArrived, Messages: []string{"A"}, Fate: spec.FateUnknown, Text: "WhatsApp reports an error for this message"},
		},
		`{"event":"messages.upsert","data":{"key":{"id":"A"}}}`: nil,
	} {
		n, err := evolution.Spec.Callback.Decode([]byte(`{"instance":"school",` + strings.TrimPrefix(body, "{")))
		if err != nil || n.InstanceID != "school" || n.Event == "" || !cmp.Equal(want, n.Hints) {
			t.Errorf("%s: got %+v, %v; hints (-want +got):\n%s", body, n, err, cmp.Diff(want, n.Hints))
		}
	}
	if _, err := evolution.Spec.Callback.Decode([]byte(`[]`)); err == nil {
		t.Error("a list was decoded as a webhook, want an error")
	}
}
