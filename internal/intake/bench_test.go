package intake_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// BenchmarkRead reads and checks the same rows of ten phones as CSV and from workbooks.
func BenchmarkRead(b *testing.B) {
	const rows = 10_000
	for _, kind := range []struct {
		name string
		file []byte
	}{
		{"csv", benchmarkCSV(rows)},
		{"xlsx", benchmarkXLSX(b, rows)},
		{"ods", benchmarkODS(b, rows)},
	} {
		b.Run(kind.name, func(b *testing.B) {
			for b.Loop() {
				n := 0
				for row, err := range intake.Read(b.Context(), bytes.NewReader(kind.file), intake.Options{OneRowIs: "group", TempDir: b.TempDir()}) {
					if err != nil {
						b.Fatal(err)
					}
					if _, fault := intake.Check(row.Request, intake.Rules{Now: time.Now()}); fault != nil {
						b.Fatal(fault)
					}
					n++
				}
				if n != rows {
					b.Fatalf("got %d rows, want %d", n, rows)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
		})
	}
}

const benchmarkPhones = 10

func benchmarkPhone(row, i int) string {
	return fmt.Sprintf("55449%08d", (row*benchmarkPhones+i)%100_000_000)
}

// benchmarkCSV returns a file with one column per phone.
func benchmarkCSV(rows int) []byte {
	var out bytes.Buffer
	out.WriteString("groupName")
	for i := range benchmarkPhones {
		fmt.Fprintf(&out, ";phone%d", i+1)
	}
	for r := range rows {
		fmt.Fprintf(&out, "\nTurma %d", r)
		for i := range benchmarkPhones {
			out.WriteString(";" + benchmarkPhone(r, i))
		}
	}
	return out.Bytes()
}

// benchmarkXLSX returns a workbook with shared strings, as spreadsheet programs write it.
func benchmarkXLSX(b *testing.B, rows int) []byte {
	var strings, sheet bytes.Buffer
	n := 0
	put := func(text string) {
		fmt.Fprintf(&strings, "<si><t>%s</t></si>", text)
		fmt.Fprintf(&sheet, `<c t="s"><v>%d</v></c>`, n)
		n++
	}
	sheet.WriteString(`<row r="1">`)
	put("groupName")
	for i := range benchmarkPhones {
		put("phone" + strconv.Itoa(i+1))
	}
	for r := range rows {
		fmt.Fprintf(&sheet, `</row><row r="%d">`, r+2)
		put("Turma " + strconv.Itoa(r))
		for i := range benchmarkPhones {
			put(benchmarkPhone(r, i))
		}
	}
	sheet.WriteString("</row>")
	return testutil.Zip(b, zip.Deflate,
		"_rels/.rels", `<Relationships><Relationship Id="r" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml", `<workbook><sheets><sheet name="T" sheetId="1" r:id="a"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="a" Type="http://x/worksheet" Target="worksheets/s.xml"/><Relationship Id="s" Type="http://x/sharedStrings" Target="strings.xml"/></Relationships>`,
		"xl/strings.xml", "<sst>"+strings.String()+"</sst>",
		"xl/worksheets/s.xml", "<worksheet><sheetData>"+sheet.String()+"</sheetData></worksheet>")
}

func benchmarkODS(b *testing.B, rows int) []byte {
	var table bytes.Buffer
	put := func(text string) {
		fmt.Fprintf(&table, `<table:table-cell office:value-type="string"><text:p>%s</text:p></table:table-cell>`, text)
	}
	table.WriteString(`<table:table-row>`)
	put("groupName")
	for i := range benchmarkPhones {
		put("phone" + strconv.Itoa(i+1))
	}
	for r := range rows {
		table.WriteString(`</table:table-row><table:table-row>`)
		put("Turma " + strconv.Itoa(r))
		for i := range benchmarkPhones {
			put(benchmarkPhone(r, i))
		}
	}
	return testutil.Zip(b, zip.Deflate, "mimetype", "application/vnd.oasis.opendocument.spreadsheet",
		"content.xml", `<office:document-content><office:body><office:spreadsheet><table:table table:name="T">`+table.String()+`</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>`)
}
