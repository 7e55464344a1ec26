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

// Options say what is known of an input beside its bytes. The zero value is usable.
type Options struct {
	// Name of the file. Its ending is a hint only; the content decides. Defaults to none.
	Name string
	// Format is CSV, NDJSON or JSON where it was declared; a workbook is known by its bytes. Defaults to
	// looking.
	Format string
	// Sheet is the name of the sheet of a workbook. Defaults to its first visible one.
	Sheet string
	// Region is the country of numbers without a country code, "BR". Defaults to none.
	Region string
	// Regions are those of pools, for rows of such a pool without a Region. Defaults to none.
	Regions map[string]string
	// Target is the instance or the pool of rows that name neither. Defaults to the pool "default".
	Target tasks.Target
	// Encoding of a CSV's text where it was declared, by any name that the web knows: "windows-1251".
	// A byte order mark outranks it. Defaults to looking.
	Encoding string
	// OneRowIs says what a line of a CSV is, "group" or "person". Defaults to what the header says.
	OneRowIs string
	// Dates says which of day and month comes first in a date such as 03/04/2026: DayFirst or
	// MonthFirst. Defaults to refusing such a date.
	Dates string
	// Zone is that of dates and times without an offset. Defaults to the machine's.
	Zone *time.Location
	// TempDir is where one-line-a-person files and workbooks are spooled. Defaults to the system's.
	TempDir string
	// Warn is told what was not read and why, as it turns out. Defaults to telling no one.
	Warn func(Warning)

	explain *Explanation // is told how the input is understood; nil without an explanation
}

// regionOf is the region of a row's numbers, by the pool and the instance that the row names.
func (o Options) regionOf(pool, instance string) string {
	if pool == "" && instance == "" {
		pool, instance = o.Target.Pool, o.Target.Instance
	}
	return regionOf(o.Region, o.Regions, pool, instance)
}

// Row is one requested group, readable or not.
type Row struct {
	// N counts records from 1. Where several lines make one group it is the first of them.
	N int
	// Line is where the record begins in the file, from 1.
	Line int
	// Comma stands between the cells of a CSV; 0 for any other input.
	Comma   byte
	Request tasks.GroupRequest
	// Err is nil for a row that could be read. It says nothing about Check.
	Err *tasks.RowError
	// Broken says that the input ends or breaks off in the middle here: what may have followed was
	// not read.
	Broken bool
}

// Read yields the rows of an input in constant memory; where one line is one person, memory grows
// with the groups. It can be ranged over once.
//
// An error comes last and alone: *Unusable when the input cannot be meant (then only unreadable
// rows, if any, came before it), *TooLong behind tasks.MaxBatchRows rows, otherwise what reading or ctx said. Rows before a failing read
// are whole; a group gathered from lines is withheld then, because more of it may have followed.
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

// errStop says that the consumer wants no more rows.
var errStop = errors.New("stop")

// emit hands one row on. Its error ends the reading.
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
			o.explain.Encoding = encodingUTF8 // JSON is nothing else
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

// formatOf decides by the declared format, then the first character, then the name's ending.
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
