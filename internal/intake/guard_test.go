package intake_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

// hostile are texts that a spreadsheet program could read as formulas, with one separator or another.
var hostile = []string{
	"=1+41", "x;=1+41;y", "x,=1+41,y", "x\t=1+41\ty", "x|=1+41|y", "x\n=1+41\ny", `x;"=1+41";y`, `x"; =1+41`, "＝1+41", "x;＝1+41",
	"@SUM(1)", "-1+1", "x;+1+cmd", "'=1", "x;'=1", `"=1+41"`,
}

func hostileExport(t testing.TB) string {
	t.Helper()
	records := make([]intake.Record, len(hostile))
	for i, text := range hostile {
		name := strings.NewReplacer("\n", " ", "\t", " ").Replace(text) // a name has no line breaks
		records[i] = intake.Record{
			Request: tasks.GroupRequest{GroupName: name, Phones: []tasks.Phone{"+5544999999991", "+5544999999992"}, ExternalRef: strings.ReplaceAll(text, "\n", " "), InviteMessage: text},
			Outcome: []string{text, text},
		}
	}
	return export(t, intake.CSV, records...)
}

func TestWriter_GuardedTextComesBackAsItWas(t *testing.T) {
	t.Parallel()
	rows := rowsOf(t, hostileExport(t), intake.Options{})
	if len(rows) != len(hostile) {
		t.Fatalf("got %d rows, want %d", len(rows), len(hostile))
	}
	for i, row := range rows {
		if row.Err != nil || row.Request.InviteMessage != hostile[i] || len(row.Request.Phones) != 2 || row.Request.Phones[1] != "+5544999999992" {
			t.Fatalf("%q came back as %q with %q, %v", hostile[i], row.Request.InviteMessage, row.Request.Phones, row.Err)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`[='+\-@;,|"\n 1a＝]{0,12}z`).Draw(rt, "text")
		text = strings.TrimSpace(text)
		rows := rowsOf(t, export(rt, intake.CSV, intake.Record{
			Request: tasks.GroupRequest{GroupName: "x", Phones: []tasks.Phone{"+5544999999991"}, InviteMessage: text}, Outcome: []string{"", ""},
		}), intake.Options{})
		if len(rows) != 1 || rows[0].Request.InviteMessage != text {
			rt.Errorf("%q came back as %q", text, rows[0].Request.InviteMessage)
		}
	})
}

// TestWriter_NoSeparatorMakesAFormula splits an export with each separator, as programs do: a quote opens a cell only
// at the beginning of the cell.
func TestWriter_NoSeparatorMakesAFormula(t *testing.T) {
	t.Parallel()
	for _, comma := range ",;\t|" {
		r := csv.NewReader(strings.NewReader(hostileExport(t)))
		r.Comma, r.LazyQuotes, r.FieldsPerRecord = comma, true, -1
		records, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range records {
			for _, cell := range record {
				if strings.ContainsRune("=@＝＠", firstRune(strings.TrimLeft(cell, `" `))) {
					t.Errorf("with the separator %q a cell begins like a formula: %q", comma, cell)
				}
			}
		}
	}
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return ' '
}
