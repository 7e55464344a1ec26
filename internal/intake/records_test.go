package intake

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Our reader reads back what encoding/csv writes.
func TestRecords_ReadBackTheOutputOfEncodingCSV(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		comma := rapid.SampledFrom([]byte(",;\t")).Draw(t, "comma")
		want := rapid.SliceOfN(rapid.SliceOfN(rapid.StringMatching(`[a"é,;\t\n '=]{0,6}`), 1, 4), 1, 6).Draw(t, "records")
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		w.Comma = rune(comma)
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		if err := w.WriteAll(want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, cutRecords(t, text.String(), comma)); diff != "" {
			t.Fatalf("%q\n%s", text.String(), diff)
		}
	})
}

// Our reader reads malformed text as encoding/csv does. The generated text has no lone CR and no space beside a quote:
// there the two differ on purpose.
func TestRecords_ReadMalformedTextAsEncodingCSVDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([ab",]{0,6}\n){0,5}[ab",]{0,6}`).Draw(t, "text")
		r := csv.NewReader(strings.NewReader(text))
		r.LazyQuotes, r.FieldsPerRecord = true, -1
		want, err := r.ReadAll()
		if err != nil {
			t.Skip("encoding/csv refuses this text")
		}
		want, got := withoutEmpty(want), withoutEmpty(cutRecords(t, text, ','))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q\n%s", text, diff)
		}
	})
}

// withoutEmpty leaves out empty lines, which each of the two readers skips in its own way.
func withoutEmpty(records [][]string) [][]string {
	var rest [][]string
	for _, cells := range records {
		if len(cells) > 1 || cells[0] != "" {
			rest = append(rest, cells)
		}
	}
	return rest
}

func cutRecords(t *rapid.T, text string, comma byte) [][]string {
	var got [][]string
	recs := newRecords(bufio.NewReader(strings.NewReader(text)), comma)
	for {
		rec, err := recs.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, rec.cells)
	}
}

func TestAliases_EveryHeaderMeansItsField(t *testing.T) {
	t.Parallel()
	d := dictionary()
	for _, a := range aliases() {
		for _, word := range a.words() {
			if m, ok := meaningOf(d, word); !ok || m.field != a.field {
				t.Errorf("the header %q means %q, want %q", word, m.field, a.field)
			}
		}
	}
}

func TestRead_EveryColumnOfTheTableChangesTheRequest(t *testing.T) {
	t.Parallel()
	completing := []field{areaCode, countryCode, countryName} // they change only phones that lack their codes
	read := func(header, cell string) string {
		file := "groupName;phones;" + header + "\nTurma 1;+5544999999991;" + cell + "\n"
		for row, err := range Read(t.Context(), strings.NewReader(file), Options{}) {
			said, _ := json.Marshal(row.Request)
			return fmt.Sprint(string(said), row.Err, err)
		}
		return ""
	}
	for _, a := range aliases() {
		if a.field == groupName || a.field == phones || slices.Contains(completing, a.field) {
			continue
		}
		header := a.words()[0]
		if read(header, "x") == read(header, "") && read(header, "yes") == read(header, "") {
			t.Errorf("the cells of the column %s change nothing: read them in values.go", header)
		}
	}
}

// docs/spreadsheets.md lists the headers that a file may have.
func TestAliases_StandInTheDocument(t *testing.T) {
	t.Parallel()
	const path = "../../docs/spreadsheets.md"
	const begin, end = "-update`) -->\n", "<!-- aliases: end -->"
	document, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(document), begin)
	_, behind, found := strings.Cut(rest, end)
	if !found {
		t.Fatalf("%s has no table between %q and %q", path, begin, end)
	}
	want := before + begin + aliasTable() + end + behind
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(want, string(document)); diff != "" {
		t.Errorf("%s: run go test ./internal/intake -update (-want +got):\n%s", path, diff)
	}
}

func aliasTable() string {
	var b strings.Builder
	b.WriteString("| field | English | Portuguese | Spanish | Russian |\n|---|---|---|---|---|\n")
	for _, a := range aliases() {
		name := "`" + string(a.field) + "`"
		if a.onlyWithoutABetter {
			name += " (weak)"
		}
		b.WriteString("| " + name)
		for _, words := range [][]string{a.english, a.portuguese, a.spanish, a.russian} {
			b.WriteString(" | " + strings.Join(words, ", "))
		}
		b.WriteString(" |\n")
	}
	return b.String()
}
