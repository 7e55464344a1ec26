package intake_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

func caseOf(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "cases", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestRead_DamageMakesEveryRowItCoversUnreadable(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, input, want string }{
		{"an open quote in a list of phones", caseOf(t, "open-quote.csv"), "1  !unreadable \n2  !unreadable \n3 Turma 3 [5511900028004]\n"},
		{"an open quote among people", caseOf(t, "open-quote-persons.csv"), "1  !unreadable \n2  !unreadable \n3  !unreadable \n4 Turma P2 [5511900028014]\n"},
		{"an unquoted comma in a name", caseOf(t, "comma-in-name.csv"), "1  !unreadable \n2  !unreadable \n3 Turma 72 [5511900158003]\n"},
		{"a quote to the end of the file", "grupo;telefones\nA;5544999999991\nB;\"5544999999992\nC;5544999999993\nD;5544999999994\n", "1 A [5544999999991]\n2  !unreadable \n3  !unreadable \n4  !unreadable \n"},
		{"a closed cell that holds rows", "grupo;telefones\n\"A;5544999999991\nB;5544999999992\";5544999999993\nC;5544999999994\n", "1  !unreadable \n2  !unreadable \n3 C [5544999999994]\n"},
		{"phones over several lines are not damage", "grupo,telefones\nA,\"5544999999991, 5544999999992\n5544999999993, 5544999999994\"\n", "1 A [5544999999991 5544999999992 5544999999993 5544999999994]\n"},
		{"a note over several lines is not damage", "grupo;telefones;nota\nA;5544999999991;\"Rua X; 12\nPiso 2; porta 3\"\n", "1 A [5544999999991]\n"},
		{"an extra cell of a year", "grupo,telefones\nA, 2026,5544999999991\n", "1  !unreadable \n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, shown(rowsOf(t, tt.input, intake.Options{}))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRead_AnOpenQuoteSaysHowManyLinesItSwallows(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"open-quote.csv": "holds one more line of the table", "open-quote-persons.csv": "holds 2 more lines of the table"} {
		if got := rowsOf(t, caseOf(t, name), intake.Options{})[0].Err.Message; !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want it to say %q", name, got, want)
		}
	}
}

func TestPhoneList_DamagedListIsRefusedWhole(t *testing.T) {
	t.Parallel()
	for name, input := range map[string]string{
		"an open quote":            caseOf(t, "suppress-open-quote.csv"),
		"a quote to the end":       "Nome;Telefone\nAna;5511900148001\n\"Bia;5511900148002\n",
		"a total of other numbers": "Nome;Telefone\nAna;11987650001\nBia;11987650002\nTotal;35962950006\n",
		"bytes that are not text":  "Nome;Telefone\nJosé;5511900148001\nA\xff\xfe;5511900148002\n",
	} {
		var last error
		for _, err := range intake.PhoneList(t.Context(), strings.NewReader(input), intake.Options{}) {
			last = err
		}
		if e, ok := last.(*intake.Unusable); !ok || !say.Has(e.Why.Code) { //nolint:errorlint // PhoneList does not wrap it
			t.Errorf("%s: got %v, want an unusable input", name, last)
		}
	}
}

func TestPhoneList_TakesNoSumForAPhone(t *testing.T) {
	t.Parallel()
	var got []string
	var warned []int
	const input = "Nome;Telefone\nAna;11987650001\nBia;11987650002\nCaio;11987650003\nTotal;35962950006\n"
	for p, err := range intake.PhoneList(t.Context(), strings.NewReader(input), intake.Options{Warn: func(w intake.Warning) { warned = w.Lines }}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p.Text)
	}
	if !slices.Equal(got, []string{"11987650001", "11987650002", "11987650003"}) || !slices.Equal(warned, []int{5}) {
		t.Errorf("got %q and a warning of lines %v, want three phones and line 5", got, warned)
	}
}

func TestRead_FindsTheEncodingOrTakesTheDeclaredOne(t *testing.T) {
	t.Parallel()
	const cyrillic, western = "группа;телефоны\r\nГруппа 1 Утро;5511900038001\r\nКлуб «Север»;5511900038002\r\n", "grupo;telefones\nTurma João – “Ação”;5511900038001\nReunião d’Ávila;5511900038002\n"
	encode := func(of *charmap.Charmap, text string) string {
		out, err := of.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	const wantCyrillic = "1 Группа 1 Утро [5511900038001]\n2 Клуб «Север» [5511900038002]\n"
	const wantWestern = "1 Turma João – “Ação” [5511900038001]\n2 Reunião d’Ávila [5511900038002]\n"
	for _, tt := range []struct{ name, input, encoding, want string }{
		{"Windows-1251 behind an English header", caseOf(t, "cp1251-english-header.csv"), "", "1 Группа 1 Утро [5511900038001]\n2 Клуб Север [5511900038002]\n"},
		{"MacRoman", caseOf(t, "macroman.csv"), "", "1 Turma João [5511900038006]\n2 Reunião de pais [5511900038007]\n"},
		{"Windows-1251", encode(charmap.Windows1251, cyrillic), "", wantCyrillic},
		{"Windows-1252", encode(charmap.Windows1252, western), "", wantWestern},
		{"MacRoman with signs", encode(charmap.Macintosh, western), "", wantWestern},
		{"KOI8-R as declared", encode(charmap.KOI8R, strings.NewReplacer("«", "", "»", "").Replace(cyrillic)), "koi8-r", strings.NewReplacer("«", "", "»", "").Replace(wantCyrillic)},
		{"Windows-1251 as declared", encode(charmap.Windows1251, cyrillic), "windows-1251", wantCyrillic},
		{"UTF-8 as declared", western, "UTF-8", wantWestern},
		{"a byte order mark outranks the declaration", "\ufeff" + western, "windows-1251", wantWestern},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, shown(rowsOf(t, tt.input, intake.Options{Encoding: tt.encoding}))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
	wantUnusable(t, western, intake.Options{Encoding: "windows-9"}, "windows-9")
}

func TestCheck_NameThatLostItsLettersIsAnError(t *testing.T) {
	t.Parallel()
	check := func(name string) *tasks.RowError {
		_, err := intake.Check(tasks.GroupRequest{GroupName: name, Phones: []tasks.Phone{"+5511900038001"}}, intake.Rules{Now: now()})
		return err
	}
	for _, name := range []string{"Turma Jo?o", "?gua Viva", "?????? 1 ????", "Turma Jo\ufffdo"} {
		wantCode(t, check(name), tasks.Unreadable, "groupName")
	}
	for _, name := range []string{"Quem vem?", "Pronto??", "¿Qué tal?", "Who? Us", "(why?) not", "?"} {
		if err := check(name); err != nil {
			t.Errorf("%q: got %v, want no error", name, err)
		}
	}
}

func TestRead_ShapeOfATableOfPeople(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ file, oneRowIs, want string }{
		{"turma-telefone.csv", "", "1 Turma L3 [5511900068021 5511900068022]\n"},
		{"moodle-group.csv", "person", "1 Turma L1 [5511900068001 5511900068002 5511900068003 5511900068004]\n"},
		{"same-name.csv", "", "1 Turma N João [5511900078101 5511900078102 5511900078103 5511900078104 5511900078105 5511900078106 5511900078108 5511900078109 5511900078110]\n" +
			"7 turma n joão [5511900078107]\n11 Turma N‑João [5511900078111]\n"},
	} {
		if diff := cmp.Diff(tt.want, shown(rowsOf(t, caseOf(t, tt.file), intake.Options{OneRowIs: tt.oneRowIs}))); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", tt.file, diff)
		}
	}
	wantUnusable(t, caseOf(t, "moodle-group.csv"), intake.Options{}, "several columns of phones")
	wantUnusable(t, caseOf(t, "merged.csv"), intake.Options{}, "Line 3")
}

func TestRead_CodesBesideAPhoneAreUsed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, input, region, want string }{
		{"the area code", caseOf(t, "ddd-column.csv"), "BR", "+5511987654321 +5511971234567 +5511951234567 +551932314567 +5511943215678 +555143215678"},
		{"an area code that the number has too", "grupo;DDD;telefone\nA;011;(11) 98765-4321\n", "BR", "+5511987654321"},
		{"a whole number beside an area code", "grupo;DDD;telefone\nA;11;5521987654321\n", "BR", "+5521987654321"},
		{"a country code beside an area code of the same digits", "grupo;DDI;telefone\nA;55;55991234567\n", "", "+5555991234567"},
		{"a country code beside a whole number", "grupo;DDI;telefone\nA;55;5555991234567\n", "", "+5555991234567"},
		{"a country code beside a number whose zero belongs to it", "grupo;DDI;telefone\nA;39;06 1234 5678\n", "", "+390612345678"},
		{"a country code and an area code", "grupo;DDI;DDD;telefone\nA;55;11;98765-4321\n", "", "+5511987654321"},
		{"a country code with a plus", "group,country code,phone\nA,+49,0171 4242421\n", "", "+491714242421"},
		{"a country code that the number has too", "group,country code,phone\nA,55,5511987654321\n", "", "+5511987654321"},
		{"another country than the home", "group,country code,phone\nA,351,912345678\n", "BR", "+351912345678"},
		{"a number with its own plus", "group,country code,phone\nA,55,+351912345678\n", "", "+351912345678"},
	} {
		var got []string
		for _, row := range rowsOf(t, tt.input, intake.Options{Region: tt.region}) {
			checked, err := intake.Check(row.Request, intake.Rules{Region: tt.region, Now: now()})
			if err != nil {
				t.Errorf("%s: got %v, want no error", tt.name, err)
			}
			for _, p := range checked.People {
				got = append(got, p.Number.E164())
			}
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, s, tt.want)
		}
	}
}

// 55 1 98765-4321 would be a whole number of area 19, with eight digits as before 2016.
func TestRead_HalfAnAreaCodeMakesNoOtherNumber(t *testing.T) {
	t.Parallel()
	for _, input := range []string{"grupo;DDI;DDD;telefone\nA;55;1;98765-4321\n", "grupo;DDD;telefone\nA;1;987654321\n"} {
		for _, row := range rowsOf(t, input, intake.Options{Region: "BR"}) {
			_, err := intake.Check(row.Request, intake.Rules{Region: "BR", Now: now()})
			wantCode(t, err, tasks.BadPhone, "phones")
		}
	}
}

// The numbers lack their area code. They must not be read as numbers of other countries.
func TestCheck_LocalNumbersAreNotReadAsForeignOnes(t *testing.T) {
	t.Parallel()
	for _, row := range rowsOf(t, caseOf(t, "us-local.csv"), intake.Options{Region: "US"}) {
		_, err := intake.Check(row.Request, intake.Rules{Region: "US", Now: now()})
		wantCode(t, err, tasks.BadPhone, "phones")
		if !strings.Contains(err.Message, "area code") {
			t.Errorf("got %q, want that the area code is missing", err.Message)
		}
	}
}

func TestRead_GoogleContactsHasNoGroupNames(t *testing.T) {
	t.Parallel()
	wantUnusable(t, caseOf(t, "google-2015.csv"), intake.Options{}, "Google Contacts")
	wantUnusable(t, "First Name,Last Name,Labels,Phone 1 - Label,Phone 1 - Value\nAna,Teste,* myContacts,Mobile,+55 11 90005-8001\n", intake.Options{}, "Google Contacts")
	const added = "groupName,phone\nTurma G1,+55 11 90005-8001 ::: +55 11 90005-8002\n"
	if got, want := shown(rowsOf(t, added, intake.Options{})), "1 Turma G1 [+55 11 90005-8001 +55 11 90005-8002]\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
