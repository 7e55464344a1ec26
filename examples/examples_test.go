// Package examples_test loads the examples, so that they stay valid.
package examples_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/rollcallhq/rollcall/internal/config"
)

// env returns a value for every secret, and none for rollcall's own variables.
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

func TestExample_LoadsWithoutAWarning(t *testing.T) {
	t.Parallel()
	c := load(t, "rollcall.yaml")
	if len(c.Warnings) > 0 {
		t.Errorf("got the warnings %v, want none", c.Warnings)
	}
	at := map[string]bool{}
	for _, i := range c.Instances {
		at[string(i.Provider)] = true
	}
	if len(c.Instances) != 4 || len(at) != 4 {
		t.Errorf("got %d instances at %v, want one at each of four providers", len(c.Instances), at)
	}
}

func TestExample_ItsInstancesCanBeSimulatedTogether(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, i := range load(t, "rollcall.yaml").Instances {
		if other := seen[i.InstanceID]; other != "" {
			t.Errorf("%s and %s have the instance_id %q: rollcall-worker simulate refuses it", other, i.Name, i.InstanceID)
		}
		seen[i.InstanceID] = i.Name
	}
}

func TestExample_ShowsTheDefaults(t *testing.T) {
	t.Parallel()
	got, want := load(t, "rollcall.yaml"), config.Default()
	got.Path, got.Instances = want.Path, want.Instances
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the example differs from the defaults (-want +got):\n%s", diff)
	}
}

// switchedOff matches the start of a commented key. Prose has one space behind its #.
var switchedOff = regexp.MustCompile(`(?m)^( *)#([a-z]|  )`)

func TestExample_ItsCommentedKeysAreValid(t *testing.T) {
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
		t.Error("the webhooks, the API keys or the hook secret are still commented out")
	}
}

// documented matches a key in the table of docs/configuration.md, which is generated from the program.
var documented = regexp.MustCompile("(?m)^\\| `(?:[a-z_.\\[\\]]+\\.)?([a-z_]+)` \\|")

func TestExample_HasEveryKey(t *testing.T) {
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
			t.Errorf("examples/rollcall.yaml lacks the key %s", key)
		}
	}
}

// composed is what the test reads of docker-compose.yml.
type composed struct {
	Services map[string]struct {
		Command []string
		Image   string
		Ports   []string
	}
	Configs map[string]struct{ File string }
}

// required matches a variable that docker compose cannot do without.
var required = regexp.MustCompile(`\$\{[A-Z_]+(?::?\?[^}]*)?\}`)

func TestCompose_NeedsNoEdit(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string // a comment may show a variable
	for line := range strings.SplitSeq(string(text), "\n") {
		line, _, _ = strings.Cut(line, "# ")
		lines = append(lines, line)
	}
	if demanded := required.FindAllString(strings.Join(lines, "\n"), -1); len(demanded) > 0 {
		t.Errorf("docker-compose.yml demands %v, want no variable", demanded)
	}
	var c composed
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	for name, service := range c.Services {
		for _, port := range service.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s is published to the network at %s", name, port)
			}
		}
	}
	// The first start keeps the key's hash where the configuration reads it.
	file := strings.TrimSuffix(strings.TrimPrefix(c.Configs["rollcall"].File, "${ROLLCALL_FILE:-./"), "}")
	configured, err := os.ReadFile("../" + file)
	if err != nil {
		t.Fatalf("the configuration that docker-compose.yml uses: %v", err)
	}
	const kept = "/run/rollcall/page"
	if !slices.Contains(c.Services["key"].Command, kept) || !strings.Contains(string(configured), "hash_file: "+kept) {
		t.Errorf("the key's hash goes to %v, and the configuration reads\n%s", c.Services["key"].Command, configured)
	}
	dir := t.TempDir()
	hash, _ := env("API_KEY_HASH")
	for name, text := range map[string]string{"page": hash, "rollcall.yaml": strings.ReplaceAll(string(configured), kept, "page")} {
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if c := load(t, dir+"/rollcall.yaml"); len(c.Instances) != 4 || len(c.API.Keys) != 1 || c.API.Keys[0].Hash != hash {
		t.Errorf("got %d instances and the keys %v, want 4 and the one of the hash", len(c.Instances), c.API.Keys)
	}
}
