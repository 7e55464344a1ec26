package workbook

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

const contentPart = "content.xml"

// ods reads the rows of one table of an OpenDocument spreadsheet.
type ods struct {
	in      *tokens
	columns columns
	column  int // the column that the next table-column describes
	line    int
	again   int // how many more times next returns the current row
	row     sheetRow
	cells   []string
}

func openODS(a *parts, name string) (*Book, error) {
	if text, err := a.read("META-INF/manifest.xml", maxPart); err == nil && strings.Contains(string(text), "encryption-data") {
		return nil, refuse(say.Phrase{Code: say.BookEncrypted})
	}
	sheets, err := a.tables()
	if err != nil {
		return nil, err
	}
	at, unknown := choose(sheets, name)
	if unknown != nil {
		return nil, unknown
	}
	in, err := a.tokens(contentPart, maxSheet)
	if err != nil {
		return nil, err
	}
	for seen := -1; seen < at; {
		token, err := in.next()
		if err != nil {
			return nil, err
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "table" {
			if seen++; seen < at {
				if err := in.skip(); err != nil {
					return nil, err
				}
			}
		}
	}
	return &Book{Format: kindODS, Sheet: sheets[at].name, OtherSheets: others(sheets, at), rows: &ods{in: in}}, nil
}

// tables returns the tables of the document. The style of a table says whether it is hidden.
func (a *parts) tables() ([]sheetInfo, error) {
	var sheets []sheetInfo
	hidden := make(map[string]bool) // the styles that hide a table
	style := ""
	err := a.each(contentPart, maxSheet, func(t *tokens, e xml.StartElement) error {
		switch e.Name.Local {
		case "style":
			style = attr(e, "name")
		case "table-properties":
			if attr(e, "display") == "false" && len(hidden) < maxSheets {
				hidden[style] = true
			}
		case "table":
			if len(sheets) < maxSheets {
				sheets = append(sheets, sheetInfo{name: attr(e, "name"), hidden: hidden[attr(e, "style-name")]})
			}
			return t.skip()
		}
		return nil
	})
	return sheets, err
}

func (o *ods) next() (sheetRow, error) {
	if o.again > 0 {
		o.again--
		o.line++
		o.row.Line = o.line
		o.row.hiddenColumns = nil // reported with the first of these rows
		return o.row, nil
	}
	for {
		token, err := o.in.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return sheetRow{}, o.in.cut()
		}
		if err != nil {
			return sheetRow{}, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "table-column":
				o.describe(token)
			case "table-row":
				if err := o.read(token); err != nil {
					return sheetRow{}, err
				}
				return o.row, nil
			case "shapes", "forms", "dde-links", "named-expressions":
				if err := o.in.skip(); err != nil {
					return sheetRow{}, err
				}
			}
		case xml.EndElement:
			if token.Name.Local == "table" {
				o.in.close()
				return sheetRow{}, io.EOF
			}
		}
	}
}

func isHiddenODS(e xml.StartElement) bool {
	visibility := attr(e, "visibility")
	return visibility == "collapse" || visibility == "filter"
}

// describe reads a table-column.
func (o *ods) describe(e xml.StartElement) {
	repeated := max(1, number(e, "number-columns-repeated", 1))
	if isHiddenODS(e) {
		o.columns.hide(o.column, o.column+repeated)
	}
	o.column = min(o.column+repeated, maxColumns)
}

// read reads a row, after its start element, into o.row.
func (o *ods) read(e xml.StartElement) error {
	o.line++
	repeated := max(1, number(e, "number-rows-repeated", 1))
	o.row = sheetRow{Row: Row{Line: o.line}, hidden: isHiddenODS(e)}
	o.cells = o.cells[:0]
	size, at := 0, 0
	for {
		token, err := o.in.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return o.in.cut()
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.EndElement:
			if token.Name.Local != "table-row" {
				continue
			}
			if o.row.TooLarge {
				o.cells = o.cells[:0]
			}
			o.row.Cells = o.cells
			switch {
			case len(o.cells) > 0, o.row.TooLarge:
				o.again = repeated - 1
			default: // up to a million blank rows at the sheet's end: return one
				o.line += repeated - 1
			}
			return nil
		case xml.StartElement:
			if token.Name.Local != "table-cell" && token.Name.Local != "covered-table-cell" {
				continue
			}
			text, err := o.cell(token)
			if err != nil {
				return err
			}
			if token.Name.Local == "covered-table-cell" { // under a merged cell, where people do not see it
				text = ""
			}
			times := max(1, number(token, "number-columns-repeated", 1))
			if o.row.Fault == "" && !o.columns.isHidden(at) {
				o.row.Fault = faultODS(token, text)
			}
			if text == "" || at >= maxColumns {
				at = min(at+times, maxColumns)
				continue
			}
			for range min(times, maxColumns-at) {
				if size += len(text); size > maxRow {
					o.row.TooLarge = true
					break
				}
				if o.columns.isHidden(at) {
					o.row.hiddenColumns = append(o.row.hiddenColumns, at)
				} else {
					o.cells = o.columns.put(o.cells, at, text)
				}
				at++
			}
		}
	}
}

// faultODS returns the error of a cell's formula (calcext:value-type="error"), NoValue if its value is not stored, or
// "".
func faultODS(e xml.StartElement, text string) string {
	formula, typed := false, false
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "formula":
			formula = true
		case "value-type":
			typed = true
			if a.Value == "error" {
				return text
			}
		}
	}
	switch {
	case isFault(text):
		return text
	case formula && !typed && text == "":
		return NoValue
	}
	return ""
}

// cell reads a cell, after its start element, and returns its value as text.
func (o *ods) cell(e xml.StartElement) (string, error) {
	text, err := o.paragraphs()
	if err != nil {
		return "", err
	}
	switch attr(e, "value-type") {
	case "float", "currency", "percentage":
		return plainNumber(attr(e, "value")), nil
	case "date":
		return strings.TrimSuffix(attr(e, "date-value"), "T00:00:00"), nil
	case "time":
		return timeOf(attr(e, "time-value"), text), nil
	case "boolean":
		return strings.ToUpper(attr(e, "boolean-value")), nil
	case "string":
		if stored := attr(e, "string-value"); stored != "" {
			return stored, nil
		}
	}
	return text, nil
}

// timeOf returns 09:30:00 for PT09H30M00S. It returns shown if value is not a duration.
func timeOf(value, shown string) string {
	d, err := time.ParseDuration(strings.ToLower(strings.TrimPrefix(value, "PT")))
	if err != nil || d < 0 {
		return shown
	}
	return fmt.Sprintf("%02d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}

// paragraphs reads a cell to its end and returns its text, without comments and drawings.
func (o *ods) paragraphs() (string, error) {
	var text strings.Builder
	depth, lines := 1, 0
	for {
		token, err := o.in.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return "", o.in.cut()
		}
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "annotation", "frame", "custom-shape", "table":
				if err := o.in.skip(); err != nil {
					return "", err
				}
				continue
			case "p", "h":
				if lines++; lines > 1 {
					text.WriteByte('\n')
				}
			case "s":
				if text.Len() <= maxRow {
					text.WriteString(strings.Repeat(" ", min(max(1, number(token, "c", 1)), 1000)))
				}
			case "tab":
				text.WriteByte('\t')
			case "line-break":
				text.WriteByte('\n')
			}
			depth++
		case xml.CharData:
			if depth > 1 && text.Len() <= maxRow {
				text.Write(token)
			}
		case xml.EndElement:
			if depth--; depth == 0 {
				return text.String(), nil
			}
		}
	}
}
