package spec_test

import (
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

// hosted is a provider whose address each instance must name, with a secret that need not be given.
func hosted(got *spec.Config) *spec.Provider {
	p := &spec.Provider{
		Title:       "Hosted",
		Credentials: []spec.Credential{{Key: "password", Required: true}, {Key: "extra"}},
		New: func(c spec.Config) (provider.Provider, error) {
			*got = c
			return nil, nil //nolint:nilnil // what it makes is not looked at
		},
	}
	p.Traits.Name = "hosted"
	return p
}

func TestConnect_TellsAllThatIsMissing(t *testing.T) {
	t.Parallel()
	var got spec.Config
	_, err := hosted(&got).Connect(spec.Config{Credentials: spec.Credentials{"token": "t0ken"}})
	for _, want := range []string{"hosted: ", "base_url is missing", "instance_id is missing", "password is missing", "it has no token"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), "t0ken") || got.Credentials != nil {
		t.Errorf("%v, made of %+v", err, got)
	}
}

func TestConnect_FillsInTheAddress(t *testing.T) {
	t.Parallel()
	var got spec.Config
	p := hosted(&got)
	p.Address.Default = "https://hosted.example"
	if _, err := p.Connect(spec.Config{InstanceID: "I1", Credentials: spec.Credentials{"password": "p", "extra": ""}}); err != nil {
		t.Fatal(err)
	}
	if got.BaseURL != "https://hosted.example" {
		t.Errorf("made with %q", got.BaseURL)
	}
}
