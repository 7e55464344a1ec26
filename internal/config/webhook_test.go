package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWebhookSecrets_MayBeTheOldAndTheNew(t *testing.T) {
	t.Parallel()
	const old, fresh = "whsec_b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQt", "whsec_bmV3LW5ldy1uZXctbmV3LW5ldy1uZXct"
	for text, want := range map[string][]string{
		old:                        {old},
		old + " " + fresh:          {old, fresh},
		old + "\n" + fresh + "\n":  {old, fresh},
		"any other text, 24 chars": {"any other text, 24 chars"},
	} {
		c := mustLoad(t, "webhooks: [{url: https://crm.example.com/hook, secret: \""+strings.ReplaceAll(text, "\n", `\n`)+"\"}]")
		if d := cmp.Diff(want, c.Webhooks[0].Secrets()); d != "" {
			t.Errorf("%q (-want +got):\n%s", text, d)
		}
	}
	if _, err := decode("f", []byte("webhooks: [{url: https://crm.example.com/hook, secret: \""+old+" whsec_planted\"}]"), env(nil), nil); err == nil || strings.Contains(err.Error(), "planted") {
		t.Errorf("an invalid second secret: got %v, want a fault that does not show it", err)
	}
}
