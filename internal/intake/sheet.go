package intake

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// withComma returns an emit that sets the Comma of each row.
func withComma(comma byte, out emit) emit {
	return func(r Row) error {
		r.Comma = comma
		return out(r)
	}
}

// csvWriter writes CSV with every cell quoted. encoding/csv quotes only where its own separator requires it; a
// program that reads the file with another separator would split the unquoted cells.
type csvWriter struct {
	*bufio.Writer

	comma byte
}

func newCSVWriter(w io.Writer, form Form) *csvWriter {
	out := &csvWriter{bufio.NewWriter(w), form.Comma}
	if out.comma == 0 {
		out.comma = ','
	}
	if form.BOM {
		_, _ = out.WriteString("\ufeff") // bufio keeps the error and returns it on Flush
	}
	return out
}

func (w *csvWriter) line(cells []string) error {
	for i, cell := range cells {
		if i > 0 {
			_ = w.WriteByte(w.comma) // likewise
		}
		_ = w.WriteByte('"')
		_, _ = w.WriteString(strings.ReplaceAll(guardCell(cell), `"`, `""`))
		_ = w.WriteByte('"')
	}
	return w.WriteByte('\n')
}

// Sheet writes lines of named cells in a form. Close it to flush.
type Sheet struct {
	columns []string
	csv     *csvWriter
	json    io.Writer
}

// NewSheet returns a sheet, and writes its header if the form has one.
func NewSheet(w io.Writer, form Form, columns ...string) (*Sheet, error) {
	s := &Sheet{columns: columns}
	switch form.Format {
	case NDJSON:
		s.json = w
		return s, nil
	case CSV, "":
		s.csv = newCSVWriter(w, form)
		return s, s.csv.line(columns)
	}
	return nil, fmt.Errorf("an export is %s or %s, not %q", CSV, NDJSON, form.Format)
}

// Write writes one line: a cell for each column.
func (s *Sheet) Write(cells ...string) error {
	if s.csv != nil {
		return s.csv.line(cells)
	}
	var line bytes.Buffer
	for i, name := range s.columns {
		separator := byte(',')
		if i == 0 {
			separator = '{'
		}
		line.WriteByte(separator)
		fmt.Fprintf(&line, "%q:", name)
		if err := encode(&line, cells[i]); err != nil {
			return err
		}
		line.Truncate(line.Len() - len("\n"))
	}
	line.WriteString("}\n")
	_, err := s.json.Write(line.Bytes())
	return err
}

// Close flushes. It does not close the io.Writer.
func (s *Sheet) Close() error {
	if s.csv == nil {
		return nil
	}
	return s.csv.Flush()
}

// decimalCommaCountries are the countries whose Excel separates cells with a semicolon, because their decimal
// separator is the comma.
var decimalCommaCountries = strings.Fields(`
	AR AT BA BE BG BO BR BY CH CL CO CR CZ DE DK EC EE ES FI FR GE GR HR HU ID IS IT KZ LT LU LV MD ME MK
	NL NO PL PT PY RO RS RU SE SI SK TR UA UY VE VN`)

// excelPrefix begins the program names of FormFor for Excel: "excel-br".
const excelPrefix = "excel-"

// FormFor returns the form that a program opens correctly on a double click, such as "excel-br" for Excel on a
// Brazilian Windows. It returns false for an unknown program.
func FormFor(program string) (Form, bool) {
	country, is := strings.CutPrefix(strings.ToLower(program), excelPrefix)
	if !is || len(country) != 2 || strings.Trim(country, "abcdefghijklmnopqrstuvwxyz") != "" {
		return Form{}, false
	}
	form := Form{Format: CSV, Comma: ',', BOM: true}
	if slices.Contains(decimalCommaCountries, strings.ToUpper(country)) {
		form.Comma = ';'
	}
	return form, true
}
