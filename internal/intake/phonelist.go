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
func PhoneList(ctx context.Context, r io.Reader, region string) iter.Seq2[PhoneLine, error] {
	return func(yield func(PhoneLine, error) bool) {
		err := phoneList(ctx, r, region, func(p PhoneLine) bool { return yield(p, nil) })
		if err != nil && !errors.Is(err, errStop) {
			yield(PhoneLine{}, err)
		}
	}
}

func phoneList(ctx context.Context, r io.Reader, region string, out func(PhoneLine) bool) error {
	text, _, err := open(&source{ctx: ctx, r: r})
	if err != nil {
		return err
	}
	text = bufio.NewReaderSize(&guess{r: text}, window)
	head, _ := text.Peek(window)
	recs := newRecords(text, sniffComma(head, dictionary()))
	var people []int // the columns of phones; nil before the first record
	for {
		rec, err := recs.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return nil
		}
		if err != nil {
			return err
		}
		if allBlank(rec.cells) {
			continue
		}
		if people == nil {
			if people = phoneColumns(rec.cells); people != nil {
				continue
			}
			people = []int{0}
		}
		for _, c := range people {
			if c >= len(rec.cells) {
				continue
			}
			for _, p := range splitPhones(unescapeCell(cleanText(rec.cells[c])), region) {
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
