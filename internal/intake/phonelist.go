package intake

import (
	"bufio"
	"context"
	"errors"
	"io"
	"iter"
	"strings"
)

// PhoneLine is one phone of a list, and where it stands.
type PhoneLine struct {
	Line int
	Text string
}

// PhoneList yields the phones of a list of people: a CSV whose header names a column of phones, by
// any name that a spreadsheet of groups may use, or one phone a line, whatever follows it behind a
// separator. Encodings are those of Read. It keeps one record in memory and can be ranged over once.
// A damaged list is an *Unusable: some of its people would be missing.
func PhoneList(ctx context.Context, r io.Reader, o Options) iter.Seq2[PhoneLine, error] {
	return func(yield func(PhoneLine, error) bool) {
		err := phoneList(ctx, r, o, func(p PhoneLine) bool { return yield(p, nil) })
		if err != nil && !errors.Is(err, errStop) {
			yield(PhoneLine{}, err)
		}
	}
}

func phoneList(ctx context.Context, r io.Reader, o Options, out func(PhoneLine) bool) error {
	text, _, err := open(&source{ctx: ctx, r: r}, o.Encoding)
	if err != nil {
		return err
	}
	text = bufio.NewReaderSize(&guess{r: text}, window)
	head, _ := text.Peek(window)
	recs := newRecords(text, sniffComma(head, dictionary()))
	var people []int // the columns of phones; nil before the first record
	var l layout     // of the first record, as far as its width goes
	for {
		rec, err := recs.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return nil
		}
		if err != nil {
			return err
		}
		if !rec.tooLarge && !rec.openQuote && allBlank(rec.cells) {
			continue
		}
		if rec.tooLarge || rec.openQuote || damaged(&rec, l, recs.comma) || !validUTF8(rec.cells) {
			return unusable("Correct that line, or export the file again as UTF-8.",
				"Line %d of the list is damaged: a quote is missing, or it holds bytes that are no text. Some people of the list would be missing.", rec.line)
		}
		if people == nil {
			l.columns = make([]column, len(rec.cells))
			if people = phoneColumns(rec.cells); people != nil {
				continue
			}
			people = []int{0}
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

// phoneColumns finds the columns of phones in a header; nil where the record is none.
func phoneColumns(header []string) []int {
	d := dictionary()
	var found []int
	for i, h := range header {
		if m, ok := look(d, h); ok && (m.field == phones || m.field == onePhone) {
			found = append(found, i)
		}
	}
	return found
}
