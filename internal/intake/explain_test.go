package intake_test

import (
	"fmt"
	"slices"
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

func TestExplain_TellsWhatWasGuessed(t *testing.T) {
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
			"one line per person", "\xef\xbb\xbfgroupName\tphone\tname\tadmin\nA\t+5544999999991\tAna\tyes\n", intake.CSV, "UTF-8 with BOM", "\t", "person",
			[]intake.ExplainedColumn{{Header: "groupName", Field: "groupName"}, {Header: "phone", Field: "phone"}, {Header: "name", Field: "names"}, {Header: "admin", Field: "admins"}},
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
				t.Errorf("got the format %s, encoding %s, separator %q, a line is %q; want %s, %s, %q, %q",
					e.Format, e.Encoding, e.Separator, e.ALineIs, c.format, c.encoding, c.separator, c.aLineIs)
			}
			if diff := cmp.Diff(c.columns, e.Columns); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
			if len(e.Rows) != 1 || e.Rows[0].Error != nil || e.More {
				t.Errorf("got the rows %+v, more: %v; want one without an error and no more", e.Rows, e.More)
			}
		})
	}
}

func TestExplain_CountsThePeopleOfRowsThatCanBeRead(t *testing.T) {
	t.Parallel()
	e := explain(t, "group;phone\nA;+5544999999991\nA;+5544999999992\n;+5544999999993\n", "")
	if e.People.Total != 2 {
		t.Errorf("got %d people, want the 2 that a create counts", e.People.Total)
	}
}

func TestExplain_ShowsThePeopleOfTheFirstRows(t *testing.T) {
	t.Parallel()
	e := explain(t, "groupName;phones\nA;(44) 99999-9991, 12\nB;\nC;+5544999999993\nD;+5544999999994\n", "BR")
	if len(e.Rows) != 3 || !e.More {
		t.Fatalf("got %d rows, more: %v; want the first three", len(e.Rows), e.More)
	}
	people := e.Rows[0].People
	if len(people) != 2 || people[0].Phone != "+5544999999991" || people[1].Phone != "" || people[1].Error == "" {
		t.Errorf("got the people %+v, want +5544999999991 and an entry with an error", people)
	}
	if e.Rows[1].Error == nil || e.Rows[1].Error.Code != "noPhones" {
		t.Errorf("row 2: %+v, want noPhones", e.Rows[1].Error)
	}
}

func TestExplain_CountsAllPeopleAndAsksForTheRegion(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("groupName;phones\n")
	for i := range 12 {
		fmt.Fprintf(&file, "G%d;+55119876540%02d\n", i, i)
	}
	file.WriteString("X;51 98765-4321\nY;(11) 98765-4321\nZ;4915112345678\nW;12\n")
	for _, c := range []struct {
		region  string
		want    map[string]int
		unread  int
		message string
		rows    []int
	}{
		{"", map[string]int{"BR": 12, "DE": 1}, 3, "Did you mean --region BR", []int{13, 14, 15, 16}},
		{"BR", map[string]int{"BR": 14, "DE": 1}, 1, "Most numbers are of BR; 1 without +", []int{15}},
		{"US", map[string]int{"BR": 12, "DE": 1}, 3, "Did you mean --region BR", []int{13, 14, 15, 16}},
	} {
		e := explain(t, file.String(), c.region)
		if diff := cmp.Diff(c.want, e.People.ByCountry); diff != "" || e.People.Total != 16 || e.People.Unusable != c.unread || e.People.Written["plus"] != 12 {
			t.Errorf("%s: people %+v (-want +got):\n%s", c.region, e.People, diff)
		}
		if len(e.Warnings) != 1 || e.Warnings[0].Code != "foreign" || !strings.Contains(e.Warnings[0].Message, c.message) || !slices.Equal(e.Warnings[0].Rows, c.rows) {
			t.Errorf("%s: warnings %+v, want %q in rows %v", c.region, e.Warnings, c.message, c.rows)
		}
	}
	if e := explain(t, "groupName;phones\nA;+5511987654001, +4915112345678\nB;+351912345678\n", ""); len(e.Warnings) > 0 {
		t.Errorf("people of three countries: warnings %+v, want none", e.Warnings)
	}
}
