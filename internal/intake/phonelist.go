package intake

import (
	"bufio"
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/say"
)

// PhoneLine is one phone of a list, and where it stands.
type PhoneLine struct {
	Line int
	Text string
}

// PhoneList yields the phones of a list of people: a CSV or a workbook whose header names a column of
// phones, by any name that a spreadsheet of groups may use, or else the first cell of each line. Encodings
// are those of Read. It reads in constant memory and can be ranged over once. A damaged list is an
// *Unusable: some of its people would be missing.
func PhoneList(ctx context.Context, r io.Reader, o Options) iter.Seq2[PhoneLine, error] {
	return func(yield func(PhoneLine, error) bool) {
		err := phoneList(ctx, r, o, func(p PhoneLine) bool { return yield(p, nil) })
		if err != nil && !errors.Is(err, errStop) {
			yield(PhoneLine{}, err)
		}
	}
}

func phoneList(ctx context.Context, r io.Reader, o Options, out func(PhoneLine) bool) error {
	in := newInput(ctx, r)
	if in.isWorkbook() {
		b, done, err := in.openBook(o)
		defer done()
		if err != nil {
			return err
		}
		b.warnOtherSheets(o)
		if err := phonesOf(b, o, out); err != nil {
			return err
		}
		if hidden := b.Skipped(); hidden.RowsAll > 0 {
			return unusable(say.Phrase{Code: say.ListHiddenRows, N: hidden.Rows[0]})
		}
		return nil
	}
	text, _, err := in.open(o.Encoding)
	if err != nil {
		return err
	}
	recs, err := openCSV(bufio.NewReaderSize(&guess{r: text}, window))
	if err != nil {
		return err
	}
	return phonesOf(recs, o, out)
}

func phonesOf(t table, o Options, out func(PhoneLine) bool) error {
	ahead := &readAhead{table: t}
	ahead.fill()
	people := []int{0} // the columns of phones
	var l layout       // as wide as the header, or as the first record
	if at := headerOfList(ahead.records); at >= 0 {
		header := ahead.records[at].cells
		people, l.columns, ahead.records = phoneColumns(header), make([]column, len(header)), ahead.records[at+1:]
	}
	sums, totals := columnSums{}, []int(nil)
	for {
		rec, err := ahead.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			warnTotals(totals, o)
			return nil
		}
		if err != nil {
			return err
		}
		if !rec.tooLarge && !rec.openQuote && rec.fault == nil && allBlank(rec.cells) {
			continue
		}
		switch comma := t.kind().comma; {
		case rec.fault != nil:
			return unusable(say.Phrase{Code: say.ListFault, Why: []say.Phrase{Why(rec.fault)}})
		case rec.tooLarge, rec.openQuote, comma != 0 && damaged(&rec, l, comma), !validUTF8(rec.cells):
			return unusable(say.Phrase{Code: say.ListLine, N: rec.line})
		}
		if l.columns == nil {
			l.columns = make([]column, len(rec.cells))
		}
		givesPeople := func(c int) bool { return slices.Contains(people, c) }
		switch {
		case sums.take(rec.cells, givesPeople):
			if len(totals) < MaxWarned {
				totals = append(totals, rec.line)
			}
			continue
		case namesOnlyASum(rec.cells) && hasBareNumber(rec.cells, givesPeople):
			return unusable(say.Phrase{Code: say.RowSum, N: rec.line})
		}
		for _, c := range people {
			if c >= len(rec.cells) {
				continue
			}
			for _, p := range splitPhones(unguardCell(cleanText(rec.cells[c])), o.Region) {
				if !out(PhoneLine{Line: rec.line, Text: strings.TrimSpace(string(p))}) {
					return errStop
				}
			}
		}
	}
}

// headerOfList returns the index of the record that names columns of phones, with only titles above it, or -1.
func headerOfList(records []record) int {
	for i, rec := range records[:min(len(records), headerWithin)] {
		switch {
		case rec.tooLarge, rec.openQuote, slices.ContainsFunc(rec.cells, isPhoneLike):
			return -1
		case phoneColumns(rec.cells) != nil:
			return i
		}
	}
	return -1
}

// phoneColumns returns the columns of phones in a header, or nil if the record is not a header.
func phoneColumns(header []string) []int {
	d := dictionary()
	var found []int
	for i, h := range header {
		if m, ok := meaningOf(d, h); ok && (m.field == phones || m.field == onePhone) {
			found = append(found, i)
		}
	}
	return found
}
