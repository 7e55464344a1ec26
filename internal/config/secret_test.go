package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"go.yaml.in/yaml/v3"
)

func TestSecret_IsShownNowhere(t *testing.T) {
	t.Parallel()
	type outer struct {
		Shown  Secret
		hidden Secret
		List   []Secret
		ByName map[string]Secret
		Point  *Secret
	}
	s := NewSecret("planted")
	o := outer{s, s, []Secret{s}, map[string]Secret{"k": s}, &s}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%T", "%w", "%10s", "%.3s", "% x"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", s, &s, o) // every verb, right or wrong
	}
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal} {
		text, err := marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	zl := zerolog.New(&out)
	zl.Info().Interface("s", s).Any("o", o).Stringer("t", s).Str("u", s.String()).Send()
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "s", s, "o", o)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "s", s, "o", o)
	fmt.Fprintln(&out, fmt.Errorf("call: %v", s))
	for _, leak := range []string{"planted", "706c616e746564", "706C616E746564"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("the secret is shown:\n%s", out.String())
		}
	}
	if !strings.Contains(out.String(), mask) || s.Reveal() != "planted" {
		t.Errorf("the output has no mask, or %q is revealed as %q, want planted", s, s.Reveal())
	}
}

func TestSecret_NotGivenIsEmpty(t *testing.T) {
	t.Parallel()
	var s Secret
	if s.Given() || s.String() != "" || s.Reveal() != "" || NewSecret("").Given() {
		t.Errorf("the zero Secret is %q, want it empty and not given", s)
	}
	if !NewSecret("a").Equal(NewSecret("a")) || NewSecret("a").Equal(s) {
		t.Error("Equal does not compare the texts")
	}
}
