package enqueue

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

// Row is one requested group from a file or a program.
type Row struct {
	// N is the row's number from 1; the Result has it too. A group of several lines has the number of its first line.
	N int
	// Line is where the row begins in a file, from 1.
	Line int
	// Comma is the separator between the cells of a CSV, for the export of the batch; 0 for any other input.
	Comma   byte
	Request tasks.GroupRequest
	// Err is why the row could not be read; nil if it could.
	Err *tasks.RowError
	// Broken says that the input breaks off in this row; anything after it was not read.
	Broken bool
}

// Rows numbers requests for CreateBatch. It pulls them one at a time, so requests can be an iterator over a
// database cursor of any size.
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

// ReadOptions hold what the caller knows about a file. The zero value detects what it can.
type ReadOptions struct {
	// Name of the file. Its ending is a hint only; the content decides. Defaults to none.
	Name string
	// Format is "csv", "ndjson" or "json"; a workbook is recognised by its bytes. Defaults to
	// detection.
	Format string
	// Sheet is the name of the sheet of a workbook. Defaults to its first visible one.
	Sheet string
	// Region is the country of numbers without a country code, "BR". Defaults to none.
	Region string
	// Regions are the regions of pools, used when Region is empty. Defaults to none.
	Regions map[string]string
	// Target is the instance or the pool of rows that name neither. Defaults to the pool "default".
	Target tasks.Target
	// Encoding of a CSV's text, by any WHATWG label: "windows-1251". A byte order mark overrides it. Defaults
	// to detection.
	Encoding string
	// OneRowIs says what a line of a CSV is, "group" or "person". Defaults to what the header says.
	OneRowIs string
	// Dates says which of day and month comes first in a date such as 03/04/2026: "dmy" or "mdy". Defaults
	// to refusing such a date.
	Dates string
	// Zone is the time zone of dates and times without an offset. Defaults to the machine's.
	Zone *time.Location
	// TempDir is where workbooks and files with one line a person are spooled. Defaults to the system's.
	TempDir string
	// Warn is called for each warning, while the file is read. Defaults to none.
	Warn func(Warning)
}

// Read reads rows from a spreadsheet (CSV, .xlsx, .ods), NDJSON or JSON as docs/spreadsheets.md describes, in
// constant memory. It can be ranged over once. Give the same region to CreateBatch's Rules.
func Read(ctx context.Context, r io.Reader, o ReadOptions) iter.Seq2[Row, error] {
	options := intake.Options{
		Name: o.Name, Format: o.Format, Sheet: o.Sheet, Region: o.Region, Regions: o.Regions, Target: o.Target, Encoding: o.Encoding, OneRowIs: o.OneRowIs,
		Dates: o.Dates, Zone: o.Zone, TempDir: o.TempDir,
	}
	if o.Warn != nil {
		options.Warn = func(w intake.Warning) { o.Warn(Warning(w)) }
	}
	return func(yield func(Row, error) bool) {
		for row, err := range intake.Read(ctx, r, options) {
			if !yield(Row(row), err) {
				return
			}
		}
	}
}
