package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	mdLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	mdHeading = regexp.MustCompile("(?m)^#+ +(.+)$")
	mdCode    = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	notInSlug = regexp.MustCompile(`[^\p{L}\p{N}\- _]`)
)

// slugs returns the anchors that GitHub gives the headings of a document.
func slugs(text string) map[string]bool {
	all := map[string]bool{}
	for _, h := range mdHeading.FindAllStringSubmatch(text, -1) {
		s := notInSlug.ReplaceAllString(strings.ToLower(strings.TrimSpace(h[1])), "")
		all[strings.ReplaceAll(s, " ", "-")] = true
	}
	return all
}

// documents returns the Markdown files of the repository.
func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"../*.md", "../docs/*.md", "../.github/*.md", "../findings/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, files...)
	}
	if len(all) < 25 {
		t.Fatalf("found only %d documents", len(all))
	}
	return all
}

func TestDocuments_EveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	for _, file := range documents(t) {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range mdLink.FindAllStringSubmatch(mdCode.ReplaceAllString(string(raw), ""), -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			path, anchor, _ := strings.Cut(link[1], "#")
			target := file
			if path != "" {
				target = filepath.Join(filepath.Dir(file), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s does not exist", file, link[1])
				continue
			}
			if anchor == "" {
				continue
			}
			text, err := os.ReadFile(target)
			if err != nil {
				t.Fatal(err)
			}
			if !slugs(string(text))[anchor] {
				t.Errorf("%s: %s has no heading #%s", file, target, anchor)
			}
		}
	}
}

// TestDocuments_TheIndexNamesEach keeps docs/README.md complete.
func TestDocuments_TheIndexNamesEach(t *testing.T) {
	t.Parallel()
	index, err := os.ReadFile("../docs/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range documents(t) {
		if name := filepath.Base(file); filepath.Dir(file) == "../docs" && name != "README.md" && !strings.Contains(string(index), "("+name+")") {
			t.Errorf("docs/README.md does not name %s", name)
		}
	}
}

var (
	dealKey   = regexp.MustCompile(`deal-\d+`)
	phoneList = regexp.MustCompile(`(?:\[\]string|\[\]tasks\.Phone|"?phones"?: ?)[{\[]([^\]}]*)[\]}]`)
	phoneOf   = regexp.MustCompile(`\+?\d[\d ()-]{9,}\d`)
	notDigit  = regexp.MustCompile(`\D`)
)

// A reader may try the examples one after the other on one installation, where the same key with other people is a
// conflict.
func TestDocuments_OneIdempotencyKeyAsksForOneContent(t *testing.T) {
	t.Parallel()
	first := map[string][2]string{} // by key: the people, and where
	for _, file := range append(documents(t), "go-client/main.go", "../e2e/clients/testdata/go/example/main.go", "../e2e/clients/testdata/ts/example.ts") {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(raw)
		lists := phoneList.FindAllStringSubmatchIndex(text, -1)
		for _, at := range dealKey.FindAllStringIndex(text, -1) {
			people, near := "", 600
			for _, l := range lists {
				if away := max(l[0]-at[1], at[0]-l[1], 0); away < near {
					near, people = away, ""
					for _, p := range phoneOf.FindAllString(text[l[2]:l[3]], -1) {
						people += notDigit.ReplaceAllString(p, "") + " "
					}
				}
			}
			key := text[at[0]:at[1]]
			if known, is := first[key]; is && known[0] != people {
				t.Errorf("%s: %s has the people %s, but in %s it has %s", file, key, people, known[1], known[0])
			} else if !is {
				first[key] = [2]string{people, file}
			}
		}
	}
	if len(first) < 2 {
		t.Errorf("found only the keys %v, want at least 2", first)
	}
}
