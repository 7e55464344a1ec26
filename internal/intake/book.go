package intake

import (
	"errors"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/intake/workbook"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// book is the sheet of a workbook as a table.
type book struct{ *workbook.Book }

// bookAhead is how many bytes of a sheet are read before its first row is returned. The whole workbook is local, so
// reading ahead waits for nothing.
const bookAhead = 1 << 20

func (book) kind() tableKind { return tableKind{ahead: bookAhead} }

// openBook opens the workbook and chooses its sheet. done must be called after the reading.
func (in *input) openBook(o Options) (b book, done func(), err error) {
	r, size, done, err := in.whole(o.TempDir)
	if err != nil {
		return book{}, done, err
	}
	b.Book, err = workbook.Open(r, size, o.Sheet)
	return b, done, ofBook(err)
}

func readWorkbook(in *input, o Options, out emit) error {
	b, done, err := in.openBook(o)
	defer done()
	if err != nil {
		return err
	}
	if o.explain != nil {
		o.explain.Format, o.explain.Sheet = b.Format, b.Sheet
	}
	b.warnOtherSheets(o)
	if err := readTable(b, o, out); err != nil {
		return err
	}
	b.warnHidden(o)
	return nil
}

func (b book) next() (record, error) {
	row, err := b.Next()
	if err != nil {
		return record{}, ofBook(err)
	}
	rec := record{cells: row.Cells, line: row.Line, tooLarge: row.TooLarge, ended: true}
	for _, c := range row.Cells {
		rec.size += len(c) + 1
	}
	rec.tooLarge = rec.tooLarge || rec.size > tasks.MaxRowBytes
	switch row.Fault {
	case "":
	case workbook.NoValue:
		rec.fault = rowError(tasks.Unreadable, "", say.Phrase{Code: say.RowFormulaUnstored, N: row.Line})
	default:
		rec.fault = rowError(tasks.Unreadable, "", say.Phrase{Code: say.RowFormulaFailed, N: row.Line, Text: row.Fault})
	}
	return rec, nil
}

// warnOtherSheets warns of the sheets that are not read.
func (b book) warnOtherSheets(o Options) {
	if len(b.OtherSheets) > 0 {
		o.warn(warning(WarnOtherSheets, say.Phrase{Code: say.WarnOtherSheets, Text: quoted(b.Sheet), Place: listedNames(b.OtherSheets)}))
	}
}

// warnHidden warns of the rows and columns that the sheet hides.
func (b book) warnHidden(o Options) {
	hidden := b.Skipped()
	if hidden.RowsAll > 0 {
		w := warning(WarnHiddenRows, only(say.WarnHiddenRows))
		w.Lines = hidden.Rows
		o.warn(w)
	}
	if len(hidden.Columns) > 0 {
		o.warn(warning(WarnHiddenColumns, say.Phrase{Code: say.WarnHiddenColumns, Place: strings.Join(hidden.Columns, ", ")}))
	}
}

// ofBook returns an error of the workbook as an *Unusable, and any other error as it is.
func ofBook(err error) error {
	if e, ok := errors.AsType[*workbook.Error](err); ok {
		return unusable(e.Why)
	}
	return err
}

// listedNames returns the quoted names of the first few sheets, as a list.
func listedNames(names []string) string {
	const few = 5
	some := make([]string, 0, few+1)
	for _, name := range names[:min(few, len(names))] {
		some = append(some, quoted(name))
	}
	if len(names) > few {
		some = append(some, "…")
	}
	return strings.Join(slices.Clip(some), ", ")
}
