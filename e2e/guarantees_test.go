package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/guarantees.md is as good as the tests it names, so they must exist where it says.
func TestEveryGuaranteeNamesTestsThatExist(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/guarantees.md")
	if err != nil {
		t.Fatal(err)
	}
	exist := testsByRoom(t, "..")
	named := regexp.MustCompile("`([a-z0-9]+)`|(Test[A-Z][A-Za-z0-9_]+)")
	section, all := "", 0
	for n, line := range strings.Split(string(text), "\n") {
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			section = heading
		}
		rooms, fresh, tests := []string{}, true, 0
		for _, m := range named.FindAllStringSubmatch(line, -1) {
			if room := m[1]; room != "" {
				if fresh {
					rooms = nil
				}
				rooms, fresh = append(rooms, room), false
				continue
			}
			fresh = true
			tests++
			found := false
			for _, room := range rooms {
				found = found || exist[room][m[2]]
			}
			if !found {
				t.Errorf("line %d: no test of %v is called %s", n+1, rooms, m[2])
			}
		}
		all += tests
		if tests == 0 && promises(section, line) {
			t.Errorf("line %d names no test: %.80s…", n+1, line)
		}
	}
	if all < 60 {
		t.Errorf("only %d tests are named: has the document changed its form?", all)
	}
}

// promises says that a line must name a test.
func promises(section, line string) bool {
	head := strings.HasPrefix(line, "| promise") || strings.HasPrefix(line, "| code") || strings.HasPrefix(line, "|---")
	switch {
	case strings.HasPrefix(section, "What \"accepted\" means"):
		return len(line) > 2 && line[1] == '.'
	case section == "Never", section == "What a person must decide":
		return strings.HasPrefix(line, "|") && !head
	case section == "What may happen":
		return strings.HasPrefix(line, "* ")
	}
	return false
}

// testsByRoom are the names of all tests, by the directory they are in.
func testsByRoom(t *testing.T, root string) map[string]map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func (Test[A-Z]\w*)\(`)
	var paths []string
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, "_test.go") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	rooms := map[string]map[string]bool{}
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		room := filepath.Base(filepath.Dir(path))
		if rooms[room] == nil {
			rooms[room] = map[string]bool{}
		}
		for _, m := range declared.FindAllSubmatch(source, -1) {
			rooms[room][string(m[1])] = true
		}
	}
	return rooms
}
