package rooms

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const home = "github.com/rollcallhq/rollcall"

// file is one Go file: where it is, and what it imports.
type file struct {
	path    string
	dir     string
	test    bool
	imports []string
}

func TestFloors_ImportsRunDownward(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		at := floorOf(f.dir)
		if at < 0 {
			t.Errorf("%s: %s has no row in internal/rooms/floors_test.go. Add one.", f.path, f.dir)
			continue
		}
		for _, imp := range f.imports {
			if fault := floors[at].refuses(at, f, imp); fault != "" {
				t.Errorf("%s: %s must not import %s: %s.", f.path, floors[at].path, imp, fault)
			}
		}
	}
}

func TestModules_AreImportedOnlyWhereListed(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		at := floorOf(f.dir)
		if at < 0 {
			continue // TestFloors_ImportsRunDownward reports it
		}
		for _, imp := range f.imports {
			for _, m := range modules {
				if m.covers(imp) && (!f.test || m.tests) && !slices.ContainsFunc(m.in, func(r string) bool { return below(f.dir, r) }) {
					t.Errorf("%s: %s must not import %s: %s.", f.path, floors[at].path, imp, m.why)
				}
			}
		}
	}
}

// TestFloors_CatchFaults holds the rules against imports that they must refuse.
func TestFloors_CatchFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ dir, imp string }{
		{"internal/group", home + "/internal/store"},
		{"internal/steps", home + "/internal/provider/zapi"},
		{"internal/app", home + "/internal/cli"},
		{"tasks", "github.com/google/uuid"},
		{"examples/go-client", home + "/internal/group"},
	} {
		at := floorOf(c.dir)
		if floors[at].refuses(at, file{dir: c.dir}, c.imp) == "" {
			t.Errorf("%s may import %s, want a refusal", c.dir, c.imp)
		}
	}
}

// refuses returns why a file of the room on row at must not import imp, or "".
func (r room) refuses(at int, f file, imp string) string {
	if f.test && !r.tests {
		return ""
	}
	if r.path == "tasks" && strings.Contains(strings.Split(imp, "/")[0], ".") {
		return r.why
	}
	if r.path == "internal/group" && (imp == "net/http" || imp == "os") {
		return "group is pure: it uses no network and no files"
	}
	other, ours := strings.CutPrefix(imp, home+"/")
	if !ours {
		return ""
	}
	to := floorOf(other)
	switch {
	case to == at:
		return ""
	case to < 0:
		return "it has no row in internal/rooms/floors_test.go"
	case slices.Contains([]string{"internal/testutil", "internal/provider/providertest"}, floors[to].path):
		return "what only tests need stays out of the programs"
	case to > at:
		return "it is on a higher row"
	case r.leaf, len(r.only) > 0 && !slices.Contains(r.only, floors[to].path):
		return r.why
	}
	return ""
}

func (m module) covers(imp string) bool {
	if exact, ok := strings.CutSuffix(m.path, "$"); ok {
		return imp == exact
	}
	return below(imp, m.path)
}

// floorOf returns the row of the room that dir belongs to: the one with the longest matching path, or -1.
func floorOf(dir string) int {
	best := -1
	for i, r := range floors {
		if below(dir, r.path) && (best < 0 || len(r.path) > len(floors[best].path)) {
			best = i
		}
	}
	return best
}

// below reports whether dir is root or lies in it.
func below(dir, root string) bool {
	return dir == root || strings.HasPrefix(dir, root+"/")
}

// sources returns every Go file of the product and of the end-to-end tests.
func sources(t *testing.T) []file {
	t.Helper()
	var files []file
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || rel == "internal/tools") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		f := file{path: rel, dir: filepath.ToSlash(filepath.Dir(rel)), test: strings.HasSuffix(rel, "_test.go")}
		for _, s := range parsed.Imports {
			imp, err := strconv.Unquote(s.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, imp)
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 100 {
		t.Fatalf("found %d Go files below %s, want the whole tree", len(files), root)
	}
	return files
}
