package intake_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func workbookOf(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "workbooks", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestRead_WorkbookOfEveryProgram reads one list of people as LibreOffice, gnumeric and openpyxl write it: a
// title, numbers as numbers and as text, a column of area codes (DDD), dates, a failed formula, a hidden row, a total.
func TestRead_WorkbookOfEveryProgram(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"libreoffice.xlsx", "libreoffice.ods", "gnumeric.xlsx", "gnumeric.ods", "openpyxl.xlsx"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var codes []string
			o := intake.Options{Region: "BR", Zone: time.UTC, TempDir: t.TempDir(), Warn: func(w intake.Warning) { codes = append(codes, w.Code) }}
			rows := rowsOf(t, string(workbookOf(t, name)), o)
			want := "4  !unreadable \n1 Turma 1 [5511900011001 +55 11 90001-1002]\n3 Turma 2 [(11) 900011003 +55 11 90001-1005]\n"
			if diff := cmp.Diff(want, shown(rows)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if got := rows[1].Request.NotBefore; got == nil || !got.Equal(time.Date(2027, 3, 15, 9, 30, 0, 0, time.UTC)) {
				t.Errorf("got notBefore %v, want 2027-03-15 09:30", got)
			}
			if diff := cmp.Diff([]string{"otherSheets", "title", "totals", "hiddenRows"}, codes); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			_, err := readAll(t, string(workbookOf(t, name)), intake.Options{Sheet: "Notas"})
			if err == nil || !strings.Contains(err.Error(), "no column we know") {
				t.Errorf("sheet Notas: got %v, want an error about its header", err)
			}
		})
	}
}

// xlsxOf packs the rows of a sheet, and parts beside it, into a workbook.
func xlsxOf(t testing.TB, rows string, parts ...string) []byte {
	t.Helper()
	return testutil.Zip(t, zip.Store, append([]string{
		"_rels/.rels", `<Relationships><Relationship Id="r" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml", `<workbook><sheets><sheet name="T" sheetId="1" r:id="a"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="a" Type="http://x/worksheet" Target="worksheets/s.xml"/></Relationships>`,
		"xl/worksheets/s.xml", `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`,
	}, parts...)...)
}

// xlsxRow is a row of inline texts.
func xlsxRow(cells ...string) string {
	var b strings.Builder
	b.WriteString("<row>")
	for _, c := range cells {
		b.WriteString(`<c t="inlineStr"><is><t>` + c + `</t></is></c>`)
	}
	return b.String() + "</row>"
}

// The cell that breaks the sheet stands behind the part that is read ahead.
func TestRead_NothingBehindTheBreakOfAWorkbookIsRead(t *testing.T) {
	t.Parallel()
	row := func(i int) string {
		return xlsxRow("Turma "+strconv.Itoa(i), "+5511900011001", strings.Repeat("x", 100<<10))
	}
	var sheet strings.Builder
	sheet.WriteString(xlsxRow("Grupo", "Telefones", "Notas"))
	for i := range 12 {
		sheet.WriteString(row(i))
	}
	sheet.WriteString(`<row><c t="s"><v>7</v></c></row>` + row(12) + row(13))
	rows := rowsOf(t, string(xlsxOf(t, sheet.String())), intake.Options{})
	if len(rows) != 13 || !rows[12].Broken || rows[12].Err == nil {
		t.Errorf("got %d rows, the last broken: %t; want 12 and a broken one", len(rows), rows[len(rows)-1].Broken)
	}
}

// A workbook from a pipe is spooled, in memory if it is small. The file is always removed.
func TestRead_LargeWorkbookIsSpooledAndRemoved(t *testing.T) {
	t.Parallel()
	file := xlsxOf(t, xlsxRow("Grupo", "Telefones")+xlsxRow("Turma 1", "+5511900011001"), "filler.bin", strings.Repeat("x", 3<<20))
	dir := t.TempDir()
	left := func() int {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	for row, err := range intake.Read(t.Context(), bytes.NewReader(file), intake.Options{TempDir: dir}) {
		if err != nil || row.Request.GroupName != "Turma 1" {
			t.Fatalf("got %+v, %v", row, err)
		}
		break // a caller that stops early leaves no file either
	}
	cut := io.MultiReader(bytes.NewReader(file[:2<<20]), iotest.ErrReader(io.ErrUnexpectedEOF))
	for _, err := range intake.Read(t.Context(), cut, intake.Options{TempDir: dir}) {
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("a body that broke off: got %v, want io.ErrUnexpectedEOF", err)
		}
	}
	for _, err := range intake.Read(t.Context(), bytes.NewReader(file[:2<<20]), intake.Options{TempDir: dir}) {
		if err == nil || !strings.Contains(err.Error(), "damaged or cut off") {
			t.Errorf("a file that ends early: got %v, want that it is damaged or cut off", err)
		}
	}
	if n := left(); n > 0 {
		t.Errorf("%d files are left in the temporary directory", n)
	}
}

func TestRead_DamagedWorkbookEndsWithAnUnreadableRow(t *testing.T) {
	t.Parallel()
	// So many rows that the first ones are returned before the damage is read.
	var rows strings.Builder
	rows.WriteString(xlsxRow("Grupo", "Telefones"))
	for i := range 20_000 {
		rows.WriteString(xlsxRow("Turma "+strconv.Itoa(i+1), "+5511900011001, +5511900011002, +5511900011003, +5511900011004"))
	}
	got := rowsOf(t, string(xlsxOf(t, rows.String()+"<row><c>&broken")), intake.Options{TempDir: t.TempDir()})
	last := got[len(got)-1]
	if len(got) != 20_001 || !last.Broken || last.N != 20_001 {
		t.Fatalf("got %d rows, the last %+v; want 20,000 and one that is broken", len(got), last)
	}
	wantCode(t, last.Err, tasks.Unreadable, "")
	wantUnusable(t, string(xlsxOf(t, strings.Replace(rows.String(), "Telefones", "Telefone", 1)+"<row><c>&broken")), intake.Options{TempDir: t.TempDir(), OneRowIs: "person"}, "not valid XML")
}

func TestRead_OneHeaderOverSeveralColumnsOfPhones(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string]string{
		"at the end":    xlsxRow("Turma", "Telefones") + xlsxRow("A", "+5511900011001", "+5511900011002", "+5511900011003"),
		"in the middle": xlsxRow("Turma", "Telefones", "", "", "Cidade") + xlsxRow("A", "+5511900011001", "+5511900011002", "+5511900011003", "Campinas"),
	} {
		want := "1 A [+5511900011001 +5511900011002 +5511900011003]\n"
		if diff := cmp.Diff(want, shown(rowsOf(t, string(xlsxOf(t, rows)), intake.Options{}))); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", name, diff)
		}
	}
	wide := xlsxRow("Turma", "Telefones", "Cidade") + xlsxRow("A", "+5511900011001", "Campinas", "ligar")
	wantCode(t, rowsOf(t, string(xlsxOf(t, wide)), intake.Options{})[0].Err, tasks.Unreadable, "")
}

func TestPhoneList_ReadsAWorkbookOrRefusesItWhole(t *testing.T) {
	t.Parallel()
	list := func(file []byte) (phones []string, err error) {
		for p, e := range intake.PhoneList(t.Context(), bytes.NewReader(file), intake.Options{TempDir: t.TempDir()}) {
			if err = e; err != nil {
				break
			}
			phones = append(phones, p.Text)
		}
		return phones, err
	}
	people := xlsxRow("Quem saiu") + xlsxRow("Nome", "Telefone") + xlsxRow("Ana", "5511900011001") + xlsxRow("Bia", "5511900011002")
	got, err := list(xlsxOf(t, people))
	if diff := cmp.Diff([]string{"5511900011001", "5511900011002"}, got); diff != "" || err != nil {
		t.Errorf("got the error %v; phones (-want +got):\n%s", err, diff)
	}
	for name, c := range map[string]struct{ more, want string }{
		"a hidden row":     {`<row hidden="1"><c t="inlineStr"><is><t>Caio</t></is></c></row>`, "hides rows"},
		"a failed formula": {`<row><c t="e"><v>#REF!</v></c></row>`, "formula that failed"},
	} {
		if _, err := list(xlsxOf(t, people+c.more)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}
