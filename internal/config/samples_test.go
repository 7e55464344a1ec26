package config

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ever are the secrets that earlier versions of the documents showed (git log -p -- docs README.md
// examples docker-compose.yml).
var ever = []string{
	"sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
	"sha256:1b2b0bf26c0f3e3a0831f382f151e6e1e713dfb1d494e6ff5c82c50a3d76acf6",
	"foo", "rck_for_the_simulators_only", "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
	"redis://user:password@host:6379/0",
}

// secretLike finds what a reader could copy from a document and use.
var secretLike = regexp.MustCompile(`sha256:[0-9a-fA-F]{64}|rck_[0-9A-Za-z_]{6,}|whsec_[0-9A-Za-z+/=]{8,}|\b[a-z0-9-]+:[0-9A-Za-z+/]{43}=|redis[a-z-]*://[^\s\[\]$` + "`" + `:/]*:[^\s\[\]$` + "`" + `@]+@[a-z]+`)

// imageDigest matches the digest that pins an image, which is not a key's hash.
var imageDigest = regexp.MustCompile(`@sha256:[0-9a-f]{64}`)

// collected returns ever and the secrets in today's documents.
func collected(t *testing.T) []string {
	t.Helper()
	all, files := append([]string{}, ever...), 0
	for _, root := range []string{"../../docs", "../../examples", "../../README.md", "../../CHANGELOG.md", "../../docker-compose.yml"} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path) //nolint:gosec // this repository's own files
			files++
			for _, found := range secretLike.FindAllString(imageDigest.ReplaceAllString(string(text), ""), -1) {
				if !strings.Contains(found, "user:password@") || !strings.Contains(found, ",") {
					all = append(all, found)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 20 {
		t.Fatalf("only %d files were read", files)
	}
	return all
}

func TestLoad_RefusesEachSecretThatADocumentShowsOrShowed(t *testing.T) {
	t.Parallel()
	for _, secret := range collected(t) {
		text := ""
		switch {
		case strings.HasPrefix(secret, "sha256:"):
			text = fmt.Sprintf("api: {keys: [{name: a, role: viewer, hash: %q}]}", strings.ToUpper(secret[7:]))
			text = strings.Replace(text, `"`, `"sha256:`, 1)
		case strings.HasPrefix(secret, "redis"):
			text = fmt.Sprintf("redis: {url: %q}", secret)
		case strings.Contains(secret, ":"):
			text = fmt.Sprintf("redis: {encryption_key: %q}", secret)
		}
		texts := []string{text}
		if text == "" {
			texts = []string{
				fmt.Sprintf("redis: {password: %q}", secret),
				fmt.Sprintf("webhooks: [{url: 'https://crm.example/', secret: %q}]", secret),
				fmt.Sprintf("instances: [{name: a, provider: zapi, instance_id: I, token: T, hook_secret: %q}]", secret),
				fmt.Sprintf("instances: [{name: a, provider: zapi, instance_id: I, token: %q}]", secret),
			}
		}
		for _, text := range texts {
			_, err := decode("rollcall.yaml", []byte(text), env(nil), nil)
			if err == nil || !strings.Contains(err.Error(), "sample") {
				t.Errorf("%s: got %v, want a fault that calls it a sample", text, err)
			}
		}
	}
}

func TestLoad_TheOutputOfOpensslIsNoSample(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"redis: {password: 'pW/a+Zk9u0Qm3TfGh2Lx1bVc7yNe5RdS'}", "redis: {encryption_key: 'k1:c29tZXRoaW5nIG9mIHRoaXJ0eS10d28gYnl0ZXMhISE='}",
		"webhooks: [{url: 'https://crm.example/', secret: 'whsec_c29tZXRoaW5nIG9mIHRoaXJ0eS10d28gYnl0ZXMhISE='}]",
	} {
		if _, err := decode("rollcall.yaml", []byte(text), env(nil), nil); err != nil {
			t.Errorf("%s: got %v, want no fault", text, err)
		}
	}
}
