package intake

import (
	"bufio"
	"bytes"
)

// csvAhead is how many bytes of a CSV may be read before its first row is returned. It is less than the window in which
// openCSV looks for the separator, so it adds no wait for a slow sender.
const csvAhead = window / 2

// openCSV returns the records of a delimited text, whose separator it finds.
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

// separatorHint returns the separator in Excel's line "sep=;", and the length of that line in bytes: 0 if there is
// none.
func separatorHint(head []byte) (comma byte, length int) {
	line, _, found := bytes.Cut(head, []byte{'\n'})
	hint := bytes.ToLower(bytes.TrimSuffix(line, []byte{'\r'}))
	if !found || len(hint) != len("sep=;") || !bytes.HasPrefix(hint, []byte("sep=")) {
		return 0, 0
	}
	return hint[4], len(line) + 1
}

// sniffComma returns the separator with which the text has a header that names the group and its people. If there is
// none, it returns the separator that gives the most known columns, or else the most columns.
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
