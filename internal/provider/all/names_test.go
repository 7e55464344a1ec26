package all_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

// nameless are the extensions of files that must not name a provider. Tests may.
var nameless = []string{".go", ".html", ".js", ".css", ".lua"}

// mayNameAll are the files and folders that may name every provider: the file that lists them and the simulator.
var mayNameAll = []string{"internal/provider/all/all.go", "internal/provider/simulator"}

// TestProviders_AreNamedInTheirFoldersOnly keeps the way of adding a provider as short as
// docs/adding-a-provider.md says.
func TestProviders_AreNamedInTheirFoldersOnly(t *testing.T) {
	t.Parallel()
	files := 0
	tree := os.DirFS("../../..")
	err := fs.WalkDir(tree, ".", func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); strings.HasPrefix(n, ".") && n != "." || n == "testdata" || n == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if !slices.Contains(nameless, path.Ext(at)) || strings.HasSuffix(at, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(tree, at)
		if err != nil {
			return err
		}
		files++
		for _, line := range named(all.Providers(), at, string(text)) {
			t.Errorf("%s names a provider: %q. Say the trait, take the name from internal/provider/all, or move it into the provider's folder.", at, line)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 300 {
		t.Fatalf("read %d files, want the whole tree", files)
	}
}

// TestProviders_APlantedNameIsFound checks that named finds the names that a file must not hold, and no other text.
func TestProviders_APlantedNameIsFound(t *testing.T) {
	t.Parallel()
	one := &spec.Provider{Title: "Wa-Gate"}
	one.Traits.Name = "wagate"
	for _, c := range []struct {
		file, text string
		want       int
	}{
		{"internal/steps/create.go", "if p.Name == \"wagate\" {", 1},
		{"internal/steps/create.go", "// At Wa-Gate a create can fail.\nfunc f() {}\n// WAGATE", 2},
		{"internal/api/groups.go", "newWaGateDoor()", 1},
		{"internal/provider/other/client.go", "// as Wa-Gate does", 1},
		{"internal/provider/wagateway/client.go", "package wagate", 1},
		{"internal/provider/wagate/client.go", "package wagate // Wa-Gate", 0},
		{"internal/provider/all/all.go", "&wagate.Spec,", 0},
		{"internal/provider/all/other.go", "&wagate.Spec,", 1},
		{"internal/provider/simulator/wagate.go", "package simulator // Wa-Gate", 0},
		{"internal/steps/create.go", "a gate", 0},
	} {
		if got := named([]*spec.Provider{one}, c.file, c.text); len(got) != c.want {
			t.Errorf("%s with %q: found %q, want %d", c.file, c.text, got, c.want)
		}
	}
}

// named returns the lines of a file that name a provider but must not.
func named(providers []*spec.Provider, file, text string) []string {
	below := func(root string) bool { return file == root || strings.HasPrefix(file, root+"/") }
	if slices.ContainsFunc(mayNameAll, below) {
		return nil
	}
	var words []string
	for _, p := range providers {
		if !below("internal/provider/" + p.Name()) {
			words = append(words, regexp.QuoteMeta(p.Name()), strings.NewReplacer(`-`, `[-_ ]?`, ` `, `[-_ ]?`).Replace(p.Title))
		}
	}
	if len(words) == 0 {
		return nil
	}
	name := regexp.MustCompile(`(?i)` + strings.Join(words, "|"))
	var found []string
	for line := range strings.Lines(text) {
		if name.MatchString(line) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}
