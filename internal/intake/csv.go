package intake

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/tasks"
)

// readCSV reads a delimited text, one row a group or one line a person as its header says.
func readCSV(text *bufio.Reader, o Options, out emit) error {
	recs, l, err := readHeader(text, o)
	if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
		return nil
	}
	if err != nil {
		return err
	}
	lines := &lines{recs: recs, layout: l}
	if l.perPerson {
		return gather(lines, o, out)
	}
	for {
		n, rec, rowErr, err := lines.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return nil
		}
		if err != nil {
			return err
		}
		row := Row{N: n, Line: rec.line, Err: rowErr, Broken: rec.broken}
		if rowErr == nil {
			row.Request, row.Err = l.valuesOf(rec.cells, o.Region).request(o.Region)
		}
		if err := out(row); err != nil {
			return err
		}
	}
}

// lines reads the records behind a header, without the blank ones, and finds those that cannot
// be trusted.
type lines struct {
	recs   *records
	layout layout
	n      int
	ragged bool // some whole line has fewer cells than the header: then that says nothing
	// covered are the lines that a damaged cell holds and that were not told yet.
	covered []int
	damage  *tasks.RowError
	broken  bool
}

// next returns the next record that says something, numbered from 1.
func (l *lines) next() (n int, rec record, rowErr *tasks.RowError, err error) {
	if len(l.covered) > 0 {
		rec, l.covered = record{line: l.covered[0], broken: l.broken && len(l.covered) == 1}, l.covered[1:]
		l.n++
		return l.n, rec, l.damage, nil
	}
	for {
		rec, err = l.recs.next()
		if err != nil {
			return 0, record{}, nil, err
		}
		if rec.tooLarge || rec.openQuote || !allBlank(rec.cells) {
			break
		}
	}
	l.n++
	rowErr = l.judge(&rec)
	l.ragged = l.ragged || (rowErr == nil && len(rec.cells) < len(l.layout.columns))
	return l.n, rec, rowErr, nil
}

func (l *lines) judge(rec *record) *tasks.RowError {
	columns := len(l.layout.columns)
	short := len(rec.cells) < columns
	switch {
	case rec.tooLarge:
		return tooLarge()
	case rec.openQuote:
		l.damage = rowError(tasks.Unreadable, "", `Line %d opens a quote (") that is never closed: the file is cut off, or a quote is missing. Close it, or export the file again.`, rec.line)
		l.covered, l.broken = rec.linesBehind(), true
		rec.broken = len(l.covered) == 0
		return l.damage
	case damaged(rec, l.layout, l.recs.comma):
		l.covered, l.broken = rec.linesBehind(), false
		l.damage = rowError(tasks.Unreadable, "", `A quoted cell that begins in line %d holds %d more lines of the table: a quote (") is missing or too many. Correct line %d, or export the file again; none of these lines is used.`, rec.line, len(l.covered), rec.line)
		return l.damage
	case !validUTF8(rec.cells):
		return rowError(tasks.Unreadable, "", "Line %d holds bytes that are no text in the file's encoding. Export the file again as UTF-8, or name its encoding (--encoding windows-1251).", rec.line)
	case !rec.ended && short && l.n > 1 && !l.ragged:
		rec.broken = true
		return rowError(tasks.Unreadable, "", "The file ends in the middle of line %d. Export it again and check that the copy is whole.", rec.line)
	}
	for len(rec.cells) > columns && cleanText(rec.cells[len(rec.cells)-1]) == "" {
		rec.cells = rec.cells[:len(rec.cells)-1]
	}
	if extra := len(rec.cells) - columns; extra > 0 {
		if last := l.layout.columns[columns-1].field; (last != phones && last != onePhone) || !allNumbers(rec.cells[columns-1:]) {
			return rowError(tasks.Unreadable, "", `Line %d has %d cells, the header has %d. Put cells that hold the separator into quotes ("…").`, rec.line, len(rec.cells), columns)
		}
		// The quotes around a list of phones are missing; it stands last and holds numbers only.
		rec.cells = append(rec.cells[:columns-1:columns-1], strings.Join(rec.cells[columns-1:], ";"))
	}
	return nil
}

func tooLarge() *tasks.RowError {
	return rowError(tasks.TooLarge, "", "The row is larger than 1 MiB. Make it smaller; a group takes at most %d people.", tasks.MaxPeople)
}

func validUTF8(cells []string) bool {
	for _, c := range cells {
		if !utf8.ValidString(c) {
			return false
		}
	}
	return true
}
