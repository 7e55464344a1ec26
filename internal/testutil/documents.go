package testutil

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Documented is a command as a document shows it.
type Documented struct {
	File string // below the root of the repository
	Line int
	Text string
}

func (d Documented) String() string { return fmt.Sprintf("%s:%d: %s", d.File, d.Line, d.Text) }

// CommandsOf returns the commands of a document, in order: the lines of blocks marked sh, and in blocks marked console
// those after a prompt. A line that ends with \ continues on the next; a comment is not a command.
func CommandsOf(file, text string) (all []Documented) {
	block, open := "", Documented{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSuffix(line, "\n")
		if mark, is := strings.CutPrefix(line, "```"); is {
			if block != "" {
				block = ""
			} else if block = mark; mark == "" {
				block = "text"
			}
			continue
		}
		switch {
		case open.Text != "":
			line = open.Text + " " + strings.TrimSpace(line)
		case block == "console":
			command, is := strings.CutPrefix(line, "$ ")
			if !is {
				continue
			}
			line, open = command, Documented{File: file, Line: n}
		case block == "sh":
			open = Documented{File: file, Line: n}
		default:
			continue
		}
		if before, goesOn := strings.CutSuffix(line, `\`); goesOn {
			open.Text = before
			continue
		}
		if text := strings.TrimSpace(line); text != "" && !strings.HasPrefix(text, "#") {
			all = append(all, Documented{open.File, open.Line, text})
		}
		open = Documented{}
	}
	return all
}

// mentioned matches a rollcall command inside a sentence.
var mentioned = regexp.MustCompile("`((?:rollcall-producer|rollcall-worker|producer|worker|go run \\./worker|go run \\./producer)(?: [^`\n]*)?)`")

// MentionsIn returns the commands in a document's sentences.
func MentionsIn(file, text string) (all []Documented) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		for _, m := range mentioned.FindAllStringSubmatch(line, -1) {
			all = append(all, Documented{file, n, m[1]})
		}
	}
	return all
}

// Documents returns the texts of the repository's documents by their names below root. It leaves out the changelog, which
// has old commands.
func Documents(t testing.TB, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"*.md", ".github/*.md", "docs/*.md", "docs/notes/*.md", "findings/*.md", "examples/*/*.md", "e2e/testdata/*.md"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all[filepath.ToSlash(strings.TrimPrefix(file, root+string(filepath.Separator)))] = string(text)
		}
	}
	delete(all, "CHANGELOG.md")
	if len(all) < 25 {
		t.Fatalf("found only %d documents", len(all))
	}
	return all
}

// Simple splits a shell command at its operators into commands, each the list of its words without quotes.
// It leaves out redirections, leading assignments and sudo.
func Simple(line string) (all [][]string) {
	var words []string
	word, is, redirects := strings.Builder{}, false, false
	end := func() {
		text := word.String()
		word.Reset()
		assigns := len(words) == 0 && assignment.MatchString(text)
		if is && !redirects && !assigns && (len(words) > 0 || text != "sudo") {
			words = append(words, text)
		}
		if is {
			redirects = false
		}
		is = false
	}
	command := func() {
		end()
		if len(words) > 0 {
			all = append(all, words)
		}
		words = nil
	}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\'' || c == '"':
			n := strings.IndexByte(line[i+1:], c)
			if n < 0 {
				n = len(line) - i - 1
			}
			word.WriteString(line[i+1 : i+1+n])
			i, is = i+1+n, true
		case c == '$' && strings.HasPrefix(line[i:], "$("):
			n := strings.IndexByte(line[i:], ')')
			word.WriteString(line[i : i+n+1])
			i, is = i+n, true
		case c == ' ':
			end()
		case c == '#' && !is:
			command()
			return all
		case c == '>' || c == '<':
			end()
			redirects = true
		case c == '|' || c == '&' || c == ';':
			command()
		default:
			word.WriteByte(c)
			is = true
		}
	}
	command()
	return all
}

var assignment = regexp.MustCompile(`^[A-Z_]+=`)
