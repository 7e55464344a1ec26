package greenapi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/greenapi"
)

const (
	hookSecret = "0123456789abcdef"
	hookURL    = "https://rollcall.example.com/hooks/beta/" + hookSecret
)

func TestHooks_ReadsTheOnlyAddressAndWhatIsOff(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct {
		url, token string
		off        []string
	}{
		`{"wid":"1@c.us","webhookUrl":"","webhookUrlToken":"","outgoingWebhook":"no","stateWebhook":"no"}`:                 {off: []string{"outgoingWebhook", "stateWebhook"}},
		`{"webhookUrl":"https://bot.example/x","webhookUrlToken":"theirs","outgoingWebhook":"yes","incomingWebhook":"no"}`: {url: "https://bot.example/x", token: "theirs", off: []string{"stateWebhook"}},
		`{"webhookUrl":null,"outgoingWebhook":"yes","stateWebhook":"yes"}`:                                                 {},
	} {
		rec, c := record(t, map[string][]string{"getSettings": {body}})
		hooks, err := c.Hooks(t.Context())
		if err != nil || len(hooks) != 1 || !greenapi.Spec.Callback.Restarts {
			t.Fatalf("%s: got %d hooks, %v, restarts %v; want one hook, and a restart", body, len(hooks), err, greenapi.Spec.Callback.Restarts)
		}
		rec.Want(t, "GET getSettings/"+token)
		if h := hooks[0]; h.URL.Reveal() != want.url || h.Token.Reveal() != want.token || !slices.Equal(h.Off, want.off) {
			t.Errorf("%s: got %q, %q, off %q; want %+v", body, h.URL.Reveal(), h.Token.Reveal(), h.Off, want)
		}
	}
}

func TestHooks_SettingsWithoutAnAddressAreUnreadable(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"wid":"1@c.us"}`, `null`, `[]`} {
		_, c := record(t, map[string][]string{"getSettings": {body}})
		if hooks, err := c.Hooks(t.Context()); err == nil {
			t.Errorf("%s: got %v, want an error", body, hooks)
		}
	}
}

func TestSetHook_SendsTheAddressWithItsTokenAndSwitchesOnWhatIsOff(t *testing.T) {
	t.Parallel()
	rec, c := record(t, map[string][]string{"setSettings": {`{"saveSettings":true}`}})
	for _, h := range []provider.Hook{
		{URL: hookURL, Token: hookSecret, Off: []string{"outgoingWebhook", "stateWebhook"}}, {},
	} {
		if err := c.SetHook(t.Context(), h); err != nil {
			t.Error(err)
		}
	}
	rec.Want(t,
		"POST setSettings/"+token+` {"outgoingWebhook":"yes","stateWebhook":"yes","webhookUrl":"`+hookURL+`","webhookUrlToken":"`+hookSecret+`"}`,
		"POST setSettings/"+token+` {"webhookUrl":"","webhookUrlToken":""}`)
}

func TestSetHook_ARefusalShowsNoAddress(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"saveSettings":false}`, `{"message":"bad url ` + hookURL + `"}`, `{}`} {
		_, c := record(t, map[string][]string{"setSettings": {body}})
		err := c.SetHook(t.Context(), provider.Hook{URL: hookURL, Token: hookSecret})
		if err == nil || strings.Contains(err.Error(), hookSecret) || provider.AsError(err).Scope != provider.ScopeInstance {
			t.Errorf("%s: got %v, want an error of the instance without the secret", body, err)
		}
	}
}
