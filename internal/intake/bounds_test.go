package intake

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// repeated reads as text, n times.
func repeated(text string, n int) io.Reader {
	readers := make([]io.Reader, n)
	for i := range readers {
		readers[i] = strings.NewReader(text)
	}
	return io.MultiReader(readers...)
}

func TestRecords_ALineOfSeparatorsTakesNoMemoryBeyondTheLimit(t *testing.T) {
	t.Parallel()
	recs := newRecords(bufio.NewReader(repeated(strings.Repeat(";", 1<<20), 4)), ';')
	rec, err := recs.next()
	if err != nil || !rec.tooLarge {
		t.Errorf("got a record that is too large: %t, %v; want one of 4 MiB to be", rec.tooLarge, err)
	}
	if len(recs.ends) > tasks.MaxRowBytes {
		t.Errorf("the record's cells: %d are held, want at most %d", len(recs.ends), tasks.MaxRowBytes)
	}
}

func TestLines_OnlyTheFirstTotalsAreKept(t *testing.T) {
	t.Parallel()
	recs, err := openCSV(bufio.NewReaderSize(io.MultiReader(strings.NewReader("group,phone\nTurma 12,+5544999999999\n"), repeated("Total,1\n", 2*MaxWarned)), window))
	if err != nil {
		t.Fatal(err)
	}
	in, err := readHead(recs, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, _, _, err = in.next()
	}
	if len(in.totals) != MaxWarned {
		t.Errorf("%d lines of totals: %d are kept, want the %d of the warning", 2*MaxWarned, len(in.totals), MaxWarned)
	}
}

func TestGathering_AGroupThatIsTooLargeKeepsNoMoreAdmins(t *testing.T) {
	t.Parallel()
	s := newSpool(t.TempDir())
	defer s.close()
	g := gathering{maxOwn: maxOwn, spool: s, byName: make(map[string]*gathered), personal: make(map[string]bool)}
	cell := strings.Repeat("9", 1<<10)
	for n := range 3 << 10 {
		if err := g.add(n, n, values{one: map[field]string{groupName: "Turma 12"}, phones: []string{cell}, admin: true}); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(g.order[0].admins); got > 1<<10 {
		t.Errorf("3 MiB of admins: %d cells of 1 KiB are kept, want the 1,024 that a row may have", got)
	}
}

func TestJoinNames_StopsBehindTheLongestName(t *testing.T) {
	t.Parallel()
	names := ""
	for i := range 1000 {
		if names = joinNames(names, fmt.Sprintf("Ana %d", i)); i == 0 {
			names = "Ana 0"
		}
	}
	if n := utf8.RuneCountInString(names); n <= tasks.MaxReference || n > 5*tasks.MaxReference {
		t.Errorf("a thousand names of one phone are joined to %d characters, want more than the %d that Check takes, and not many more", n, tasks.MaxReference)
	}
}

func TestCheck_HoldsOnlyAsManyPeopleAsARowMayHave(t *testing.T) {
	t.Parallel()
	r := tasks.GroupRequest{GroupName: "Turma 12"}
	for i := range tasks.MaxEntries + 1 {
		r.Phones = append(r.Phones, tasks.Phone(fmt.Sprint(i)))
	}
	checked, err := Check(r, Rules{Now: time.Now()})
	if err == nil || err.Code != tasks.TooManyPhones || len(checked.People) != tasks.MaxEntries {
		t.Errorf("%d entries: got %d people, %v; want %d and tooManyPhones", len(r.Phones), len(checked.People), err, tasks.MaxEntries)
	}
}

func TestCheck_BoundsTheAdmins(t *testing.T) {
	t.Parallel()
	const who = "+5544999999999"
	for name, admins := range map[string][]tasks.Phone{
		"too many": make([]tasks.Phone, tasks.MaxEntries+1),
		"too long": {who + tasks.Phone(strings.Repeat(" ", tasks.MaxReference))},
	} {
		for i := range admins {
			if admins[i] == "" {
				admins[i] = who
			}
		}
		r := tasks.GroupRequest{GroupName: "Turma 12", Phones: []tasks.Phone{who}, Setup: tasks.Setup{Admins: &tasks.Admins{People: admins}}}
		if _, err := Check(r, Rules{Now: time.Now()}); err == nil || err.Field != "admins" {
			t.Errorf("%s: got %v, want an error about admins", name, err)
		}
	}
}

func TestPlainNames_AreTheSameEachTime(t *testing.T) {
	t.Parallel()
	for range 50 {
		if got := plainNames(map[string]string{" +5544999999999": "Ana", "+5544999999999": "Bia"})["+5544999999999"]; got != "Bia" {
			t.Fatalf("got the name %q, want the same, Bia, each time", got)
		}
	}
}

func TestGather_TheGroupsOwnCellsHaveABound(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("x", 300<<10)
	read := func(lines ...string) (rows int, last error) {
		t.Helper()
		for _, err := range Read(t.Context(), strings.NewReader("groupName,phone,note\n"+strings.Join(lines, "\n")+"\n"), Options{maxOwn: 1 << 20}) {
			if last = err; err == nil {
				rows++
			}
		}
		return rows, last
	}
	var one, many []string
	for i := range 8 {
		one = append(one, fmt.Sprintf("Turma,+551198888777%d,%s", i, text))
		many = append(many, fmt.Sprintf("Turma %d,+551198888777%d,%s", i, i, text))
	}
	if rows, err := read(one...); err != nil || rows != 1 {
		t.Errorf("eight lines of one group: got %d rows, %v, want 1", rows, err)
	}
	rows, err := read(many...)
	if fault, ok := errors.AsType[*Unusable](err); !ok || rows != 0 || fault.Why.Code != say.FileGroupsTooLarge {
		t.Errorf("eight groups with more than a MiB: got %d rows, %v, want the file to be refused whole", rows, err)
	}
}

func TestGather_KeepsNoMoreGroupsThanABatchTakes(t *testing.T) {
	t.Parallel()
	g := gathering{spool: newSpool(t.TempDir()), maxOwn: maxOwn, byName: map[string]*gathered{}, order: make([]*gathered, tasks.MaxBatchRows+1)}
	if err := g.add(1, 1, values{one: map[field]string{groupName: "Turma"}, phones: []string{"+5511988887777"}}); err != nil || len(g.byName) != 0 {
		t.Errorf("got %d groups beyond those that a batch takes, %v; want none", len(g.byName), err)
	}
}
