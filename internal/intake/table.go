package intake

import (
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// table yields the records of a CSV or of a workbook's sheet, including blank ones, and io.EOF after the last. A record
// is valid until the next one is read.
type table interface {
	next() (record, error)
	kind() tableKind
}

// tableKind describes where a table comes from.
type tableKind struct {
	comma byte // of a CSV; 0 for a sheet
	ahead int  // how many bytes may be read before the first row is returned
}

// readTable reads a table. Its header and first rows decide whether a line is a group or a person.
func readTable(t table, o Options, out emit) error {
	lines, err := readHead(t, o)
	if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
		return nil
	}
	if err != nil {
		return err
	}
	out = withComma(t.kind().comma, out)
	if lines.layout.perPerson {
		err = gather(lines, o, out)
	} else {
		err = lines.groups(o, out)
	}
	if err == nil {
		warnTotals(lines.totals, o)
	}
	return err
}

// groups reads a table in which each line is a group.
func (l *lines) groups(o Options, out emit) error {
	for {
		n, rec, rowErr, err := l.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return nil
		}
		if err != nil {
			return err
		}
		row := Row{N: n, Line: rec.line, Err: rowErr, Broken: rec.broken}
		if rowErr == nil {
			row.Request, row.Err = l.layout.valuesOf(rec.cells, o).request(o)
		}
		if err := out(row); err != nil {
			return err
		}
	}
}

// readAhead is a table whose first records are buffered.
type readAhead struct {
	table

	records []record
	err     error // what stopped the reading ahead
}

// fill buffers records until it has kind().ahead bytes or an error, io.EOF included.
func (a *readAhead) fill() {
	for size := 0; size < a.kind().ahead && a.err == nil; {
		var rec record
		if rec, a.err = a.table.next(); a.err == nil {
			rec.cells = append([]string(nil), rec.cells...)
			a.records = append(a.records, rec)
			size += rec.size
		}
	}
}

func (a *readAhead) next() (record, error) {
	switch {
	case len(a.records) > 0:
		rec := a.records[0]
		a.records = a.records[1:]
		return rec, nil
	case a.err != nil:
		return record{}, a.err
	}
	return a.table.next()
}

// lines reads the records after a header. It skips blank lines and totals, and marks damaged records.
type lines struct {
	table  table
	layout layout
	n      int
	line   int  // of the current record
	ragged bool // a good line has fewer cells than the header, so a short last line does not mean that the file was cut
	// covered are the lines inside a damaged cell that are still to be returned as errors.
	covered []int
	damage  *tasks.RowError
	broken  bool  // the input breaks off in the last record, or in the last of covered
	totals  []int // the first lines of totals, which are skipped
	sums    columnSums
}

// next returns the next record that is not blank and not a total, numbered from 1.
func (l *lines) next() (n int, rec record, rowErr *tasks.RowError, err error) {
	if len(l.covered) > 0 {
		rec, l.covered = record{line: l.covered[0], broken: l.broken && len(l.covered) == 1}, l.covered[1:]
		l.n++
		return l.n, rec, l.damage, nil
	}
	if l.broken { // nothing after a break is read
		return 0, record{}, nil, io.EOF
	}
	for {
		rec, err = l.table.next()
		if err != nil {
			return l.endOrDamage(err)
		}
		if rec.tooLarge || rec.openQuote {
			break
		}
		if rec.fault == nil && allBlank(rec.cells) {
			continue
		}
		total := l.layout.isTotal(rec.cells)
		if total {
			l.sums.cut()
		} else if rec.fault == nil {
			total = l.sums.take(rec.cells, l.layout.givesPeople)
		}
		if total {
			if len(l.totals) < MaxWarned {
				l.totals = append(l.totals, rec.line)
			}
			continue
		}
		break
	}
	l.n++
	l.line = rec.line
	rowErr = l.judge(&rec)
	l.ragged = l.ragged || (rowErr == nil && len(rec.cells) < len(l.layout.columns))
	return l.n, rec, rowErr, nil
}

// endOrDamage handles the error that ends a table. If a workbook is damaged after its first rows, one unreadable row
// and then io.EOF follow. A damaged list of people is refused as a whole, because its groups would lack people.
func (l *lines) endOrDamage(err error) (int, record, *tasks.RowError, error) {
	damage, ok := errors.AsType[*Unusable](err)
	if !ok || l.n == 0 || l.layout.perPerson {
		return 0, record{}, nil, err
	}
	l.n++
	l.broken = true
	return l.n, record{line: l.line + 1, broken: true}, rowError(tasks.Unreadable, "", damage.Why), nil
}

func (l *lines) judge(rec *record) *tasks.RowError {
	columns := len(l.layout.columns)
	comma := l.table.kind().comma
	switch {
	case rec.fault != nil:
		return rec.fault
	case rec.tooLarge:
		return tooLarge()
	case comma == 0:
	case rec.openQuote:
		l.damage = rowError(tasks.Unreadable, "", say.Phrase{Code: say.RowOpenQuote, N: rec.line})
		l.covered, l.broken = rec.linesBehind(), true
		rec.broken = len(l.covered) == 0
		return l.damage
	case damaged(rec, l.layout, comma):
		l.covered, l.broken = rec.linesBehind(), false
		l.damage = rowError(tasks.Unreadable, "", say.Phrase{Code: say.RowQuotedLines, N: rec.line, M: len(l.covered)})
		return l.damage
	case !validUTF8(rec.cells):
		return rowError(tasks.Unreadable, "", say.Phrase{Code: say.RowEncoding, N: rec.line})
	case !rec.ended && len(rec.cells) < columns && l.n > 1 && !l.ragged:
		rec.broken = true
		return rowError(tasks.Unreadable, "", say.Phrase{Code: say.RowFileCut, N: rec.line})
	}
	cells, ok := l.layout.fit(rec.cells)
	switch {
	case ok && namesOnlyASum(cells) && !l.layout.namesGroup(cells) && hasBareNumber(cells, l.layout.givesPeople):
		return rowError(tasks.Unreadable, "", say.Phrase{Code: say.RowSum, N: rec.line})
	case ok:
		rec.cells = cells
	case comma == 0:
		return rowError(tasks.Unreadable, "", say.Phrase{Code: say.RowMoreCells, N: rec.line})
	default:
		return rowError(tasks.Unreadable, "", say.Phrase{Code: say.RowCells, N: rec.line, M: len(cells), Of: columns})
	}
	return nil
}

// fit returns at most as many cells as there are columns. After a last column of phones, extra cells that hold only
// numbers are joined to it: its quotes may be missing, or its header may span several columns. ok is false if there are
// too many cells.
func (l layout) fit(cells []string) (_ []string, ok bool) {
	columns := len(l.columns)
	for len(cells) > columns && cleanText(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) <= columns {
		return cells, true
	}
	if last := l.columns[columns-1].field; (last != phones && last != onePhone) || !allNumbers(cells[columns-1:]) {
		return cells, false
	}
	return append(cells[:columns-1:columns-1], strings.Join(cells[columns-1:], ";")), true
}

func (l layout) givesPeople(i int) bool { return i < len(l.columns) && l.columns[i].givesPeople() }

// hasBareNumber reports whether a cell in a column of people holds only digits, and enough of them for a phone.
func hasBareNumber(cells []string, givesPeople func(column int) bool) bool {
	for i, cell := range cells {
		if givesPeople(i) && wholeNumberOf(cell) > 0 && digitsIn(cell) >= minDigits {
			return true
		}
	}
	return false
}

func tooLarge() *tasks.RowError {
	return rowError(tasks.TooLarge, "", say.Phrase{Code: say.RowTooLarge, N: tasks.MaxPeople})
}

func validUTF8(cells []string) bool {
	for _, c := range cells {
		if !utf8.ValidString(c) {
			return false
		}
	}
	return true
}
