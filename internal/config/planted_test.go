package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// planted are secrets that a parser may split or misread. Each holds the words of needles.
var planted = []string{
	"planted/needle", "planted?needle", "planted#needle", "planted@needle", "planted%zzneedle", "planted:needle", "planted needle",
	"*planted-needle", "&planted-needle", "!planted-needle", "planted: needle", "{{planted-needle", "${planted-needle", "{planted-needle", "[planted-needle",
	"%planted-needle", "@planted-needle", "`planted-needle", "'planted-needle", "\"planted-needle", "\"planted\\needle\"", "planted\tneedle",
	"redis://:planted/needle@h:6379/0", "redis://:6379/needle@planted", "redis://planted@needle", "rediss://u:planted#needle@h", "unix://:planted?needle@/x",
	"redis-sentinel://u:planted/needle@a,b/m", "redis-cluster://u:planted?needle@a,b", "planted://needle", "embedded:", "http://planted:needle@h", "https://h/planted needle", "https://planted%zz/needle",
	"https://10.0.0.1/planted-needle", "https://h/planted#needle", "whsec_planted-needle", "whsec_cGxhbnRlZA== planted-needle", "k1:planted-needle", "planted-needle:k1", "sha256:planted-needle", "rck_planted-needle",
}

var needles = []string{"planted", "needle"}

// places returns files with a secret at each possible place. It reads the keys from the table of fields, so that it covers new ones.
func places(t *testing.T) map[string]func(secret string) string {
	t.Helper()
	all := map[string]func(string) string{
		"api.keys.hash": func(s string) string { return "api: {keys: [{name: a, role: viewer, hash: " + s + "}]}\n" },
		"redis.tls.files": func(s string) string {
			return "redis: {url: rediss://h, tls: {cert_file: " + s + ", key_file: " + s + "}}\n"
		},
		"redis.tls.ca":     func(s string) string { return "redis: {url: rediss://h, tls: {ca_file: " + s + "}}\n" },
		"a key":            func(s string) string { return "redis:\n  url " + s + "\n" },
		"a key of its own": func(s string) string { return "redis:\n  " + s + ": on\n" },
		"an indented key":  func(s string) string { return "instances:\n  - name: a\n    token: " + s + "\n     provider: zapi\n" },
		"a message":        func(s string) string { return "invite: {message: " + s + "}\n" },
		"a whole mapping":  func(s string) string { return "redis: " + s + "\n" },
	}
	var walk func(fields []field, wrap func(string) string, path string)
	walk = func(fields []field, wrap func(string) string, path string) {
		for _, f := range fields {
			at := join(path, f.name)
			if f.secret != nil {
				for _, name := range []string{f.name, f.name + fileTwin} {
					all[join(path, name)] = func(s string) string { return wrap(name + ": " + s) }
				}
			}
			if f.isSection() {
				inner := func(s string) string { return wrap(f.name + ":\n  " + strings.ReplaceAll(s, "\n", "\n  ")) }
				if f.list {
					inner = func(s string) string { return wrap(f.name + ":\n  - " + strings.ReplaceAll(s, "\n", "\n    ")) }
				}
				walk(f.children(), inner, at)
			}
		}
	}
	walk(new(Config).fields(), func(s string) string { return s + "\n" }, "")
	if len(all) < 8+2*8 {
		t.Fatalf("the table of fields was not walked: %d places", len(all))
	}
	return all
}

func TestLoad_NoFaultRepeatsASecretWhereverOneCanBeGiven(t *testing.T) {
	t.Parallel()
	for name, yaml := range places(t) {
		for _, secret := range planted {
			for _, written := range []string{secret, "'" + strings.ReplaceAll(secret, "'", "''") + "'"} {
				cfg, err := decode("rollcall.yaml", []byte(yaml(written)), func(string) (string, bool) { return "", false }, nil)
				said := fmt.Sprint(err)
				if cfg != nil {
					said += fmt.Sprint(cfg.Warnings)
				}
				if slices.ContainsFunc(needles, func(n string) bool { return strings.Contains(said, n) }) {
					t.Errorf("%s: the secret is shown: %s", name, said)
				}
			}
		}
	}
}

func TestLoad_NoFaultRepeatsASecretOfTheEnvironment(t *testing.T) {
	t.Parallel()
	var names []string
	var walk func(fields []field)
	walk = func(fields []field) {
		for _, f := range fields {
			if f.env != "" && (f.secret != nil || strings.Contains(f.env, "TLS")) {
				names = append(names, f.env)
			}
			if f.isSection() {
				walk(f.children())
			}
		}
	}
	walk(new(Config).fields())
	if len(names) < 6 {
		t.Fatalf("found only the variables %v, want at least 6", names)
	}
	for _, name := range names {
		for _, secret := range planted {
			cfg, err := decode("", nil, func(asked string) (string, bool) { return secret, asked == name }, nil)
			said := fmt.Sprint(err)
			if cfg != nil {
				said += fmt.Sprint(cfg.Warnings)
			}
			if slices.ContainsFunc(needles, func(n string) bool { return strings.Contains(said, n) }) {
				t.Errorf("$%s: the secret is shown: %s", name, said)
			}
		}
	}
}
