// Package examples_test loads the examples, so that they stay true.
package examples_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/config"
)

// env has every secret, and none of rollcall's own variables.
func env(name string) (string, bool) {
	switch {
	case strings.HasSuffix(name, "_KEY_HASH"):
		sum := sha256.Sum256([]byte(name))
		return "sha256:" + hex.EncodeToString(sum[:]), true
	case strings.HasSuffix(name, "_PAIR"):
		return "a-user:a-secret-that-is-long-enough", true
	case name == "REDIS_ENCRYPTION_KEY":
		return "k1:" + base64.StdEncoding.EncodeToString([]byte("thirty-two bytes of this test...")), true
	}
	return "a-secret-that-is-long-enough", !strings.HasPrefix(name, "ROLLCALL_")
}

func load(t *testing.T, path string) *config.Config {
	t.Helper()
	c, err := config.Load(path, env)
	if err != nil {
		t.Fatalf("%s does not load:\n%v", path, err)
	}
	return c
}

func TestTheExampleLoadsWithoutAWarning(t *testing.T) {
	t.Parallel()
	c := load(t, "rollcall.yaml")
	if len(c.Warnings) > 0 {
		t.Errorf("warnings: %v", c.Warnings)
	}
	at := map[string]bool{}
	for _, i := range c.Instances {
		at[string(i.Provider)] = true
	}
	if len(c.Instances) != 4 || len(at) != 4 {
		t.Errorf("got %d instances at %v, want one at each of four providers", len(c.Instances), at)
	}
}

func TestTheExampleShowsTheDefaults(t *testing.T) {
	t.Parallel()
	got, want := load(t, "rollcall.yaml"), config.Default()
	got.Path, got.Instances = want.Path, want.Instances
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the example differs from what holds without it:\n%s", diff)
	}
}

// Prose has one space behind its #.
var switchedOff = regexp.MustCompile(`(?m)^( *)#([a-z]|  )`)

func TestWhatTheExampleHasSwitchedOffCanBeSwitchedOn(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("rollcall.yaml")
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/rollcall.yaml"
	if err := os.WriteFile(path, switchedOff.ReplaceAll(text, []byte("$1$2")), 0o600); err != nil {
		t.Fatal(err)
	}
	c := load(t, path)
	if len(c.Webhooks) == 0 || len(c.API.Keys) == 0 || c.Instances[0].HookSecret.Reveal() == "" {
		t.Error("something is still switched off")
	}
}

// A key in the table of docs/configuration.md, which is generated from what the program knows.
var documented = regexp.MustCompile("(?m)^\\| `(?:[a-z_.\\[\\]]+\\.)?([a-z_]+)` \\|")

func TestTheExampleHasEveryKey(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("rollcall.yaml")
	if err != nil {
		t.Fatal(err)
	}
	keys := documented.FindAllSubmatch(docs, -1)
	if len(keys) < 30 {
		t.Fatalf("found only %d keys in the documentation", len(keys))
	}
	for _, k := range keys {
		if key := string(k[1]); !strings.Contains(string(text), key+":") {
			t.Errorf("%s is missing", key)
		}
	}
}

func TestTheConfigurationForComposeLoads(t *testing.T) {
	t.Parallel()
	if c := load(t, "docker/rollcall.yaml"); len(c.Instances) != 4 {
		t.Errorf("got %d instances, want 4", len(c.Instances))
	}
}
