package intake_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/say"
)

// FuzzRead reads any bytes. Read must not panic, must return each row once, and must fail only with an Unusable of a
// known code. An error of a row has a code and a message without a number in clear; an accepted name is valid UTF-8.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"groupName;phones\nTurma A;\"5544999999999, 5544888888888\"\n", "sep=,\ngrupo,telefone1,telefone2\nA,(11) 90007-4075,\n",
		"group,name,phone\nA,Ana,5544999999991\nB,,\nA,Rui,5544999999993\n", lineA + "\n" + lineB, "[" + lineA + "," + lineB[:20],
		`{"groups": [` + lineA + `], "x": {}}`, "{\n\"groupName\": \"A\",\n\"phones\": [1]\n}", "grupo;telefones\nJos\xe9;5,5119E+12\n",
		"\xff\xfeg\x00r\x00o\x00u\x00p\x00\n\x00A\x00", "PK\x03\x04",
	} {
		for _, format := range []string{"", intake.CSV, intake.NDJSON, intake.JSON} {
			f.Add(s, format)
		}
	}
	f.Fuzz(func(t *testing.T, input, format string) {
		seen := make(map[int]bool)
		for row, err := range intake.Read(t.Context(), strings.NewReader(input), intake.Options{Format: format, Region: "BR", TempDir: t.TempDir()}) {
			if err != nil {
				var e *intake.Unusable
				if !errors.As(err, &e) || !say.Has(e.Why.Code) {
					t.Errorf("got %v, want an Unusable with a known code", err)
				}
				continue
			}
			if row.N < 1 || row.Line < 1 || seen[row.N] {
				t.Errorf("row %d in line %d came twice or has no place", row.N, row.Line)
			}
			seen[row.N] = true
			if row.Err != nil && (row.Err.Code == "" || row.Err.Message == "" || longRun(row.Err.Message)) {
				t.Errorf("row %d: got %+v, want a code, and a message without a number in clear", row.N, row.Err)
			}
			checked, rowErr := intake.Check(row.Request, intake.Rules{Region: "BR", Now: now()})
			if rowErr != nil && (rowErr.Message == "" || longRun(rowErr.Message)) {
				t.Errorf("row %d: got %+v, want a message without a number in clear", row.N, rowErr)
			}
			if !utf8.ValidString(checked.Request.GroupName) || (rowErr == nil && len(checked.People) == 0) {
				t.Errorf("row %d: accepted %+v, want a name in UTF-8 and at least one person", row.N, checked)
			}
		}
	})
}

// longRun reports whether s has seven digits in a row, as a number in clear has.
func longRun(s string) bool {
	run := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			run = 0
		} else if run++; run >= 7 {
			return true
		}
	}
	return false
}
