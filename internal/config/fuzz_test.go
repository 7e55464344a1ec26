package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzLoad looks for files that crash the reader, that it accepts with an inconsistent result, or
// whose faults show a secret or lack a remedy.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "testdata/full.yaml") {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := decode("testdata/fuzz.yaml", text, testEnv, nil)
		if err != nil {
			if strings.Contains(err.Error(), "planted") && !strings.Contains(string(text), "planted") {
				t.Errorf("a secret is shown: %v", err)
			}
			for _, fault := range err.(Faults) { //nolint:errorlint,forcetypeassert // decode returns no other type
				if fault.What == "" || fault.Remedy == "" {
					t.Errorf("a fault without a remedy: %+v", fault)
				}
			}
			return
		}
		if len(c.Verify.Looks) == 0 || len(c.RollCall.Looks) == 0 || c.Retry.Multiplier < 1 || c.Retry.Max < c.Retry.Initial ||
			c.Retention <= 0 || c.Invite.Message == "" || !c.Redis.URL.Given() {
			t.Errorf("accepted, but inconsistent: %+v", c)
		}
		for _, in := range c.Instances {
			if !namePattern.MatchString(in.Name) || in.Name == "pool" || !in.HasCredentials() || in.BaseURL == "" || in.Timeouts.Create <= 0 ||
				in.Pacing.Create.Every < 0 || in.Pacing.Create.Jitter > 1 {
				t.Errorf("accepted, but inconsistent: %+v", in)
			}
		}
		for _, w := range c.Webhooks {
			if !w.Secret.Given() || len(w.Events) == 0 || !w.AllowPrivate && !strings.HasPrefix(strings.ToLower(w.URL.Reveal()), "https://") {
				t.Errorf("accepted, but inconsistent: %+v", w)
			}
		}
	})
}
