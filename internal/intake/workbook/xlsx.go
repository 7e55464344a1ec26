package workbook

import (
	"encoding/xml"
	"io"
	"strings"

	"github.com/rollcallhq/rollcall/internal/say"
)

// xlsx reads the rows of one worksheet.
type xlsx struct {
	in        *tokens
	strings   *stringTable
	dates     []bool // by cell style: whether it shows a date
	since1904 bool
	columns   columns
	described int // how many elements have described columns
	line      int
	inData    bool
	cells     []string
}

func openXLSX(a *parts, name string) (*Book, error) {
	workbook := a.workbookPart()
	links, err := a.relations(workbook)
	if err != nil {
		return nil, err
	}
	x := &xlsx{}
	var sheets []sheetInfo
	err = a.each(workbook, maxPart, func(_ *tokens, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			x.since1904 = isTrue(attr(e, "date1904"))
		case "sheet":
			id := ""
			for _, at := range e.Attr {
				if at.Name.Local == "id" && at.Name.Space != "" { // r:id, beside sheetId
					id = at.Value
				}
			}
			link := links[id]
			if strings.HasSuffix(link.kind, "/worksheet") {
				state := attr(e, "state")
				sheets = append(sheets, sheetInfo{name: attr(e, "name"), hidden: state == "hidden" || state == "veryHidden", part: link.target})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	at, unknown := choose(sheets, name)
	if unknown != nil {
		return nil, unknown
	}
	for _, link := range links {
		switch {
		case strings.HasSuffix(link.kind, "/styles"):
			x.dates, err = a.dateStyles(link.target)
		case strings.HasSuffix(link.kind, "/sharedStrings"):
			x.strings, err = a.sharedStrings(link.target)
		}
		if err != nil {
			return nil, err
		}
	}
	if x.in, err = a.tokens(sheets[at].part, maxSheet); err != nil {
		return nil, err
	}
	return &Book{Format: kindXLSX, Sheet: sheets[at].name, OtherSheets: others(sheets, at), rows: x}, nil
}

func (x *xlsx) next() (sheetRow, error) {
	for {
		token, err := x.in.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			if x.inData {
				return sheetRow{}, x.in.cut()
			}
			x.in.close()
			return sheetRow{}, io.EOF
		}
		if err != nil {
			return sheetRow{}, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "sheetData":
				x.inData = true
			case "col":
				if x.described++; x.described <= maxColumns && isTrue(attr(token, "hidden")) { // min and max count from 1; a damaged file repeats columns
					x.columns.hide(max(number(token, "min", 1), 1)-1, number(token, "max", 1))
				}
			case "row":
				return x.row(token)
			}
		case xml.EndElement:
			if token.Name.Local == "sheetData" {
				x.in.close()
				x.inData = false
				return sheetRow{}, io.EOF
			}
		}
	}
}

func (x *xlsx) row(e xml.StartElement) (sheetRow, error) {
	x.line = number(e, "r", x.line+1)
	row := sheetRow{Row: Row{Line: x.line}, hidden: isTrue(attr(e, "hidden"))}
	x.cells = x.cells[:0]
	size, at := 0, -1
	for {
		token, err := x.in.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return row, x.in.cut()
		}
		if err != nil {
			return row, err
		}
		switch token := token.(type) {
		case xml.EndElement:
			if token.Name.Local == "row" {
				row.Cells = x.cells
				if row.TooLarge {
					row.Cells = nil
				}
				return row, nil
			}
		case xml.StartElement:
			if token.Name.Local != "c" {
				continue
			}
			if at = columnOf(attr(token, "r"), at+1); at >= maxColumns {
				return row, refuse(say.Phrase{Code: say.BookColumns, N: x.line, Place: columnName(maxColumns - 1)})
			}
			text, fault, err := x.cell(token)
			if err != nil {
				return row, err
			}
			if text == "" && fault == "" {
				continue
			}
			if x.columns.isHidden(at) {
				row.hiddenColumns = append(row.hiddenColumns, at)
				continue
			}
			if row.Fault == "" {
				row.Fault = fault
			}
			if size += len(text); size > maxRow {
				row.TooLarge = true
				continue
			}
			x.cells = x.columns.put(x.cells, at, text)
		}
	}
}
