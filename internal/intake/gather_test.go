package intake_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestRead_GathersLinesOfPeopleByGroupName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, input, want string }{
		{"side by side", "group,phone\nA,5544999999991\nA,5544999999992\nB,5544999999993\n", "1 A [5544999999991 5544999999992]\n3 B [5544999999993]\n"},
		{"wherever they stand", "group,phone\nA,5544999999991\nB,5544999999992\n\nA,5544999999993\nC,5544999999994\nB,5544999999995\n", "1 A [5544999999991 5544999999993]\n2 B [5544999999992 5544999999995]\n4 C [5544999999994]\n"},
		{"stray space in a name", "group,phone\nA\u00a0B,5544999999991\n A B ,5544999999992\n", "1 A B [5544999999991 5544999999992]\n"},
		{"several phones in a cell", "grupo;telefone\nA;5544999999991, 5544999999992\nA;5544999999993\n", "1 A [5544999999991 5544999999992 5544999999993]\n"},
		{"a line without a phone", "group,phone\nA,\nA,5544999999992\nB,\n", "1 A [5544999999992]\n3 B\n"},
		{"lines without a group", "group,phone\n,5544999999991\nA,5544999999992\n,5544999999993\n", "1  [5544999999991 5544999999993] !noName groupName\n2 A [5544999999992]\n"},
		{"lines that disagree about the group", "group,phone,pool\nA,5544999999991,x\nA,5544999999992,\nA,5544999999993,y\n", "1 A [5544999999991 5544999999992 5544999999993] !badField pool\n"},
		{"a line that cannot be read comes at once", "group,phone\nÁ,5544999999991\nB\xff,5544999999992\nÁ,5544999999993\n", "2  !unreadable \n1 Á [5544999999991 5544999999993]\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, shown(rowsOf(t, tt.input, intake.Options{}))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRead_ColumnsOfAPersonAreNotTheGroupsMetadata(t *testing.T) {
	t.Parallel()
	rows := rowsOf(t, "group,name,phone,unit\nA,Ana,5544999999991,North\nA,Rui,5544999999992,\nB,Olga,5544999999993,South\n", intake.Options{})
	got := fmt.Sprint(rows[0].Request.Metadata, rows[1].Request.Metadata)
	if want := "map[unit:North] map[unit:South]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRead_AdminColumnOfAListOfPeopleNamesTheAdmins(t *testing.T) {
	t.Parallel()
	input := "Turma;Aluno;Telefone;Admin\nA;Ana;5544999999991;\nA;Bia;5544999999992;sim\nB;Rui;5544999999993;não\nC;Caz;5544999999994;Dona Eva\nA;Olga;5544999999995;SIM\n"
	var got []string
	for _, row := range rowsOf(t, input, intake.Options{}) {
		got = append(got, fmt.Sprintf("%s %v %v", row.Request.GroupName, row.Request.Admins, row.Request.Metadata))
	}
	want := []string{"A &{false [5544999999992 5544999999995]} map[]", "B <nil> map[]", "C <nil> map[Admin:Dona Eva]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("name, admins and metadata (-want +got):\n%s", diff)
	}
}

func TestRead_OneLineWithoutAGroupIsReportedInTheSingular(t *testing.T) {
	t.Parallel()
	rows := rowsOf(t, "group,phone\nA,5544999999991\nA,5544999999992\n,5544999999993\n", intake.Options{})
	const want = "Line 4 has no group name. Write the name into every line of the group."
	if got := intake.Why(rows[1].Err).String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRead_AGatheredGroupOverTheRowLimitIsTooLarge(t *testing.T) {
	t.Parallel()
	input := "group,phone\n" + strings.Repeat("A,5544999999991\n", tasks.MaxRowBytes/13+10) + "B,5544999999992\n"
	rows := rowsOf(t, input, intake.Options{TempDir: t.TempDir()})
	if got, want := shown(rows), fmt.Sprintf("1 A !tooLarge \n%d B [5544999999992]\n", tasks.MaxRowBytes/13+11); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRead_TheSpoolLeavesNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var input strings.Builder
	input.WriteString("group,phone\n")
	for i := range 60_000 {
		fmt.Fprintf(&input, "G%d,5544999%06d\n", i%700, i)
	}
	people := 0
	for _, row := range rowsOf(t, input.String(), intake.Options{TempDir: dir}) {
		people += len(row.Request.Phones)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 || people != 60_000 {
		t.Errorf("got %d people and the files %v (%v), want 60,000 people and no file", people, left, err)
	}
}

func TestRead_ReturnsNoGatheredGroupWhenReadingFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the cable is out")
	input := io.MultiReader(strings.NewReader("group,phone\nA,5544999999991\nB,5544999999992\n"), &failing{broken})
	rows := 0
	var got error
	for _, err := range intake.Read(t.Context(), input, intake.Options{}) {
		if got = err; err == nil {
			rows++
		}
	}
	if rows != 0 || !errors.Is(got, broken) {
		t.Errorf("got %d rows and %v, want none and the failure", rows, got)
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

// In any order of the lines, each person is read once, in their group and in the order of the file.
func TestRead_GatheringLosesNoPerson(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		lines := rapid.SliceOfN(rapid.IntRange(0, 5), 1, 60).Draw(rt, "groups")
		var input strings.Builder
		input.WriteString("group;phone\n")
		want := make(map[string][]tasks.Phone)
		for i, g := range lines {
			name, number := fmt.Sprintf("G%d", g), tasks.Phone(fmt.Sprintf("55449990%05d", i))
			fmt.Fprintf(&input, "%s;%s\n", name, number)
			want[name] = append(want[name], number)
		}
		got := make(map[string][]tasks.Phone)
		last := 0
		for row, err := range intake.Read(t.Context(), strings.NewReader(input.String()), intake.Options{}) {
			if err != nil || row.Err != nil || row.N <= last {
				rt.Fatalf("row %d after row %d: %v, %v; want rows in order without errors", row.N, last, row.Err, err)
			}
			last = row.N
			got[row.Request.GroupName] = row.Request.Phones
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("phones by group (-want +got):\n%s", diff)
		}
	})
}
