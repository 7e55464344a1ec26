package zapi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/zapi"
)

const (
	hookSecret = "0123456789abcdef"
	hookURL    = "https://rollcall.example.com/hooks/alpha/" + hookSecret
)

func TestHooks_ReadsTheAddressOfEachEventThatWeFollow(t *testing.T) {
	t.Parallel()
	urls := func(body string) map[string]string {
		rec, c := record(t, says(body))
		hooks, err := c.Hooks(t.Context())
		if err != nil || zapi.Spec.Callback.Restarts {
			t.Fatalf("%s: %v, restarts %v; want the hooks, and no restart", body, err, zapi.Spec.Callback.Restarts)
		}
		rec.Want(t, "GET me")
		all := map[string]string{}
		for _, h := range hooks {
			all[h.Event] = h.URL.Reveal()
		}
		return all
	}
	for body, want := range map[string]map[string]string{
		`{"id":"I1","connected":true}`: {"delivery": "", "message-status": "", "connected": "", "disconnected": "", "received": ""},
		`{"id":"I1","deliveryCallbackUrl":null,"messageStatusCallbackUrl":"https://s","connectedCallbackUrl":"https://c","disconnectedCallbackUrl":"","receivedCallbackUrl":"https://r","receivedAndDeliveryCallbackUrl":"https://rd","presenceChatCallbackUrl":"https://p"}`: {
			"delivery": "", "message-status": "https://s", "connected": "https://c", "disconnected": "", "received": "https://r",
		},
		`{"id":"I1","receivedCallbackUrl":"","receivedAndDeliveryCallbackUrl":"https://rd"}`: {"delivery": "", "message-status": "", "connected": "", "disconnected": "", "received-delivery": "https://rd"},
	} {
		if diff := cmp.Diff(want, urls(body)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
}

func TestHooks_AnAnswerWithoutAnInstanceIsAnError(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `[]`, `{"value":true}`, `null`} {
		_, c := record(t, says(body))
		if hooks, err := c.Hooks(t.Context()); err == nil {
			t.Errorf("%s: got %v, want an error", body, hooks)
		}
	}
}

func TestSetHook_PutsOneAddress(t *testing.T) {
	t.Parallel()
	rec, c := record(t, says(`{"value":true}`))
	for _, h := range []provider.Hook{{Event: "message-status", URL: hookURL}, {Event: "received-delivery"}} {
		if err := c.SetHook(t.Context(), h); err != nil {
			t.Error(err)
		}
	}
	rec.Want(t, `PUT update-webhook-message-status {"value":"`+hookURL+`"}`, `PUT update-webhook-received-delivery {"value":""}`)
}

func TestSetHook_ARefusalShowsNoAddress(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"value":false}`, `{"error":"bad url ` + hookURL + `"}`, `{"error":"no such path: ` + hookSecret + `"}`, `{}`} {
		_, c := record(t, says(body))
		err := c.SetHook(t.Context(), provider.Hook{Event: "received", URL: hookURL})
		if err == nil || strings.Contains(err.Error(), hookSecret) || provider.AsError(err).Scope != provider.ScopeInstance {
			t.Errorf("%s: got %v, want an error of the instance without the secret", body, err)
		}
	}
}
