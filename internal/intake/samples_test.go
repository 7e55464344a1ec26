package intake_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/intake"
)

// TestTheSamplesLoadExactly compares every row and person of every sample with the golden file
// beside it.
func TestTheSamplesLoadExactly(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"turmas-2026.csv", "alunos-windows-1252.csv", "one-person-per-line.csv",
		"crm-export.ndjson", "zapi-create-group.json", "greenapi-create-group.json",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name+".golden", checkedText(t, name, "BR"))
		})
	}
}

// checkedText reads and checks a sample and returns the result as text.
func checkedText(t *testing.T, name, region string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, row := range rowsOf(t, string(data), intake.Options{Name: name, Region: region}) {
		fmt.Fprintf(&b, "%d %q", row.N, row.Request.GroupName)
		if row.Request.AutoInvite != nil {
			fmt.Fprintf(&b, " autoInvite=%v", *row.Request.AutoInvite)
		}
		fmt.Fprintf(&b, " key=%q ref=%q metadata=%v\n", row.Request.IdempotencyKey, row.Request.ExternalRef, row.Request.Metadata)
		checked, rowErr := intake.Check(row.Request, intake.Rules{Region: region, Now: now()})
		if row.Err != nil || rowErr != nil {
			t.Errorf("row %d is refused: %v %v", row.N, row.Err, rowErr)
		}
		for _, p := range checked.People {
			if p.Err != nil {
				fmt.Fprintf(&b, "  bad: %s\n", p.Err.Reason)
			} else {
				fmt.Fprintf(&b, "  %s\n", p.Number.E164())
			}
		}
	}
	return b.String()
}

func TestTheBrazilianSampleHasOneDuplicateAndNoBadNumber(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/turmas-2026.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, string(data), intake.Options{Name: "turmas-2026.csv", Region: "BR"})
	if len(rows) != 40 {
		t.Fatalf("got %d rows, want 40 without the empty last line", len(rows))
	}
	given, people, bad := 0, 0, 0
	for _, row := range rows {
		checked, rowErr := intake.Check(row.Request, intake.Rules{Region: "BR", Now: now()})
		if rowErr != nil {
			t.Errorf("row %d is refused: %v", row.N, rowErr)
		}
		given += len(row.Request.Phones)
		people += len(checked.People)
		for _, p := range checked.People {
			if p.Err != nil {
				bad++
			} else if !strings.HasPrefix(p.Number.E164(), "+55") {
				t.Errorf("row %d: %q is read as %s, want a number of Brazil", row.N, p.Input, p.Number.E164())
			}
		}
	}
	if given-people != 1 || bad != 0 {
		t.Errorf("got %d duplicates and %d bad numbers, want 1 and 0", given-people, bad)
	}
}

var update = flag.Bool("update", false, "write the golden files again")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}
