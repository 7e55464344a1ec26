package spec_test

import (
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

// hosted returns a provider without a default address, with one secret that an instance needs and one that it may
// leave out. Its New stores its configuration in got.
func hosted(got *spec.Config) *spec.Provider {
	p := &spec.Provider{
		Title:       "Hosted",
		Credentials: []spec.Credential{{Key: "password", Required: true}, {Key: "extra"}},
		New: func(c spec.Config) (provider.Provider, error) {
			*got = c
			return nil, nil //nolint:nilnil // the tests look only at got
		},
	}
	p.Traits.Name = "hosted"
	return p
}

func TestConnect_NamesAllThatIsMissing(t *testing.T) {
	t.Parallel()
	var got spec.Config
	_, err := hosted(&got).Connect(spec.Config{Credentials: spec.Credentials{"token": "t0ken"}})
	for _, want := range []string{"hosted: ", "base_url is missing", "instance_id is missing", "password is missing", "it has no token"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), "t0ken") || got.Credentials != nil {
		t.Errorf("got error %v and configuration %+v; want an error without the token, and no call of New", err, got)
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
		t.Errorf("got base URL %q, want the default https://hosted.example", got.BaseURL)
	}
}
