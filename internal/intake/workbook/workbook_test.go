package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// rowsOf returns all rows of a workbook.
func rowsOf(t *testing.T, file []byte, sheet string) ([]Row, *Book) {
	t.Helper()
	book, err := Open(bytes.NewReader(file), int64(len(file)), sheet)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := drain(book)
	if err != nil {
		t.Fatal(err)
	}
	return rows, book
}

func drain(book *Book) ([]Row, error) {
	var rows []Row
	for {
		row, err := book.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		row.Cells = append([]string(nil), row.Cells...)
		rows = append(rows, row)
	}
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

const (
	relTypes = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	rootRels = `<Relationships><Relationship Id="r" Type="` + relTypes + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	bookRels = `<Relationships><Relationship Id="a" Type="` + relTypes + `/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="s" Type="` + relTypes + `/styles" Target="/xl/styles.xml"/>` +
		`<Relationship Id="t" Type="` + relTypes + `/sharedStrings" Target="sharedStrings.xml"/>` +
		`<Relationship Id="x" Type="` + relTypes + `/externalLink" Target="http://192.0.2.1/book.xlsx" TargetMode="External"/></Relationships>`
)

// sheetXLSX returns an .xlsx file with one sheet.
func sheetXLSX(t testing.TB, properties, sheet, strings string) []byte {
	t.Helper()
	return testutil.Zip(t, zip.Deflate,
		"_rels/.rels", rootRels,
		"xl/workbook.xml", `<workbook>`+properties+`<sheets><sheet name="Turmas" sheetId="1" r:id="a"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", bookRels,
		"xl/styles.xml", `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/><numFmt numFmtId="165" formatCode="&quot;dia &quot;0"/></numFmts>`+
			`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml", `<sst>`+strings+`</sst>`,
		"xl/worksheets/sheet1.xml", `<worksheet>`+sheet+`</worksheet>`)
}

// sheetODS returns an .ods file with the given tables.
func sheetODS(t testing.TB, tables string) []byte {
	t.Helper()
	return testutil.Zip(t, zip.Deflate, "mimetype", "application/vnd.oasis.opendocument.spreadsheet",
		"content.xml", `<office:document-content><office:automatic-styles><style:style style:name="ta1"><style:table-properties table:display="true"/></style:style>`+
			`<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style></office:automatic-styles>`+
			`<office:body><office:spreadsheet>`+tables+`</office:spreadsheet></office:body></office:document-content>`)
}

func TestOpen_ReadsWhatSpreadsheetProgramsWrite(t *testing.T) {
	t.Parallel()
	want := []Row{
		{Line: 1, Cells: []string{"Turma", "Telefone 1", "Telefone 2", "Início"}},
		{Line: 2, Cells: []string{"Turma 1", "5511987650051", "+55 11 98765-0052", "2026-11-28"}},
		{Line: 3, Cells: []string{"Turma 2", "5511987650053", "", "2026-11-28T09:30:00"}},
		{Line: 5, Cells: []string{"Turma 1 b", "5511987650055"}},
		{Line: 6, Cells: []string{"Turma\n5", "5511987650056"}},
		{Line: 8, Cells: []string{"M", "5511987650057"}},
		{Line: 9, Cells: []string{"", "5511987650058"}},
	}
	for _, name := range []string{"openpyxl.xlsx", "gnumeric.xlsx", "gnumeric.ods", "libreoffice.xlsx", "libreoffice.ods"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, book := rowsOf(t, fixture(t, name), "")
			var full []Row
			for _, r := range rows {
				if len(r.Cells) > 0 {
					full = append(full, r)
				}
			}
			want := want
			if name == "openpyxl.xlsx" { // openpyxl stores formulas without their values
				want = append([]Row(nil), want...)
				want[3] = Row{Line: 5, Cells: []string{"", "5511987650055"}, Fault: NoValue}
			}
			if diff := cmp.Diff(want, full); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			others := []string{"Notas"}
			if name == "gnumeric.xlsx" { // gnumeric does not mark a hidden sheet of an .xlsx as hidden
				others = append(others, "Escondida")
			}
			if book.Sheet != "Turmas" || !cmp.Equal(book.OtherSheets, others) {
				t.Errorf("got the sheet %q and the others %q, want Turmas and %q", book.Sheet, book.OtherSheets, others)
			}
			if diff := cmp.Diff(Skipped{Rows: []int{4}, RowsAll: 1, Columns: []string{"E"}}, book.Skipped()); diff != "" {
				t.Errorf("skipped (-want +got):\n%s", diff)
			}
		})
	}
}

func TestXLSX_ReadsCellsAsText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, properties, cell, want string }{
		{name: "a whole number", cell: `<c r="A1"><v>5511987650051</v></c>`, want: "5511987650051"},
		{name: "a number in pieces", cell: `<c r="A1"><v>5511<!-- a comment -->987<![CDATA[650051]]></v></c>`, want: "5511987650051"},
		{name: "an exact exponent", cell: `<c r="A1"><v>5.511987650051E12</v></c>`, want: "5511987650051"},
		{name: "a whole number as a float", cell: `<c r="A1"><v>5511987650051.0</v></c>`, want: "5511987650051"},
		{name: "a fraction", cell: `<c r="A1"><v>5511987650.5</v></c>`, want: "5511987650.5"},
		{name: "more than fifteen digits", cell: `<c r="A1"><v>1.2345678901234567E16</v></c>`, want: "1.2345678901234567E16"},
		{name: "a date by a built-in format", cell: `<c r="A1" s="1"><v>46354</v></c>`, want: "2026-11-28"},
		{name: "a date by a custom format", cell: `<c r="A1" s="2"><v>46354</v></c>`, want: "2026-11-28"},
		{name: "a moment", cell: `<c r="A1" s="4"><v>46354.395833333336</v></c>`, want: "2026-11-28T09:30:00"},
		{name: "a date counted from 1904", properties: `<workbookPr date1904="1"/>`, cell: `<c r="A1" s="1"><v>44892</v></c>`, want: "2026-11-28"},
		{name: "a number whose format quotes a d", cell: `<c r="A1" s="3"><v>46354</v></c>`, want: "46354"},
		{name: "a shared text", cell: `<c r="A1" t="s"><v>0</v></c>`, want: "Turma 1"},
		{name: "runs, without phonetic text", cell: `<c r="A1" t="s"><v>1</v></c>`, want: "東京 2"},
		{name: "an escaped line break", cell: `<c r="A1" t="s"><v>2</v></c>`, want: "a\rb"},
		{name: "an inline text", cell: `<c r="A1" t="inlineStr"><is><t xml:space="preserve"> Turma </t></is></c>`, want: " Turma "},
		{name: "a formula's text", cell: `<c r="A1" t="str"><f>A2&amp;"x"</f><v>Turma x</v></c>`, want: "Turma x"},
		{name: "a formula's number", cell: `<c r="A1"><f>1+1</f><v>2</v></c>`, want: "2"},
		{name: "true", cell: `<c r="A1" t="b"><v>1</v></c>`, want: "TRUE"},
		{name: "a date that is no number", cell: `<c r="A1" s="1"><v>NaN</v></c>`, want: "NaN"},
		{name: "an ISO date", cell: `<c r="A1" t="d"><v>2026-11-28T09:00:00</v></c>`, want: "2026-11-28T09:00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := sheetXLSX(t, c.properties, `<sheetData><row r="1">`+c.cell+`</row></sheetData>`,
				`<si><t>Turma 1</t></si><si><r><t>東京</t></r><rPh sb="0" eb="2"><t>とうきょう</t></rPh><r><t> 2</t></r></si><si><t>a_x000D_b</t></si>`)
			rows, _ := rowsOf(t, file, "")
			if len(rows) != 1 || len(rows[0].Cells) != 1 || rows[0].Cells[0] != c.want {
				t.Errorf("got %+v, want one cell %q", rows, c.want)
			}
		})
	}
}

func TestXLSX_PlacesCellsByTheirReferences(t *testing.T) {
	t.Parallel()
	file := sheetXLSX(t, "", `<cols><col min="2" max="3" hidden="1"/></cols><sheetData>`+
		`<row><c><v>1</v></c><c><v>2</v></c><c r="D1"><v>4</v></c></row>`+
		`<row r="7" hidden="1"><c r="A7"><v>1</v></c></row><row r="8"><c r="E8" t="e"><v>#N/A</v></c></row></sheetData>`, "")
	rows, book := rowsOf(t, file, "turmas")
	want := []Row{{Line: 1, Cells: []string{"1", "4"}}, {Line: 8, Cells: []string{"", "", "#N/A"}, Fault: "#N/A"}}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Skipped{Rows: []int{7}, RowsAll: 1, Columns: []string{"B"}}, book.Skipped()); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}

func TestXLSX_HiddenColumnsThatOverlapCountOnce(t *testing.T) {
	t.Parallel()
	for _, cols := range []string{
		`<col min="2" max="3" hidden="1"/><col min="1" max="3" hidden="1"/>`,
		`<col min="0" max="3" hidden="1"/>`,
	} {
		file := sheetXLSX(t, "", `<cols>`+cols+`</cols><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="D1"><v>4</v></c></row></sheetData>`, "")
		rows, book := rowsOf(t, file, "")
		if diff := cmp.Diff([]Row{{Line: 1, Cells: []string{"4"}}}, rows); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", cols, diff)
		}
		if got := book.Skipped().Columns; !cmp.Equal(got, []string{"A"}) {
			t.Errorf("%s: got the hidden columns %v, want A", cols, got)
		}
	}
}

// A file of some hundred bytes repeats a row of 16,383 hidden cells a million times.
func TestODS_ARepeatedRowNamesItsHiddenColumnsOnce(t *testing.T) { //nolint:paralleltest // it counts allocations
	file := sheetODS(t, `<table:table table:name="T"><table:table-column/><table:table-column table:number-columns-repeated="16383" table:visibility="collapse"/>`+
		`<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="string" table:number-columns-repeated="16384"><text:p>a</text:p></table:table-cell></table:table-row></table:table>`)
	book, err := Open(bytes.NewReader(file), int64(len(file)), "")
	if err != nil {
		t.Fatal(err)
	}
	if row, err := book.Next(); err != nil || !cmp.Equal(row.Cells, []string{"a"}) {
		t.Fatalf("got the cells %q, %v; want the visible one", row.Cells, err)
	}
	if n := testing.AllocsPerRun(2, func() { _, err = book.Next() }); n > 1 || err != nil {
		t.Errorf("a repeated row takes %v allocations, %v; want none for its hidden columns", n, err)
	}
	if got := book.Skipped().Columns; len(got) != 16383 || got[0] != "B" || got[16382] != "XFD" {
		t.Errorf("got %d hidden columns, want B to XFD", len(got))
	}
}

func TestXLSX_CellsShareAText(t *testing.T) { //nolint:paralleltest // it counts allocations
	s := &stringTable{}
	s.text.WriteString(strings.Repeat("x", 1<<20))
	s.ends = append(s.ends, 1<<20)
	var text string
	if n := testing.AllocsPerRun(2, func() { text, _ = s.at(0) }); n != 0 || len(text) != 1<<20 {
		t.Errorf("a cell with a text of 1 MiB: %v copies of %d bytes, want none", n, len(text))
	}
}

func TestODS_ListsABoundedNumberOfTables(t *testing.T) {
	t.Parallel()
	hidden, visible := `<style:style style:name="s%d"><style:table-properties table:display="false"/></style>`, `<table:table table:name="T"/>`
	var styles strings.Builder
	for i := range 2 * maxSheets {
		fmt.Fprintf(&styles, hidden, i)
	}
	file := sheetODS(t, styles.String()+strings.Repeat(visible, 2*maxSheets))
	book, err := Open(bytes.NewReader(file), int64(len(file)), "")
	if err != nil {
		t.Fatal(err)
	}
	if got := len(book.OtherSheets) + 1; got != maxSheets {
		t.Errorf("%d tables: %d are listed, want %d", 2*maxSheets, got, maxSheets)
	}
}

func TestODS_AHugeRepeatEndsTheRow(t *testing.T) {
	t.Parallel()
	const huge = ` table:number-columns-repeated="9223372036854775807"`
	text := `<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>`
	file := sheetODS(t, `<table:table table:name="T"><table:table-column/><table:table-column`+huge+`/><table:table-column table:visibility="collapse"/>`+
		`<table:table-row>`+text+`<table:table-cell`+huge+`/>`+text+`</table:table-row></table:table>`)
	rows, _ := rowsOf(t, file, "")
	if diff := cmp.Diff([]Row{{Line: 1, Cells: []string{"a"}}}, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestODS_ARunOfSpacesIsBounded(t *testing.T) {
	t.Parallel()
	cell := `<table:table-cell office:value-type="string"><text:p>` + strings.Repeat(`<text:s text:c="1000"/>`, 100_000) + `</text:p></table:table-cell>`
	archive, err := zip.NewReader(bytes.NewReader(sheetODS(t, cell)), int64(len(sheetODS(t, cell))))
	if err != nil {
		t.Fatal(err)
	}
	in, err := (&parts{zip: archive}).tokens(contentPart, maxSheet)
	if err != nil {
		t.Fatal(err)
	}
	for {
		token, err := in.next()
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "table-cell" {
			break
		}
	}
	if text, err := (&ods{in: in}).paragraphs(); err != nil || len(text) > maxRow+1000 {
		t.Errorf("got a text of %d bytes, %v; want little more than the %d that a row may hold", len(text), err, maxRow)
	}
}

func TestODS_ReadsCellsAsText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, cell, want string }{
		{name: "a whole number", cell: `<table:table-cell office:value-type="float" office:value="5511987650051"><text:p>5,51E+12</text:p></table:table-cell>`, want: "5511987650051"},
		{name: "a date", cell: `<table:table-cell office:value-type="date" office:date-value="2026-11-28"><text:p>28/11/26</text:p></table:table-cell>`, want: "2026-11-28"},
		{name: "a moment", cell: `<table:table-cell office:value-type="date" office:date-value="2026-11-28T09:30:00"><text:p>x</text:p></table:table-cell>`, want: "2026-11-28T09:30:00"},
		{name: "a time", cell: `<table:table-cell office:value-type="time" office:time-value="PT09H30M00S"><text:p>x</text:p></table:table-cell>`, want: "09:30:00"},
		{name: "a time of more than a day", cell: `<table:table-cell office:value-type="time" office:time-value="PT25H00M10S"><text:p>x</text:p></table:table-cell>`, want: "25:00:10"},
		{name: "true", cell: `<table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>VERDADEIRO</text:p></table:table-cell>`, want: "TRUE"},
		{name: "text with spaces and two paragraphs", cell: `<table:table-cell office:value-type="string"><text:p>a<text:s text:c="2"/>b<text:line-break/>c</text:p><text:p><text:span>d</text:span></text:p></table:table-cell>`, want: "a  b\nc\nd"},
		{name: "text with a comment", cell: `<table:table-cell office:value-type="string"><office:annotation><text:p>nota</text:p></office:annotation><text:p>a</text:p></table:table-cell>`, want: "a"},
		{name: "a formula's text", cell: `<table:table-cell table:formula="of:=[.A1]" office:value-type="string" office:string-value="Turma x"><text:p>Turma x</text:p></table:table-cell>`, want: "Turma x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rows, _ := rowsOf(t, sheetODS(t, `<table:table table:name="T"><table:table-column/><table:table-row>`+c.cell+`</table:table-row></table:table>`), "")
			if len(rows) != 1 || len(rows[0].Cells) != 1 || rows[0].Cells[0] != c.want {
				t.Errorf("got %+v, want one cell %q", rows, c.want)
			}
		})
	}
}

func TestODS_RepeatsAndHides(t *testing.T) {
	t.Parallel()
	cell := func(text string) string {
		return `<table:table-cell office:value-type="string"><text:p>` + text + `</text:p></table:table-cell>`
	}
	file := sheetODS(t, `<table:table table:name="Hidden" table:style-name="ta2"><table:table-row>`+cell("no")+`</table:table-row></table:table>`+
		`<table:table table:name="Turmas" table:style-name="ta1"><table:shapes><draw:frame><text:p>drawn</text:p></draw:frame></table:shapes>`+
		`<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column table:number-columns-repeated="16382"/>`+
		`<table:table-header-rows><table:table-row>`+cell("a")+cell("b")+cell("c")+`</table:table-row></table:table-header-rows>`+
		`<table:table-row table:number-rows-repeated="2">`+cell("x")+`<table:table-cell table:number-columns-repeated="2"/><table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="7"/><table:table-cell table:number-columns-repeated="16379"/></table:table-row>`+
		`<table:table-row table:visibility="filter">`+cell("filtered")+`</table:table-row>`+
		`<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`+
		`<table:table-row><table:table-cell office:value-type="string" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell><table:covered-table-cell office:value-type="string"><text:p>under</text:p></table:covered-table-cell></table:table-row></table:table>`)
	rows, book := rowsOf(t, file, "")
	want := []Row{
		{Line: 1, Cells: []string{"a", "c"}},
		{Line: 2, Cells: []string{"x", "", "7", "7"}},
		{Line: 3, Cells: []string{"x", "", "7", "7"}},
		{Line: 5},
		{Line: 1_000_005, Cells: []string{"#REF!"}, Fault: "#REF!"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Skipped{Rows: []int{4}, RowsAll: 1, Columns: []string{"B"}}, book.Skipped()); diff != "" || book.Sheet != "Turmas" {
		t.Errorf("sheet %q, want Turmas; skipped (-want +got):\n%s", book.Sheet, diff)
	}
}

func TestOpen_NamesWhatItRefuses(t *testing.T) {
	t.Parallel()
	encrypted := append(append([]byte(nil), ole...), make([]byte, 70<<10)...)
	for _, c := range []byte("EncryptedPackage") {
		encrypted = append(encrypted, c, 0)
	}
	valid := sheetXLSX(t, "", `<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>`, "")
	for _, c := range []struct {
		name  string
		file  []byte
		sheet string
		want  string
	}{
		{name: "xls", file: fixture(t, "turmas.xls"), want: "old Excel format (.xls)"},
		{name: "encrypted xlsx", file: encrypted, want: "encrypted with a password"},
		{name: "encrypted ods", file: testutil.Zip(t, zip.Deflate, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "META-INF/manifest.xml", "<m:encryption-data/>", "content.xml", "x"), want: "encrypted with a password"},
		{name: "xlsb", file: testutil.Zip(t, zip.Deflate, "xl/workbook.bin", ""), want: "(.xlsb)"},
		{name: "numbers", file: testutil.Zip(t, zip.Deflate, "Index/Document.iwa", ""), want: "Apple Numbers"},
		{name: "docx", file: testutil.Zip(t, zip.Deflate, "word/document.xml", ""), want: "Word document"},
		{name: "odt", file: testutil.Zip(t, zip.Deflate, "mimetype", "application/vnd.oasis.opendocument.text"), want: "not a spreadsheet"},
		{name: "zip", file: testutil.Zip(t, zip.Deflate, "a.csv", ""), want: "a ZIP archive, not a workbook"},
		{name: "cut off", file: valid[:len(valid)/2], want: "damaged or cut off"},
		{name: "unknown sheet", file: valid, sheet: "Notas", want: `no sheet called "Notas". The sheets are "Turmas"`},
		{name: "no visible sheet", file: sheetODS(t, `<table:table table:name="H" table:style-name="ta2"></table:table>`), want: "no visible sheet"},
		{name: "broken XML", file: sheetXLSX(t, "", `<sheetData><row r="1"><c r="A1"><v>1</c>&broken</row></sheetData>`, ""), want: "not valid XML"},
		{name: "XML that is cut off", file: testutil.Zip(t, zip.Deflate, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", `<table:table table:name="T"><table:table-row>`), want: "is cut off"},
		{name: "a text that is not there", file: sheetXLSX(t, "", `<sheetData><row r="1"><c r="A1" t="s"><v>7</v></c></row></sheetData>`, ""), want: "a text that is not there"},
		{name: "a row beyond the format's limit", file: sheetXLSX(t, "", `<sheetData><row r="1048577"><c><v>1</v></c></row></sheetData>`, ""), want: "at most 1048576"},
		{name: "a column beyond the format's limit", file: sheetXLSX(t, "", `<sheetData><row r="1"><c r="XFE1"><v>1</v></c></row></sheetData>`, ""), want: "beyond XFD"},
		{name: "a part that unpacks to too much", file: testutil.Zip(t, zip.Deflate, "_rels/.rels", rootRels, "xl/_rels/workbook.xml.rels", bookRels, "xl/workbook.xml", strings.Repeat(" ", maxPart+1)), want: "unpacks to more than 16 MiB"},
		{name: "a text longer than memory should hold", file: sheetXLSX(t, "", `<sheetData><row r="1"><c r="A1" t="str"><v>`+strings.Repeat("9", maxToken+128<<10)+`</v></c></row></sheetData>`, ""), want: "one text of more than 16 MiB"},
		{name: "an element that never ends", file: sheetODS(t, `<table:table table:name="`+strings.Repeat("T", maxToken+128<<10)+`">`), want: "one text of more than 16 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			book, err := Open(bytes.NewReader(c.file), int64(len(c.file)), c.sheet)
			if err == nil {
				_, err = drain(book)
			}
			e, ok := errors.AsType[*Error](err)
			if !ok || !strings.Contains(err.Error(), c.want) || !say.Has(e.Why.Code) {
				t.Errorf("got %v, want an *Error that contains %q", err, c.want)
			}
		})
	}
}

// TestOpen_BoundsWhatASmallFileUnpacksTo reads files of a few KB that unpack to more text than a sheet or a row may hold.
func TestOpen_BoundsWhatASmallFileUnpacksTo(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	file := sheetODS(t, `<table:table table:name="T"><table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="string"><text:p>`+long+`</text:p></table:table-cell></table:table-row></table:table>`)
	if len(file) > 16<<10 {
		t.Fatalf("the file has %d bytes, want a small one", len(file))
	}
	book, err := Open(bytes.NewReader(file), int64(len(file)), "")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; err == nil; n++ {
		_, err = book.Next()
	}
	if !strings.Contains(err.Error(), "more than 2048 MiB of text") || n > 2049 {
		t.Errorf("after %d rows: %v, want an error within 2,049 rows", n, err)
	}
	wide := sheetODS(t, `<table:table table:name="T"><table:table-row><table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>`+long+`</text:p></table:table-cell></table:table-row></table:table>`)
	rows, _ := rowsOf(t, wide, "")
	if len(rows) != 1 || !rows[0].TooLarge || len(rows[0].Cells) != 0 {
		t.Errorf("a row of 16 GiB: got %d rows, want one marked as too large", len(rows))
	}
}

func FuzzOpen(f *testing.F) {
	for _, name := range []string{"openpyxl.xlsx", "gnumeric.xlsx", "gnumeric.ods", "turmas.xls"} {
		f.Add(fixture(f, name))
	}
	f.Fuzz(readAny)
}

// FuzzSheet reads any XML as the sheet and the shared strings of an .xlsx file, and as the tables of an .ods file. FuzzOpen
// seldom gets that far, because a changed file fails the checksums of its ZIP archive.
func FuzzSheet(f *testing.F) {
	f.Add(`<cols><col min="2" max="3" hidden="1"/></cols><sheetData><row r="7"><c r="B7" t="s"><v>0</v></c><c s="1"><v>46354</v></c></row></sheetData>`, `<si><t>a_x000D_</t></si>`)
	f.Add(`<sheetData><row hidden="1"><c r="XFD1" t="inlineStr"><is><t>a</t></is></c><c><f>A1</f><v>5.5E12</v></c></row></sheetData>`, `<si><r><t>a</t></r><rPh><t>b</t></rPh></si>`)
	f.Add(`<table:table table:name="T"><table:table-column table:visibility="collapse" table:number-columns-repeated="3"/><table:table-row table:number-rows-repeated="2">`+
		`<table:table-cell office:value-type="string"><text:p>a<text:s text:c="2"/></text:p></table:table-cell><table:table-cell table:number-columns-repeated="4" office:value-type="time" office:time-value="PT9H"/></table:table-row></table:table>`, "")
	f.Fuzz(func(t *testing.T, sheet, strings string) {
		readAny(t, sheetXLSX(t, "", sheet, strings))
		readAny(t, sheetODS(t, sheet))
	})
}

// readAny reads up to 1,000 rows of any file, which must end with a row, io.EOF or an *Error.
func readAny(t *testing.T, file []byte) {
	t.Helper()
	book, err := Open(bytes.NewReader(file), int64(len(file)), "")
	for n := 0; err == nil && n < 1000; n++ {
		_, err = book.Next()
	}
	if _, ours := errors.AsType[*Error](err); err != nil && !ours && !errors.Is(err, io.EOF) {
		t.Errorf("error %v is neither an *Error nor io.EOF", err)
	}
}
