package intake

import (
	"bufio"
	"bytes"
)

// csvAhead is how many bytes of a CSV may be read before its first row is returned. It is less than the window that
// openCSV peeks at for the separator, so it adds no wait with a slow sender.
const csvAhead = window / 2

// openCSV finds the separator of a delimited text.
func openCSV(text *bufio.Reader) (*records, error) {
	head, _ := text.Peek(window)
	comma, hint := separatorHint(head)
	if hint > 0 {
		if _, err := text.Discard(hint); err != nil {
			return nil, err
		}
		head = head[hint:]
	}
	if comma == 0 {
		comma = sniffComma(head)
	}
	recs := newRecords(text, comma)
	if hint > 0 {
		recs.line++
	}
	return recs, nil
}

func (s *records) kind() tableKind { return tableKind{comma: s.comma, ahead: csvAhead} }

// separatorHint reads Excel's "sep=;" line. length is its length in bytes, 0 for none.
func separatorHint(head []byte) (comma byte, length int) {
	line, _, found := bytes.Cut(head, []byte{'\n'})
	hint := bytes.ToLower(bytes.TrimSuffix(line, []byte{'\r'}))
	if !found || len(hint) != len("sep=;") || !bytes.HasPrefix(hint, []byte("sep=")) {
		return 0, 0
	}
	return hint[4], len(line) + 1
}

// sniffComma picks the separator that gives a header with a group's name and people; failing that, the one with the
// most known columns, then the most columns.
func sniffComma(head []byte) byte {
	d := dictionary()
	best, found := byte(','), headerPlace{at: -1}
	for _, comma := range []byte(",;\t|") {
		recs := newRecords(bufio.NewReader(bytes.NewReader(head)), comma)
		var first []record
		for len(first) < headerWithin {
			rec, err := recs.next()
			if err != nil {
				break
			}
			if len(first) > 0 || !allBlank(rec.cells) {
				first = append(first, rec)
			}
		}
		if place := findHeader(first, d); place.better(found) {
			best, found = comma, place
		}
	}
	return best
}
