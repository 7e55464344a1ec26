package rooms

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// phrase is a wording that a reader stumbles over, with what to write instead.
type phrase struct {
	word    string // lower-case part of every match: a text without it needs no slower search by pattern
	pattern *regexp.Regexp
	instead string
}

// phrases are forbidden in every file of the repository with an extension of written, except CHANGELOG.md.
var phrases = []phrase{
	{"nobody", regexp.MustCompile(`[Nn]obody`), "name the actor: no worker, no person, no receiver"},
	{"somebody", regexp.MustCompile(`[Ss]omebody`), "name the actor: a person, another process, a client"},
	{"whoever", regexp.MustCompile(`[Ww]hoever`), "name the actor: the worker that, a reader that"},
	{"anew", regexp.MustCompile(`\b[Aa]new\b`), "again"},
	{"by ", regexp.MustCompile(`\bby (itself|themselves)\b`), "say what starts it, or leave it out"},
	{" none", regexp.MustCompile(`\b(that|which|it|one|result|value) (is|are) none\b`), "an invalid …, an unknown …"},
	{"none of the", regexp.MustCompile(`\b(is|are) none of the\b`), "must be one of"},
	{`"" is`, regexp.MustCompile(`"" is (none|nothing)\b`), `"" means no …`},
	{" not ", regexp.MustCompile(`\bcomes? not (after|before)\b`), "must be later (earlier) than"},
	{"is had by", regexp.MustCompile(`\bis had by\b`), "use … for …"},
	{"lament", regexp.MustCompile(`\b[Ll]aments?\b`), "warns"},
	{"whence", regexp.MustCompile(`\b[Ww]hence\b`), "source"},
	{"no more", regexp.MustCompile(`\b(asks?|hears?|moves?|holds? \w+) no more\b`), "no longer"},
	{"facts ", regexp.MustCompile(`\bfacts [A-C]\d`), "name a source that the reader has, or a tag of docs/providers.md"},
	{"(", regexp.MustCompile(`\((?:[ABC]\d{1,2}|row \d+)[,;)]`), "name a source that the reader has, or a tag of docs/providers.md"},
	{"has it that", regexp.MustCompile(`\bhas it that\b`), "says that"},
}

// written lists the extensions of the files that hold sentences.
var written = []string{".go", ".md", ".yml", ".yaml", ".lua", ".html", ".txtar"}

// faultsIn lists the phrases in a file's text, each as name:line with what to write instead.
func faultsIn(name, text string) (faults []string) {
	lower := strings.ToLower(text)
	for _, p := range phrases {
		if !strings.Contains(lower, p.word) {
			continue
		}
		n := 0
		for line := range strings.Lines(text) {
			n++
			if found := p.pattern.FindString(line); found != "" {
				faults = append(faults, fmt.Sprintf("%s:%d: %q: write %s", name, n, found, p.instead))
			}
		}
	}
	return faults
}

func TestPhrases_StandInNoText(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	out, err := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files").Output()
	if err != nil {
		t.Skip("the sources are not in a git checkout")
	}
	read := 0
	for name := range strings.Lines(string(out)) {
		name = strings.TrimSuffix(name, "\n")
		if !slices.Contains(written, filepath.Ext(name)) || name == "CHANGELOG.md" || name == "internal/rooms/phrases_test.go" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted, and not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		read++
		for _, fault := range faultsIn(name, string(text)) {
			t.Error(fault)
		}
	}
	if read < 100 {
		t.Errorf("only %d files were read, want at least 100", read)
	}
}

func TestPhrases_EveryPatternFindsItsPhrase(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"nobody listens", "TestTheLogNamesNobody", "Somebody must look", "whoever comes", "sealed anew", "ends by itself",
		"go on by themselves", "a pool that is none", `"x" is none of the words`, `a field; "" is none`, `"1m" comes not after 2m`,
		"the next page is had by --cursor", "laments once", "v.whence()", "a person who asks no more", "the file has it that",
		"POST create-group (facts A2)", "a link (A3)", "lists lag (row 9)",
	} {
		if len(faultsIn("x.go", "fine\n"+line+"\n")) == 0 {
			t.Errorf("no pattern finds %q", line)
		}
	}
	for _, line := range []string{"http.NoBody", "0 when there is none", "renewed", "a method that reads"} {
		if faults := faultsIn("x.go", line); len(faults) > 0 {
			t.Errorf("found in %q: %v, want no fault", line, faults)
		}
	}
}
