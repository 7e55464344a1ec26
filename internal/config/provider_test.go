package config

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestReader_AnEarlierKeyCanRequireALaterOne(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"provider: hosted": "base_url is missing, password is missing",
		"{provider: hosted, base_url: x, password: y1z}": "",
		"provider: other": "",
	} {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		var name, base string
		var password Secret
		needs := func() bool { return name == "hosted" }
		r := &reader{file: "f", env: env(nil)}
		r.section(value{r: r, file: "f", node: doc.Content[0]}, []field{
			{name: "provider", read: str(&name, nil)},
			{name: "base_url", read: str(&base, nil), needs: needs},
			{name: "password", secret: &password, needs: needs},
		}, nil)
		var got []string
		for _, f := range r.faults {
			got = append(got, f.What)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: got the faults %q, want %q", text, got, want)
		}
	}
}

func TestInstance_CredentialsOfAnotherProviderAreRefused(t *testing.T) {
	t.Parallel()
	_, err := decode("f", []byte("instances: [{name: a, provider: greenapi, instance_id: 1, token: t0k, client_token_file: x}]"), env(nil), nil)
	if err == nil || !strings.Contains(err.Error(), "only Z-API has a client token") {
		t.Errorf("got %v, want that only Z-API has a client token", err)
	}
}

func TestInstance_ASelfHostedIDMayHoldSpacesAndSigns(t *testing.T) {
	t.Parallel()
	for text, fine := range map[string]bool{
		"{name: a, provider: evolution, instance_id: 'Escola São 1/a', token: t0k, base_url: 'http://localhost:8080'}": true,
		"{name: a, provider: gowa, instance_id: '5511900000000:7@s.whatsapp.net', base_url: 'http://localhost:3000'}":  true,
		"{name: a, provider: gowa, instance_id: ' school', base_url: 'http://localhost:3000'}":                         false,
		"{name: a, provider: greenapi, instance_id: 'Escola São 1', token: t0k}":                                       false,
	} {
		_, err := decode("f", []byte("instances: ["+text+"]"), env(nil), nil)
		if (err == nil) != fine || err != nil && !strings.Contains(err.Error(), "instance_id") {
			t.Errorf("%s: got %v, want valid %v", text, err, fine)
		}
	}
}
