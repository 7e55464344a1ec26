package zapi_test

import (
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
)

const (
	hookSecret = "0123456789abcdef"
	hookURL    = "https://rollcall.example.com/hooks/alpha/" + hookSecret
)

func TestTheWebhooksThatConcernUsAreSetAndNoOthers(t *testing.T) {
	t.Parallel()
	rec, c := record(t, says(`{"value":true}`))
	if err := c.SetHooks(t.Context(), hookURL, hookSecret); err != nil || c.Restarts() {
		t.Error(err)
	}
	var want []string
	for _, kind := range []string{"delivery", "message-status", "connected", "disconnected", "received"} {
		want = append(want, "PUT update-webhook-"+kind+` {"value":"`+hookURL+`"}`)
	}
	rec.Want(t, want...)
}

func TestARefusedWebhookTellsNoAddress(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"value":false}`, `{"error":"bad url ` + hookURL + `"}`, `{}`} {
		_, c := record(t, says(body))
		err := c.SetHooks(t.Context(), hookURL, hookSecret)
		if err == nil || strings.Contains(err.Error(), hookSecret) || provider.AsError(err).Scope != provider.ScopeInstance {
			t.Errorf("%s: %v", body, err)
		}
	}
}
