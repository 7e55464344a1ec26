package provider_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
)

func TestToken_PrintsAsDots(t *testing.T) {
	t.Parallel()
	const token provider.Token = "s3cret"
	type config struct {
		Token provider.Token
		List  []provider.Token
	}
	cfg := config{token, []provider.Token{token}}
	for _, verb := range []string{"%s", "%v", "%+v", "%#v", "%q", "%x", "%X", "%d"} {
		for _, v := range []any{token, &cfg, cfg, map[string]provider.Token{"a": token}} {
			s := fmt.Sprintf(verb, v)
			if strings.Contains(s, "s3cret") || strings.Contains(strings.ToLower(s), "733363726574") {
				t.Errorf("%s of %T prints the secret: %s", verb, v, s)
			}
		}
	}
	b, err := json.Marshal(cfg)
	if err != nil || strings.Contains(string(b), "s3cret") {
		t.Errorf("got JSON %s, %v; want no secret", b, err)
	}
	if token.Reveal() != "s3cret" || provider.Token("").String() != "" {
		t.Errorf("Reveal returns %q, an unset token prints %q; want the secret, and nothing", token.Reveal(), provider.Token("").String())
	}
	var back config
	if err := json.Unmarshal([]byte(`{"Token":"s3cret"}`), &back); err != nil || back.Token != token {
		t.Errorf("read back %q, %v; want the secret", back.Token.Reveal(), err)
	}
}
