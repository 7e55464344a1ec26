package api_test

import (
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents returns the Markdown files in docs/, by name.
func documents(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(files) < 25 {
		t.Fatal(files, err)
	}
	all := map[string][]byte{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(file)] = text
	}
	return all
}

func TestDocs_EachDocumentIsServedUnchangedWithoutAKey(t *testing.T) {
	t.Parallel()
	r := setup(t, keyed)
	for name, text := range documents(t) {
		a := r.do("GET", "/docs/"+name, "")
		if a.status != http.StatusOK || string(a.body) != string(text) {
			t.Errorf("/docs/%s: got %d with %d bytes, want 200 with the file's %d", name, a.status, len(a.body), len(text))
		}
		for header, want := range map[string]string{"Content-Type": "text/markdown; charset=utf-8", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"} {
			if got := a.header.Get(header); got != want {
				t.Errorf("/docs/%s: got %s %q, want %q", name, header, got, want)
			}
		}
		if tag := a.header.Get("ETag"); tag == "" || r.do("GET", "/docs/"+name, "", "If-None-Match: "+tag).status != http.StatusNotModified {
			t.Errorf("/docs/%s with its own ETag %q is not answered with 304", name, tag)
		}
	}
	for _, absent := range []string{"/docs/nothing.md", "/docs/docs.go", "/docs/llms.txt", "/docs/images/overview.png", "/docs/%2e%2e/README.md"} {
		if a := r.do("GET", absent, "", "Authorization: Bearer "+keysOf["viewer"]); a.status != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", absent, a.status)
		}
	}
}

func TestLLMs_FollowsTheFormatAndListsEachDocumentOnce(t *testing.T) {
	t.Parallel()
	r := setup(t, keyed)
	a := r.do("GET", "/llms.txt", "")
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Fatalf("got %d with %q, want 200 with text/plain in UTF-8", a.status, a.header.Get("Content-Type"))
	}
	text := string(a.body)
	if !regexp.MustCompile(`\A# \S.*\n\n> \S.*\n\n`).MatchString(text) {
		t.Errorf("llms.txt does not begin with a title and a summary:\n%.300s", text)
	}
	head, lists, _ := strings.Cut(text, "\n## ")
	if len(regexp.MustCompile(`(?m)^#+ `).FindAllString(head, -1)) != 1 {
		t.Error("before the lists, llms.txt has a heading other than its title")
	}
	item := regexp.MustCompile(`\A- \[[^]]+\]\(([^)]+)\): \S.*\z`)
	listed := map[string]int{}
	for section := range strings.SplitSeq(lists, "\n## ") {
		_, items, _ := strings.Cut(section, "\n\n")
		for line := range strings.SplitSeq(strings.TrimSpace(items), "\n") {
			link := item.FindStringSubmatch(line)
			if link == nil {
				t.Errorf("the line is not a link with a description: %q", line)
				continue
			}
			listed[link[1]]++
			if got := r.do("GET", path.Join("/", link[1]), ""); got.status != http.StatusOK {
				t.Errorf("the link %s: got %d, want 200", link[1], got.status)
			}
		}
	}
	want := map[string]int{"openapi.json": 1}
	for name := range documents(t) {
		want["docs/"+name] = 1
	}
	if !maps.Equal(listed, want) {
		t.Errorf("got the links, with how often each is listed\n%v, want\n%v", listed, want)
	}
}
