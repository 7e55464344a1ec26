package intake

import (
	"bufio"
	"context"
	"errors"
	"io"
	"iter"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// The formats an input can be in.
const (
	CSV    = "csv"
	NDJSON = "ndjson"
	JSON   = "json"
	XLSX   = "xlsx"
	ODS    = "ods"
)

// Options hold what the caller knows about an input. The zero value is usable.
type Options struct {
	// Name is the file's name. Its ending is only a hint: the content decides. Defaults to none.
	Name string
	// Format is the declared format: CSV, NDJSON or JSON. A workbook is recognised by its bytes. Defaults to
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
	// Encoding is the declared encoding of a CSV, as any WHATWG label: "windows-1251". A byte order mark overrides
	// it. Defaults to detection.
	Encoding string
	// OneRowIs says what a line of a CSV is: "group" or "person". Defaults to what the header says.
	OneRowIs string
	// Dates says whether the day or the month comes first in a date such as 03/04/2026: DayFirst or MonthFirst.
	// Defaults to refusing such a date.
	Dates string
	// Zone is the time zone of dates and times without an offset. Defaults to the machine's.
	Zone *time.Location
	// TempDir is where workbooks and lists of people are spooled. Defaults to the system's.
	TempDir string
	// Warn is called for each warning, while the input is read. Defaults to none.
	Warn func(Warning)

	maxOwn  int          // maximum bytes of the groups' own cells where one line is a person; 0 for maxOwn
	explain *Explanation // filled while the input is read; nil if none is wanted
}

// regionOf returns the region of the numbers in a row that names this pool or instance.
func (o Options) regionOf(pool, instance string) string {
	if pool == "" && instance == "" {
		pool, instance = o.Target.Pool, o.Target.Instance
	}
	return regionOf(o.Region, o.Regions, pool, instance)
}

// Row is one requested group, readable or not.
type Row struct {
	// N is the number of the record, from 1. A group of several lines has the number of the first.
	N int
	// Line is where the record begins in the file, from 1.
	Line int
	// Comma is the separator of a CSV's cells; 0 for any other input.
	Comma   byte
	Request tasks.GroupRequest
	// Err is nil for a row that could be read. Check may still refuse it.
	Err *tasks.RowError
	// Broken says that the input breaks off in this row; anything after it was not read.
	Broken bool
}

// Read yields the rows of an input in constant memory; for a list of people, memory grows with the number of groups.
// The sequence can be ranged over once.
//
// An error comes last, with an empty Row: *Unusable when the input cannot be what the user meant (only unreadable
// rows came before it), *TooLong after tasks.MaxBatchRows rows, otherwise the error of r or ctx. Rows before a failed
// read are complete. Groups gathered from lines are not yielded then, because more of their lines may have followed.
func Read(ctx context.Context, r io.Reader, o Options) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		rows := 0
		err := read(ctx, r, o, func(row Row) error {
			if err := ctx.Err(); err != nil {
				return context.Cause(ctx)
			}
			if rows++; rows > tasks.MaxBatchRows {
				return &TooLong{Input: o.Name}
			}
			if !yield(row, nil) {
				return errStop
			}
			return nil
		})
		if err == nil && rows == 0 {
			err = unusable(only(say.FileNoGroup))
		}
		if e, ok := errors.AsType[*Unusable](err); ok {
			e.Input = o.Name
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(Row{}, err)
		}
	}
}

// errStop means that the consumer has stopped the iteration.
var errStop = errors.New("stop")

// emit passes one row on. Its error ends the reading.
type emit func(Row) error

func read(ctx context.Context, r io.Reader, o Options, out emit) error {
	in := newInput(ctx, r)
	if in.isWorkbook() {
		return readWorkbook(in, o, out)
	}
	text, encoding, err := in.open(o.Encoding)
	if err != nil {
		return err
	}
	format, err := formatOf(text, o)
	if err != nil {
		return err
	}
	if o.explain != nil {
		o.explain.Format, o.explain.Encoding = format, encoding
		if format != CSV && encoding == encodingASCII {
			o.explain.Encoding = encodingUTF8 // JSON is always UTF-8
		}
	}
	if format == CSV {
		g := &guess{r: text}
		if o.explain != nil && encoding == encodingASCII {
			o.explain.late = g
		}
		if encoding != encodingASCII { // known already
			g.decided, g.encoding = text, encoding
		}
		recs, err := openCSV(bufio.NewReaderSize(g, window))
		if err != nil {
			return err
		}
		return readTable(recs, o, out)
	}
	return readJSON(text, format, out)
}

// formatOf returns the format of a text: the declared one, or else that of its first character, or else that of the
// name's extension.
func formatOf(text *bufio.Reader, o Options) (string, error) {
	switch o.Format {
	case CSV, NDJSON:
		return o.Format, nil
	case XLSX, ODS:
		return "", unusable(only(say.FileNoBook))
	case "", JSON:
	default:
		return "", unusable(say.Phrase{Code: say.FileFormat, Text: strconv.Quote(o.Format)})
	}
	head, _ := text.Peek(window)
	first := strings.TrimLeft(string(head[:min(len(head), 4096)]), " \t\r\n")
	switch {
	case strings.HasPrefix(first, "{"), strings.HasPrefix(first, "["):
		return JSON, nil
	case o.Format == JSON:
		return "", unusable(only(say.FileNoJSON))
	}
	switch strings.ToLower(path.Ext(o.Name)) {
	case ".ndjson", ".jsonl":
		return NDJSON, nil
	}
	return CSV, nil
}
