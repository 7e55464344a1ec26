package greenapi_test

import (
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
)

const (
	hookSecret = "0123456789abcdef"
	hookURL    = "https://rollcall.example.com/hooks/beta/" + hookSecret
)

func TestTheWebhooksAreSetWithTheirTokenInOneCall(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{"setSettings": {`{"saveSettings":true}`}})
	if err := c.SetHooks(t.Context(), hookURL, hookSecret); err != nil || !c.Restarts() {
		t.Error(err)
	}
	rec.Want(t, "POST setSettings/"+token+` {"webhookUrl":"`+hookURL+`","webhookUrlToken":"`+hookSecret+`","outgoingWebhook":"yes","stateWebhook":"yes"}`)
}

func TestRefusedSettingsTellNoAddress(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"saveSettings":false}`, `{"message":"bad url ` + hookURL + `"}`, `{}`} {
		_, c := record(t, map[string][]string{"setSettings": {body}})
		err := c.SetHooks(t.Context(), hookURL, hookSecret)
		if err == nil || strings.Contains(err.Error(), hookSecret) || provider.AsError(err).Scope != provider.ScopeInstance {
			t.Errorf("%s: %v", body, err)
		}
	}
}
