package intake_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestRead_SkipsTitlesAndTotalsWithAWarning(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, input, want string
		lines             map[string][]int
	}{
		{"titles of one cell", "Escola Modelo, 2026\n\nLista de turmas\nGrupo;Telefones\nA;+5511900011001\n", "1 A [+5511900011001]\n", map[string][]int{"title": {1, 3}}},
		{"a title that resembles a column name", "Contatos 2026\nGrupo;Telefones\nA;+5511900011001\n", "1 A [+5511900011001]\n", map[string][]int{"title": {1}}},
		{"a title with the school's number", "Escola Modelo;;\nTel.: (44) 3333-4444;;\nGrupo,Telefones,Cidade\nA,+5511900011001,X\n", "1 A [+5511900011001]\n", map[string][]int{"title": {1, 2}}},
		{"totals and a footer", "Grupo;Telefones\nA;+5511900011001\nSubtotal;1\nB;+5511900011002\nTotal geral: 2 turmas;\nGerado em 28/11/2026 10:33;\n", "1 A [+5511900011001]\n2 B [+5511900011002]\n", map[string][]int{"totals": {3, 5, 6}}},
		{"a group that is called Total", "Grupo;Telefones\nTotal;+5511900011001\n", "1 Total [+5511900011001]\n", map[string][]int{}},
		{
			"sums of the phones", "Grupo;Nome;Telefone\nA;Ana;11987650001\nA;Bia;11987650002\nA;Caio;11987650003\nA Total;3;35962950006\n" +
				"B;Davi;11987650004\nB;Eva;11987650005\n;;23975300009\nTotal geral;5;59938250015\n",
			"1 A [11987650001 11987650002 11987650003]\n4 B [11987650004 11987650005]\n",
			map[string][]int{"totals": {5, 8, 9}},
		},
		{
			"a sum of other numbers", "Grupo;Telefones\nA;11987650001\nB;11987650002\nTotal geral;35962950006\n",
			"1 A [11987650001]\n2 B [11987650002]\n3  !unreadable \n",
			map[string][]int{},
		},
		{
			"a column that says Total beside the groups", "Bolsa;Grupo;Telefone\nTotal;A;11987650001\nParcial;A;11987650002\nTotal;;35962950006\n",
			"3  !unreadable \n1 A [11987650001 11987650002]\n",
			map[string][]int{},
		},
		{
			"people without a phone", "Grupo;Nome;Telefone\nA;Ana;+5511900011001\nA;Bia;\nA;Caio;+5511900011003\n", "1 A [+5511900011001 +5511900011003]\n",
			map[string][]int{"noPhone": {3}},
		},
		{"a total in Russian among people", "Группа;Телефон\nА;+79001234567\nИтого: 1;\n", "1 А [+79001234567]\n", map[string][]int{"totals": {3}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			lines := map[string][]int{}
			rows := rowsOf(t, tt.input, intake.Options{Warn: func(w intake.Warning) { lines[w.Code] = w.Lines }})
			if diff := cmp.Diff(tt.want, shown(rows)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.lines, lines); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
	wantUnusable(t, "A;+5511900011001\nGrupo;Telefones\nB;+5511900011002\n", intake.Options{}, "looks like a row")
}

// TestRead_AsksWhatALineIs reads ambiguous files without OneRowIs, as "person", which finds no column of group names if
// asPerson is empty, and, unless asGroup is empty, as "group".
func TestRead_AsksWhatALineIs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, input, question, asPerson, asGroup string }{
		{
			"one name in several rows", "Grupo;Telefones\nA;+5511900011001\nB;+5511900011002\nA;+5511900011003\n", `lines 2 and 4`,
			"1 A [+5511900011001 +5511900011003]\n2 B [+5511900011002]\n", "1 A [+5511900011001]\n2 B [+5511900011002]\n3 A [+5511900011003]\n",
		},
		{
			"one name that is spelled in two ways", "Grupo;Telefones\nTurma João;+5511900011001\nTurma\u00a0Joa\u0303o\u200b;+5511900011003\n", `lines 2 and 3`,
			"1 Turma João [+5511900011001 +5511900011003]\n", "1 Turma João [+5511900011001]\n2 Turma Joa\u0303o [+5511900011003]\n",
		},
		{
			"a class that repeats beside a name", "Turma;Nome;Telefones\n7A;Ana;+5511900011001\n7A;Bia;+5511900011002\n", `group "7A" stands in lines 2 and 3`,
			"1 7A [+5511900011001 +5511900011002]\n", "1 Ana [+5511900011001]\n2 Bia [+5511900011002]\n",
		},
		{
			"a course that repeats beside a name", "Nome;Curso;Telefones\nAna;Física;+5511900011001\nBia;Física;+5511900011002\n", `column "Curso" repeats`,
			"", "1 Ana [+5511900011001]\n2 Bia [+5511900011002]\n",
		},
		{
			"two columns of phones of one person", "Turma;Aluno;Telefone;Celular\nA;Ana;+5511900011001;+5511900011002\nA;Bia;;+5511900011003\n", `phones in several columns`,
			"1 A [+5511900011001 +5511900011002 +5511900011003]\n", "1 A [+5511900011001 +5511900011002]\n2 A [+5511900011003]\n",
		},
		{
			"a class that repeats beside a group that differs", "Grupo;Turma;Telefone\nG1;7A;+5511900011001\nG2;7A;+5511900011002\nG3;7A;+5511900011003\n", `column "Turma" repeats`,
			"1 G1 [+5511900011001]\n2 G2 [+5511900011002]\n3 G3 [+5511900011003]\n", "",
		},
		{
			"a class that repeats, and lines without a group", "Grupo;Turma;Telefone\n;7A;+5511900011001\n;7A;+5511900011002\nG3;7A;+5511900011003\nG4;7A;+5511900011004\n", `column "Turma" repeats`,
			"1  [+5511900011001 +5511900011002] !noName groupName\n3 G3 [+5511900011003]\n4 G4 [+5511900011004]\n", "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantUnusable(t, tt.input, intake.Options{}, tt.question)
			if tt.asPerson == "" {
				wantUnusable(t, tt.input, intake.Options{OneRowIs: "person"}, "no column of group names")
			} else if diff := cmp.Diff(tt.asPerson, shown(rowsOf(t, tt.input, intake.Options{OneRowIs: "person"}))); diff != "" {
				t.Errorf("one line per person (-want +got):\n%s", diff)
			}
			if tt.asGroup == "" {
				return
			}
			if diff := cmp.Diff(tt.asGroup, shown(rowsOf(t, tt.input, intake.Options{OneRowIs: "group"}))); diff != "" {
				t.Errorf("one line per group (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRead_AsksNothingThatTheFileAnswers(t *testing.T) {
	t.Parallel()
	for name, input := range map[string]string{
		"a key in each row":               "Grupo;Telefones;key\nA;+5511900011001;k1\nA;+5511900011002;k2\n",
		"the same row twice":              "Grupo;Telefones\nA;+5511900011001\nA;+5511900011001\n",
		"a second column without a phone": "Turma;Telefone;Celular\nA;;+5511900011001\nA;+5511900011002;\n",
		"a unit that repeats":             "Nome;Unidade;Telefones\nTurma 1;Campinas;+5511900011001\nTurma 2;Campinas;+5511900011002\n",
	} {
		if _, err := readAll(t, input, intake.Options{}); err != nil {
			t.Errorf("%s: got %v, want no question", name, err)
		}
	}
}

func TestRead_RefusesAFileWithMergedNames(t *testing.T) {
	t.Parallel()
	wantUnusable(t, "Turma;Telefones\nA;+5511900011001\n;+5511900011002\n;+5511900011003\nB;+5511900011004\n;+5511900011005\n", intake.Options{}, "Line 3")
	rows := rowsOf(t, "Turma;Telefones\nA;+5511900011001\n;+5511900011002\nB;+5511900011003\nC;+5511900011004\n", intake.Options{})
	if len(rows) != 4 {
		t.Errorf("a file in which one name is missing: got %d rows, want 4", len(rows))
	}
}

func TestRead_DatesOfEveryLocale(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", -3*3600)
	for _, tt := range []struct{ cell, dates, want string }{
		{"2027-03-15T09:30:00-03:00", "", "2027-03-15T09:30:00-03:00"},
		{"2027-03-15T09:30:00", "", "2027-03-15T09:30:00-03:00"},
		{"2027-03-15 09:30", "", "2027-03-15T09:30:00-03:00"},
		{"2027-03-15", "", "2027-03-15T00:00:00-03:00"},
		{"2027/3/5", "", "2027-03-05T00:00:00-03:00"},
		{"15/03/2027 9h30", "", "2027-03-15T09:30:00-03:00"},
		{"15/03/2027 às 9h", "", "2027-03-15T09:00:00-03:00"},
		{"15/03/2027, 21:04:05", "", "2027-03-15T21:04:05-03:00"},
		{"03/15/2027 9:30 PM", "", "2027-03-15T21:30:00-03:00"},
		{"3/15/2027 12:05 a.m.", "", "2027-03-15T00:05:00-03:00"},
		{"15-03-2027", "", "2027-03-15T00:00:00-03:00"},
		{"05.03.2027", "", "2027-03-05T00:00:00-03:00"},
		{"15.03.2027 г.", "", "2027-03-15T00:00:00-03:00"},
		{"05/05/2027", "", "2027-05-05T00:00:00-03:00"},
		{"05/03/2027", "dmy", "2027-03-05T00:00:00-03:00"},
		{"05/03/2027", "mdy", "2027-05-03T00:00:00-03:00"},
		{"5/3/27", "dmy", "2027-03-05T00:00:00-03:00"},
		{"15 de março de 2027", "", "2027-03-15T00:00:00-03:00"},
		{"segunda-feira, 15 de março de 2027 9:30", "", "2027-03-15T09:30:00-03:00"},
		{"15/mar/27", "", "2027-03-15T00:00:00-03:00"},
		{"March 15, 2027 9:30 am", "", "2027-03-15T09:30:00-03:00"},
		{"15 марта 2027 г. 09:30", "", "2027-03-15T09:30:00-03:00"},
		{"15 mai 2027", "", "2027-05-15T00:00:00-03:00"},
		{"15/03/2027 09:30 UTC", "", "2027-03-15T09:30:00Z"},
		{"15/03/2027 09:30 GMT+3", "", "2027-03-15T09:30:00+03:00"},
		{"05/03/2027", "", "!dmy or --dates mdy"},
		{"05/03/27", "", "!two digits"},
		{"31/02/2027", "", "!2026-11-21"},
		{"15/03/2027 25:00", "", "!2026-11-21"},
		{"15/03/2027 09:30 +9999", "", "!2026-11-21"},
		{"15/03/2027 09:30 +0575", "", "!2026-11-21"},
		{"15/03/2027 09:30 +1400", "", "2027-03-15T09:30:00+14:00"},
		{"46096", "", "!2026-11-21"},
		{"amanhã", "", "!2026-11-21"},
	} {
		row := rowsOf(t, "Grupo;Telefones;Não antes de\nA;+5511900011001;\""+tt.cell+"\"\n", intake.Options{Dates: tt.dates, Zone: zone})[0]
		if want, isError := strings.CutPrefix(tt.want, "!"); isError {
			if row.Err == nil || row.Err.Code != tasks.BadTime || !strings.Contains(row.Err.Message, want) {
				t.Errorf("%q: got %v, want badTime with %q", tt.cell, row.Err, want)
			}
			continue
		}
		if row.Err != nil || row.Request.NotBefore.Format(time.RFC3339) != tt.want {
			t.Errorf("%q %s: got %v, %v; want %s", tt.cell, tt.dates, row.Request.NotBefore, row.Err, tt.want)
		}
	}
	end := rowsOf(t, "Grupo;Telefones;Válido até\nA;+5511900011001;15/03/2027\n", intake.Options{Zone: zone})[0]
	if got := end.Request.ExpiresAt.Format(time.RFC3339); got != "2027-03-16T00:00:00-03:00" {
		t.Errorf("expiresAt without a time of day: got %s, want the end of that day", got)
	}
}
