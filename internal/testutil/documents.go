package testutil

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Documented is a command in a document, and where it stands.
type Documented struct {
	File string // from the root of the repository
	Line int
	Text string
}

func (d Documented) String() string { return fmt.Sprintf("%s:%d: %s", d.File, d.Line, d.Text) }

// CommandsOf returns the commands of a document, in order: each line of a block marked sh, and each line with a prompt
// ("$ ") of a block marked console. A line that ends with \ continues on the next; a comment is not a command.
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

// mentioned matches a rollcall command in backquotes.
var mentioned = regexp.MustCompile("`((?:rollcall-producer|rollcall-worker|producer|worker|go run \\./worker|go run \\./producer)(?: [^`\n]*)?)`")

// MentionsIn returns the rollcall commands that a document's sentences name in backquotes.
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

// Documents returns the texts of the repository's documents by path from root. It leaves out the changelog, which
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

// Simple splits a shell line at its operators into simple commands, each a list of words without their quotes. It
// leaves out comments, redirections, leading assignments and sudo.
func Simple(line string) (all [][]string) {
	var words []string
	word, inWord, redirects := strings.Builder{}, false, false
	endWord := func() {
		text := word.String()
		word.Reset()
		assigns := len(words) == 0 && assignment.MatchString(text)
		if inWord && !redirects && !assigns && (len(words) > 0 || text != "sudo") {
			words = append(words, text)
		}
		if inWord {
			redirects = false
		}
		inWord = false
	}
	endCommand := func() {
		endWord()
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
			i, inWord = i+1+n, true
		case c == '$' && strings.HasPrefix(line[i:], "$("):
			n := strings.IndexByte(line[i:], ')')
			if n < 0 {
				n = len(line) - i - 1
			}
			word.WriteString(line[i : i+n+1])
			i, inWord = i+n, true
		case c == ' ':
			endWord()
		case c == '#' && !inWord:
			endCommand()
			return all
		case c == '>' || c == '<':
			endWord()
			redirects = true
		case c == '|' || c == '&' || c == ';':
			endCommand()
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	endCommand()
	return all
}

var assignment = regexp.MustCompile(`^[A-Z_]+=`)
