package intake

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/tasks"
)

// Explanation says how an input was understood: the guesses and their results.
type Explanation struct {
	Format    string `json:"format"`    // CSV, NDJSON or JSON
	Encoding  string `json:"encoding"`  // one of the Encodings
	Separator string `json:"separator"` // of a CSV's cells, as it is written
	ALineIs   string `json:"aLineIs"`   // of a CSV: "group" or "person"
	Region    string `json:"region"`    // of numbers without a country code; "" for none
	// Columns of a CSV, in the file's order. JSON names its keys itself.
	Columns []ExplainedColumn `json:"columns"`
	Rows    []ExplainedRow    `json:"rows"` // the first few
	More    bool              `json:"more"` // there are more rows than these
	// People of all rows.
	People People `json:"people"`
	// Warnings are about parts that were not read, and phones that were read as those of another country than most.
	Warnings []Warning `json:"warnings"`
	Sheet    string    `json:"sheet,omitempty"` // of a workbook

	late *guess // sets Encoding at the first character beyond ASCII
}

// ExplainedColumn is what one header means.
type ExplainedColumn struct {
	Header string `json:"header"`
	// Field is the request's field, "metadata" for a column of the file's own, or "" if the column is ignored.
	Field string `json:"field"`
	Key   string `json:"key,omitempty"` // of metadata
}

// ExplainedRow is one row, checked without the others.
type ExplainedRow struct {
	Row     int                `json:"row"`
	Line    int                `json:"line"`
	Request tasks.GroupRequest `json:"request"`
	People  []ExplainedPerson  `json:"people"`
	Error   *tasks.RowError    `json:"error,omitempty"`
}

// ExplainedPerson is an entry and the person that it was read as. Numbers are in clear: it is for the file's owner.
type ExplainedPerson struct {
	Input string `json:"input"`
	Phone string `json:"phone,omitempty"` // or the LID of a chat id
	Error string `json:"error,omitempty"`
}

// The encodings that Explain reports.
const (
	encodingASCII    = "ASCII" // so far: all encodings have the same ASCII
	encodingUTF8     = "UTF-8"
	encodingBOM      = "UTF-8 with BOM"
	encodingUTF16    = "UTF-16"
	encodingWestern  = "Windows-1252"
	encodingCyrillic = "Windows-1251"
	encodingMac      = "MacRoman"
)

// The values of ALineIs.
const (
	aGroup  = "group"
	aPerson = "person"
)

// Explain reads an input, counts its people, and returns how it understood the first rows. The error is Read's.
func Explain(ctx context.Context, r io.Reader, o Options, examples int, rules Rules) (Explanation, error) {
	e := Explanation{Region: o.Region, Columns: []ExplainedColumn{}, Rows: []ExplainedRow{}, Warnings: []Warning{}, People: People{ByCountry: map[string]int{}, Written: map[string]int{}}}
	o.explain = &e
	var witness Witness
	for row, err := range Read(ctx, r, o) {
		if err != nil {
			return e, err
		}
		ours := rules
		ours.Region = regionOf(rules.Region, rules.Regions, strings.TrimSpace(row.Request.Pool), strings.TrimSpace(row.Request.Instance))
		people, _ := peopleOf(row.Request, ours)
		if row.Err == nil { // a create counts the same rows
			witness.Add(&e.People, row.N, SightsOf(people))
		}
		if len(e.Rows) == examples {
			e.More = true
			continue
		}
		e.Rows = append(e.Rows, explainRow(row, people, rules))
	}
	if w, ok := witness.Foreign(e.People, rules.Region); ok {
		o.warn(w)
	}
	if e.late != nil && e.late.encoding != "" {
		e.Encoding = e.late.encoding
	}
	return e, nil
}

func explainRow(row Row, people []Person, rules Rules) ExplainedRow {
	out := ExplainedRow{Row: row.N, Line: row.Line, Request: row.Request, People: []ExplainedPerson{}, Error: row.Err}
	if rules.Now.IsZero() {
		rules.Now = time.Now()
	}
	for _, p := range people {
		out.People = append(out.People, explainPerson(p))
	}
	if out.Error == nil {
		_, out.Error = Check(row.Request, rules)
	}
	return out
}

func explainPerson(p Person) ExplainedPerson {
	out := ExplainedPerson{Input: p.Input, Phone: p.Number.E164()}
	var bad *phone.Error
	switch {
	case errors.As(p.Err, &bad) && bad != nil:
		out.Error = bad.Error()
	case out.Phone == "":
		out.Phone = p.Identity.LID
	}
	return out
}

// explains records how a header was understood.
func (e *Explanation) explains(comma byte, header []string, l layout) {
	if e == nil {
		return
	}
	e.ALineIs = aGroup
	if comma != 0 {
		e.Separator = string(comma)
	}
	if l.perPerson {
		e.ALineIs = aPerson
	}
	for i, c := range l.columns {
		column := ExplainedColumn{Header: strings.TrimSpace(header[i]), Field: string(c.field)}
		if c.key != "" && c.field == "" {
			column.Field, column.Key = string(metadata), c.key
		}
		if l.perPerson && c.part != "" && c.field == "" {
			column.Field, column.Key = string(personNames), ""
			if c.part == isAdmin {
				column.Field = string(admins)
			}
		}
		e.Columns = append(e.Columns, column)
	}
}
