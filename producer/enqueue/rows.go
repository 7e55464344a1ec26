package enqueue

import (
	"context"
	"io"
	"iter"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

// Row is one requested group on its way in: the Request, and N, its number from 1, which comes back
// in the Result. Line is where it stands in a file. A row that could not be read has an Err, and
// Broken when its input breaks off there.
type Row = intake.Row

// Rows numbers requests for CreateBatch. They are taken one at a time, as they are wanted: an
// iterator over a database's cursor is never held in memory as a whole.
func Rows(requests iter.Seq[tasks.GroupRequest]) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		n := 0
		for r := range requests {
			n++
			if !yield(Row{N: n, Request: r}, nil) {
				return
			}
		}
	}
}

// ReadOptions say what is known of a file beside its bytes: its Name, its Format ("csv", "ndjson" or
// "json"), the Sheet of a workbook, the Region of numbers without a country code, the order of Dates, and
// the TempDir for workbooks and files with one line a person. Warn is told what was not read. The zero
// value looks for itself.
type ReadOptions = intake.Options

// Read reads rows from a spreadsheet (CSV, .xlsx, .ods), NDJSON or JSON as docs/spreadsheets.md describes, in
// constant memory. It can be ranged over once. Give the same region to CreateBatch's Rules.
func Read(ctx context.Context, r io.Reader, o ReadOptions) iter.Seq2[Row, error] {
	return intake.Read(ctx, r, o)
}
