package config

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files and docs/configuration.md")

// golden compares got with a file, or writes the file with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run: go test ./internal/config -update", err)
	}
	if got != string(want) {
		t.Errorf("%s differs; if this is intended, run: go test ./internal/config -update\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

func TestReference_IsCurrent(t *testing.T) {
	t.Parallel()
	head, err := os.ReadFile("testdata/configuration.head.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../../docs/configuration.md", string(head)+"```yaml\n"+string(example)+"```\n\n"+reference())
}

// reference returns the tables of all keys, with a section for each top-level key.
func reference() string {
	var b strings.Builder
	b.WriteString("## All keys\n")
	const tableHead = "\n| Key | Default | Environment | Meaning |\n|---|---|---|---|\n"
	for _, f := range new(Config).fields() {
		fmt.Fprintf(&b, "\n### `%s`\n\n", f.name)
		if !f.isSection() {
			b.WriteString(strings.TrimPrefix(tableHead, "\n") + row(f, f.name))
			continue
		}
		b.WriteString(f.doc + "\n" + tableHead)
		rows(&b, f, f.name)
	}
	return b.String()
}

func rows(b *strings.Builder, f field, path string) {
	switch {
	case f.list:
		path += "[]"
	case f.named != nil:
		path += ".<name>"
	}
	for _, c := range f.children() {
		at := join(path, c.name)
		if c.isSection() {
			fmt.Fprintf(b, "| `%s` | %s | | %s |\n", at, sectionDefault(c), c.doc)
			rows(b, c, at)
			continue
		}
		b.WriteString(row(c, at))
	}
}

func row(f field, path string) string {
	dflt := f.shown
	switch {
	case dflt != "":
	case f.required:
		dflt = "*required*"
	case f.dflt == "":
		dflt = "none"
	default:
		dflt = "`" + f.dflt + "`"
	}
	env := ""
	if f.env != "" {
		env = "`" + f.env + "`"
	}
	doc := f.doc
	if f.secret != nil {
		doc += " *Secret.*"
	}
	cell := func(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
	return fmt.Sprintf("| `%s` | %s | %s | %s |\n", path, cell(dflt), env, cell(doc))
}

func sectionDefault(f field) string {
	if f.open != nil {
		return "none"
	}
	return ""
}
