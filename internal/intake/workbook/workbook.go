// Package workbook reads one sheet of an .xlsx or .ods file, row by row, in bounded memory.
//
// It parses the XML with the standard library: excelize keeps an object for each shared string and needs
// several times the memory.
package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/say"
)

// Limits on what a workbook may unpack to. A book of a million rows with ten phones stays below them.
const (
	maxSheet   = 2 << 30   // bytes of one sheet's XML
	maxStrings = 512 << 20 // bytes of the XML of the shared strings
	maxPart    = 16 << 20  // bytes of the XML of any other part that is read
	maxText    = 2 << 30   // bytes of text in all cells of a sheet
	maxRows    = 1 << 20   // rows of a sheet, the formats' own limit
	maxColumns = 1 << 14   // columns of a sheet, the formats' own limit
	maxRow     = 2 << 20   // bytes of text in one row
	maxSheets  = 1 << 14   // sheets of an .ods file; further ones are ignored
	maxToken   = 16 << 20  // bytes of one text or element of the XML, which its decoder holds in memory
)

// Row is one visible row of the sheet.
type Row struct {
	// Line is the row's number in the sheet, from 1.
	Line int
	// Cells holds the visible cells as text: numbers in full, dates as 2006-01-02 or 2006-01-02T15:04:05,
	// formulas as their stored value. It is valid until the next call of Next.
	Cells []string
	// Fault is the first formula error among the visible cells, such as #N/A, or NoValue. It is empty without one.
	Fault string
	// TooLarge is true if the row holds more than 2 MiB of text; then Cells is empty.
	TooLarge bool
}

// NoValue is the Fault of a formula whose value is not stored in the file.
const NoValue = "no value"

// Book is one sheet of an open workbook.
type Book struct {
	// Format is "xlsx" or "ods".
	Format string
	// Sheet is the name of the sheet that is read.
	Sheet string
	// OtherSheets lists the names of the visible sheets that are not read.
	OtherSheets []string

	rows   rowReader
	skip   Skipped
	hidden [maxColumns]bool // the columns of skip
	text   int64
}

// Skipped lists the hidden rows and columns that Next leaves out.
type Skipped struct {
	Rows    []int    // numbers of the first 20 hidden rows that hold text
	RowsAll int      // how many hidden rows hold text
	Columns []string // letters of the hidden columns that hold text in a visible row
}

// Error says why a workbook cannot be read.
type Error struct {
	Why say.Phrase // what is wrong, and what to do
}

func (e *Error) Error() string { return e.Why.String() }

func refuse(why say.Phrase) *Error { return &Error{Why: why} }

// rowReader reads the rows of one format. next returns io.EOF after the last row.
type rowReader interface {
	next() (sheetRow, error)
}

// sheetRow is a row as the format's reader sees it, hidden or not.
type sheetRow struct {
	Row
	hidden        bool
	hiddenColumns []int // those that hold text, from 0
}

// columns knows which columns of a sheet, counted from 0, are hidden.
type columns struct {
	hidden [maxColumns]bool
	places []int // of each column among the visible ones; nil until needed
}

// hide hides the columns from index from to index to-1.
func (c *columns) hide(from, to int) {
	for at := from; at < min(to, maxColumns); at++ {
		if !c.hidden[at] {
			c.hidden[at], c.places = true, nil
		}
	}
}

// isHidden reports whether a column is hidden.
func (c *columns) isHidden(at int) bool { return at < maxColumns && c.hidden[at] }

// put stores the text of a visible column in its place among the visible cells of a row.
func (c *columns) put(cells []string, at int, text string) []string {
	if c.places == nil {
		c.places = make([]int, maxColumns)
		place := 0
		for i, hidden := range c.hidden {
			c.places[i] = place
			if !hidden {
				place++
			}
		}
	}
	for len(cells) <= c.places[at] {
		cells = append(cells, "")
	}
	cells[c.places[at]] = text
	return cells
}

// Is reports whether head, the first bytes of a file, is the start of a ZIP archive or an OLE container. Open reads
// such a file or says what it is.
func Is(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, ole)
}

// ole is the signature of an OLE container: MS-CFB 2.2.
var ole = []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")

// Open opens the workbook of size bytes in r and chooses its sheet: the one called name in any case of letters, or
// the first visible one if name is empty. The error is an *Error, or the one that reading r returned.
func Open(r io.ReaderAt, size int64, name string) (*Book, error) {
	head := make([]byte, min(size, 4096))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.HasPrefix(head, ole) {
		return nil, refuseOLE(r, size)
	}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, refuse(say.Phrase{Code: say.BookCut})
	}
	a := &parts{zip: archive}
	switch kind, other := a.kind(); kind {
	case kindODS:
		return openODS(a, name)
	case kindXLSX:
		return openXLSX(a, name)
	default:
		return nil, refuse(say.Phrase{Code: other})
	}
}

// Next returns the next visible row, blank ones included. The error is io.EOF after the last row, or an *Error.
func (b *Book) Next() (Row, error) {
	for {
		row, err := b.rows.next()
		if err != nil {
			return Row{}, err
		}
		if row.Line > maxRows {
			return Row{}, refuse(say.Phrase{Code: say.BookRows, Text: strconv.Quote(b.Sheet), N: row.Line, M: maxRows})
		}
		for _, c := range row.Cells {
			b.text += int64(len(c))
		}
		if b.text > maxText {
			return Row{}, refuse(say.Phrase{Code: say.BookTooMuchText, Text: strconv.Quote(b.Sheet), N: maxText >> 20})
		}
		if row.hidden {
			if slices.ContainsFunc(row.Cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
				b.skip.RowsAll++
				if len(b.skip.Rows) < 20 {
					b.skip.Rows = append(b.skip.Rows, row.Line)
				}
			}
			continue
		}
		for _, c := range row.hiddenColumns {
			if !b.hidden[c] {
				b.hidden[c] = true
				b.skip.Columns = append(b.skip.Columns, columnName(c))
			}
		}
		return row.Row, nil
	}
}

// Skipped returns what Next has left out so far.
func (b *Book) Skipped() Skipped { return b.skip }

// choose returns the index of the sheet called name, or of the first visible sheet if name is empty.
func choose(sheets []sheetInfo, name string) (int, *Error) {
	visible := make([]string, 0, len(sheets))
	for _, s := range sheets {
		if !s.hidden {
			visible = append(visible, strconv.Quote(s.name))
		}
	}
	for i, s := range sheets {
		if (name == "" && !s.hidden) || (name != "" && strings.EqualFold(s.name, name)) {
			return i, nil
		}
	}
	if name == "" {
		return 0, refuse(say.Phrase{Code: say.BookNoVisible})
	}
	return 0, refuse(say.Phrase{Code: say.BookNoSheet, Text: strconv.Quote(name), Place: strings.Join(visible, ", ")})
}

type sheetInfo struct {
	name   string
	hidden bool
	part   string // of .xlsx
}

// others returns the names of the visible sheets beside the chosen one.
func others(sheets []sheetInfo, chosen int) []string {
	var names []string
	for i, s := range sheets {
		if i != chosen && !s.hidden {
			names = append(names, s.name)
		}
	}
	return names
}

// parts are the files in the archive.
type parts struct {
	zip *zip.Reader
}

// The formats that Open reads.
const (
	kindXLSX = "xlsx"
	kindODS  = "ods"
)

// kind returns the format of the archive, or "" and the code that says what else it is.
func (a *parts) kind() (kind string, other say.Code) {
	if text, err := a.read("mimetype", 200); err == nil {
		switch {
		case bytes.HasPrefix(text, []byte("application/vnd.oasis.opendocument.spreadsheet")):
			return kindODS, ""
		case bytes.HasPrefix(text, []byte("application/vnd.oasis.opendocument")):
			return "", say.BookNoTable
		}
	}
	switch {
	case a.has("xl/workbook.bin"):
		return "", say.BookBinary
	case path.Base(a.workbookPart()) == "workbook.xml" && a.has(a.workbookPart()):
		return kindXLSX, ""
	case a.has("Index/Document.iwa"), a.has("Index.zip"):
		return "", say.BookNumbers
	case a.has("word/document.xml"):
		return "", say.BookWord
	}
	return "", say.BookZip
}

func (a *parts) find(name string) *zip.File {
	name = strings.TrimPrefix(path.Clean(name), "/")
	for _, f := range a.zip.File {
		if strings.EqualFold(strings.TrimPrefix(f.Name, "/"), name) {
			return f
		}
	}
	return nil
}

func (a *parts) has(name string) bool { return a.find(name) != nil }

// open opens a part that unpacks to at most limit bytes.
func (a *parts) open(name string, limit int64) (*bounded, error) {
	f := a.find(name)
	if f == nil {
		return nil, refuse(say.Phrase{Code: say.BookNoPart, Text: name})
	}
	if f.UncompressedSize64 > uint64(limit) { //nolint:gosec // never negative
		return nil, tooLarge(name, limit)
	}
	r, err := f.Open()
	if err != nil {
		return nil, refuse(say.Phrase{Code: say.BookLocked, Text: name})
	}
	return &bounded{ReadCloser: r, name: name, limit: limit, left: limit}, nil
}

// read returns a whole part of at most limit bytes.
func (a *parts) read(name string, limit int64) ([]byte, error) {
	r, err := a.open(name, limit)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // nothing was written
	return io.ReadAll(r)
}

func tooLarge(name string, limit int64) *Error {
	return refuse(say.Phrase{Code: say.BookUnpacks, Text: name, N: int(limit >> 20)})
}

// bounded fails if a part unpacks to more than its limit, whatever size the archive declares, or if one token of the
// part is longer than maxToken.
type bounded struct {
	io.ReadCloser
	name  string
	limit int64
	left  int64
	since int // bytes read since the last token
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, tooLarge(b.name, b.limit)
	}
	if b.since += n; b.since > maxToken {
		return 0, refuse(say.Phrase{Code: say.BookLongText, Text: b.name, N: maxToken >> 20})
	}
	if err != nil && err != io.EOF { //nolint:errorlint // only a bare EOF is an end
		err = refuse(say.Phrase{Code: say.BookPacked, Text: b.name})
	}
	return n, err
}

// refuseOLE returns an *Error that says what an OLE container is: an encrypted workbook or an old format.
func refuseOLE(r io.ReaderAt, size int64) error {
	// The stream EncryptedPackage. Names of streams are UTF-16.
	encrypted := []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")
	found, err := contains(io.NewSectionReader(r, 0, size), encrypted)
	switch {
	case err != nil:
		return err
	case found:
		return refuse(say.Phrase{Code: say.BookEncrypted})
	}
	return refuse(say.Phrase{Code: say.BookOld})
}

// contains reports whether r holds word, reading it in blocks that overlap.
func contains(r io.Reader, word []byte) (bool, error) {
	block := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := io.ReadFull(r, block[kept:])
		if bytes.Contains(block[:kept+n], word) {
			return true, nil
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return false, nil
		case err != nil:
			return false, err
		}
		kept = copy(block, block[len(block)-len(word)+1:])
	}
}

// columnName returns the letters of a column counted from 0: A, Z, AA.
func columnName(i int) string {
	var name []byte
	for i++; i > 0; i = (i - 1) / 26 {
		name = append(name, byte('A'+(i-1)%26))
	}
	slices.Reverse(name)
	return string(name)
}
