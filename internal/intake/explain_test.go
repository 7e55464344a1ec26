package intake_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/intake"
)

func explain(t *testing.T, input, region string) intake.Explanation {
	t.Helper()
	e, err := intake.Explain(t.Context(), strings.NewReader(input), intake.Options{Region: region}, 3, intake.Rules{Region: region, Now: now()})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAnExplanationTellsWhatWasGuessed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, input                          string
		format, encoding, separator, aLineIs string
		columns                              []intake.ExplainedColumn
	}{
		{
			"a spreadsheet", "Turma;Telefones;Unidade;rollcall_status\nA;+5544999999991;Campinas;done\n", intake.CSV, "ASCII", ";", "group",
			[]intake.ExplainedColumn{{Header: "Turma", Field: "groupName"}, {Header: "Telefones", Field: "phones"}, {Header: "Unidade", Field: "metadata", Key: "Unidade"}, {Header: "rollcall_status"}},
		},
		{
			"one person a line", "\xef\xbb\xbfgroupName\tphone\tname\nA\t+5544999999991\tAna\n", intake.CSV, "UTF-8 with BOM", "\t", "person",
			[]intake.ExplainedColumn{{Header: "groupName", Field: "groupName"}, {Header: "phone", Field: "phone"}, {Header: "name", Field: "names"}},
		},
		{
			"Western", "groupName,phones\nTurma S\xe3o,+5544999999991\n", intake.CSV, "Windows-1252", ",", "group",
			[]intake.ExplainedColumn{{Header: "groupName", Field: "groupName"}, {Header: "phones", Field: "phones"}},
		},
		{
			"UTF-8", "groupName,phones\nTurma São,+5544999999991\n", intake.CSV, "UTF-8", ",", "group",
			[]intake.ExplainedColumn{{Header: "groupName", Field: "groupName"}, {Header: "phones", Field: "phones"}},
		},
		{"JSON", `{"groupName": "A", "phones": ["+5544999999991"]}`, intake.JSON, "UTF-8", "", "", []intake.ExplainedColumn{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := explain(t, c.input, "")
			if e.Format != c.format || e.Encoding != c.encoding || e.Separator != c.separator || e.ALineIs != c.aLineIs {
				t.Errorf("got %s, %s, %q, %q", e.Format, e.Encoding, e.Separator, e.ALineIs)
			}
			if diff := cmp.Diff(c.columns, e.Columns); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
			if len(e.Rows) != 1 || e.Rows[0].Error != nil || e.More {
				t.Errorf("rows %+v", e.Rows)
			}
		})
	}
}

func TestAnExplanationShowsWhoTheFirstRowsAskFor(t *testing.T) {
	t.Parallel()
	e := explain(t, "groupName;phones\nA;(44) 99999-9991, 12\nB;\nC;+5544999999993\nD;+5544999999994\n", "BR")
	if len(e.Rows) != 3 || !e.More {
		t.Fatalf("got %d rows, more: %v; want the first three", len(e.Rows), e.More)
	}
	people := e.Rows[0].People
	if len(people) != 2 || people[0].Phone != "+5544999999991" || people[1].Phone != "" || people[1].Error == "" {
		t.Errorf("people %+v", people)
	}
	if e.Rows[1].Error == nil || e.Rows[1].Error.Code != "noPhones" {
		t.Errorf("row 2: %+v, want noPhones", e.Rows[1].Error)
	}
}
