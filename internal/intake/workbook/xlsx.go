package workbook

import (
	"encoding/xml"
	"io"
	"math"
	"path"
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/say"
)

// xlsx reads the rows of one worksheet.
type xlsx struct {
	in        *tokens
	strings   *stringTable
	dates     []bool // by the style of a cell: it shows a date
	since1904 bool
	hidden    []span // columns
	line      int
	inData    bool
	cells     []string
}

type span struct{ from, to int }

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

// workbookPart returns the path of the workbook's main part.
func (a *parts) workbookPart() string {
	links, err := a.relations("")
	if err == nil {
		for _, link := range links {
			if strings.HasSuffix(link.kind, "/officeDocument") {
				return link.target
			}
		}
	}
	return "xl/workbook.xml"
}

type relation struct{ kind, target string }

// relations returns what a part links to, by id. External links have no target here.
func (a *parts) relations(part string) (map[string]relation, error) {
	dir, file := path.Split(part)
	links := make(map[string]relation)
	err := a.each(path.Join(dir, "_rels", file+".rels"), maxPart, func(_ *tokens, e xml.StartElement) error {
		if e.Name.Local != "Relationship" || attr(e, "TargetMode") == "External" {
			return nil
		}
		target := attr(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		links[attr(e, "Id")] = relation{kind: attr(e, "Type"), target: strings.TrimPrefix(target, "/")}
		return nil
	})
	return links, err
}

// dateStyles tells for each style of a cell whether it shows a date.
func (a *parts) dateStyles(part string) ([]bool, error) {
	codes := make(map[int]string)
	var dates []bool
	inCells := false
	err := a.each(part, maxPart, func(_ *tokens, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			codes[number(e, "numFmtId", 0)] = attr(e, "formatCode")
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs":
			inCells = false
		case "xf":
			if inCells {
				id := number(e, "numFmtId", 0)
				dates = append(dates, isDateFormat(id, codes[id]))
			}
		}
		return nil
	})
	return dates, err
}

// stringTable holds the strings that cells share, one behind the other.
type stringTable struct {
	text []byte
	ends []uint32
}

func (s *stringTable) at(i int) (string, bool) {
	if s == nil || i < 0 || i >= len(s.ends) {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return string(s.text[from:s.ends[i]]), true
}

func (a *parts) sharedStrings(part string) (*stringTable, error) {
	s := &stringTable{}
	if f := a.find(part); f != nil && f.UncompressedSize64 <= maxStrings {
		s.text = make([]byte, 0, f.UncompressedSize64/2) // a phone and its tags are 31 bytes; growing would copy it all
	}
	err := a.each(part, maxStrings, func(t *tokens, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		text, err := t.richText("si")
		if err != nil {
			return err
		}
		s.text = append(s.text, text...)
		if len(s.text) > math.MaxUint32 {
			return tooLarge(part, maxStrings)
		}
		s.ends = append(s.ends, uint32(len(s.text))) //nolint:gosec // bounded above
		return nil
	})
	return s, err
}

// richText reads the text inside an element up to its end: its runs, without how they are read aloud.
func (t *tokens) richText(element string) (string, error) {
	var text []byte
	inText := false
	for {
		token, err := t.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return "", t.cut()
		}
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "t":
				inText = true
			case "rPh":
				if err := t.skip(); err != nil {
					return "", err
				}
			}
		case xml.CharData:
			if inText {
				text = append(text, token...)
			}
		case xml.EndElement:
			switch token.Name.Local {
			case "t":
				inText = false
			case element:
				return unescape(string(text)), nil
			}
		}
	}
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
				if isTrue(attr(token, "hidden")) {
					x.hidden = append(x.hidden, span{number(token, "min", 1) - 1, number(token, "max", 1) - 1})
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
			if x.isHidden(at) {
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
			x.put(at, text)
		}
	}
}

// put places a cell at a column, counted without the hidden ones before it.
func (x *xlsx) put(at int, text string) {
	place := at
	for _, h := range x.hidden {
		if h.from < at {
			place -= min(h.to+1, at) - h.from
		}
	}
	for len(x.cells) <= place {
		x.cells = append(x.cells, "")
	}
	x.cells[place] = text
}

func (x *xlsx) isHidden(at int) bool {
	for _, h := range x.hidden {
		if h.from <= at && at <= h.to {
			return true
		}
	}
	return false
}

// cell reads a cell behind its start and returns its value as text, and what is wrong with its formula.
func (x *xlsx) cell(e xml.StartElement) (value, fault string, err error) {
	kind, style := attr(e, "t"), number(e, "s", 0)
	raw, text, inValue := "", "", false
	formula := false
	for {
		token, err := x.in.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return "", "", x.in.cut()
		}
		if err != nil {
			return "", "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "v":
				inValue = true
			case "is":
				if text, err = x.in.richText("is"); err != nil {
					return "", "", err
				}
			default:
				formula = formula || token.Name.Local == "f" // its value stands in v
				if err := x.in.skip(); err != nil {
					return "", "", err
				}
			}
		case xml.CharData:
			if inValue {
				raw += string(token)
			}
		case xml.EndElement:
			switch token.Name.Local {
			case "v":
				inValue = false
			case "c":
				value, err := x.value(kind, style, raw, text)
				switch {
				case formula && raw == "" && text == "" && kind != "str": // "str": an empty text was stored
					fault = NoValue
				case kind == "e" || isFault(value):
					fault = value
				}
				return value, fault, err
			}
		}
	}
}

func (x *xlsx) value(kind string, style int, raw, text string) (string, error) {
	switch kind {
	case "inlineStr":
		return text, nil
	case "str":
		return unescape(raw), nil
	case "e", "d":
		return raw, nil
	case "b":
		return strings.ToUpper(strconv.FormatBool(isTrue(raw))), nil
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(raw))
		shared, ok := x.strings.at(i)
		if err != nil || !ok {
			return "", refuse(say.Phrase{Code: say.BookNoText, N: x.line})
		}
		return shared, nil
	}
	if style < len(x.dates) && x.dates[style] && raw != "" {
		return dateOf(raw, x.since1904), nil
	}
	return plainNumber(raw), nil
}

// columnOf reads the column of a reference as BC12, counted from 0. otherwise: the cell has no reference.
func columnOf(ref string, otherwise int) int {
	n := 0
	for i := 0; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && n < maxColumns; i++ {
		n = n*26 + int(ref[i]-'A') + 1
	}
	if n == 0 {
		return otherwise
	}
	return n - 1
}
