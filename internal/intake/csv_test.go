package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestRead_CSVAsProgramsWriteIt(t *testing.T) {
	t.Parallel()
	const two = "1 Turma A [5544999999999 5544888888888]\n2 Turma B [5544777777777]\n"
	for _, tt := range []struct{ name, input, want string }{
		{"commas", "groupName,phones\nTurma A,\"5544999999999,5544888888888\"\nTurma B,5544777777777\n", two},
		{"semicolons", "groupName;phones\nTurma A;5544999999999,5544888888888\nTurma B;5544777777777\n", two},
		{"tabs", "groupName\tphones\nTurma A\t5544999999999;5544888888888\nTurma B\t5544777777777\n", two},
		{"Excel's hint", "sep=;\r\ngroupName;phones\r\nTurma A;5544999999999,5544888888888\r\nTurma B;5544777777777\r\n", two},
		{"no last line end", "groupName;phones\nTurma A;5544999999999|5544888888888\nTurma B;5544777777777", two},
		{"old Mac line ends", "groupName;phones\rTurma A;5544999999999|5544888888888\rTurma B;5544777777777\r", two},
		{"a line break inside quotes", "groupName,phones\n\"Turma A\",\"5544999999999\r\n5544888888888\"\nTurma B,5544777777777\n", two},
		{"space around quotes", "groupName, phones\n\"Turma A\" , \"5544999999999,5544888888888\" \nTurma B, 5544777777777\n", two},
		{"blank and empty lines", "\n;;\ngroupName;phones;x\n\n;;\nTurma A;5544999999999,5544888888888;\n \n; ;\nTurma B;5544777777777;\n;;\n\n", two},
		{"short lines", "groupName;phones;pool;city\nTurma A;5544999999999,5544888888888\nTurma B;5544777777777", two},
		{"trailing separators", "groupName;phones\nTurma A;5544999999999,5544888888888;;\nTurma B;5544777777777;;\n", two},
		{"one column per phone", "groupName,phone1,Phone 2\nTurma A,5544999999999,5544888888888\nTurma B,,5544777777777\n", two},
		{"spaces between whole numbers", "groupName;phones\nTurma A;5544999999999 5544888888888\nTurma B;5544777777777\n", two},
		{"a list of phones at the end without its quotes", "groupName,phones\nTurma A,5544999999999,5544888888888\nTurma B,5544777777777\n", two},
		{"invisible characters", "\u200bgroupName;phones\n\u00a0Turma\u00a0A\u200b;5544999999999,5544888888888\nTurma B;5544777777777\u00a0\n", two},
		{"the columns that an export adds are ignored", "rollcall_status;groupName;phones;ROLLCALL_x\nfailed;Turma A;5544999999999,5544888888888;1\n;Turma B;5544777777777;\n", two},
		{"quotes in the middle of a cell", "groupName;phones\nTurma \"A\";5544999999999\n", "1 Turma \"A\" [5544999999999]\n"},
		{"doubled quotes", "groupName;phones\n\"Turma \"\"A\"\", B\";5544999999999\n", "1 Turma \"A\", B [5544999999999]\n"},
		{"chat ids", "groupName;chatIds\nTurma A;79001234568@c.us, 79001234569@c.us\n", "1 Turma A [79001234568@c.us 79001234569@c.us]\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, shown(rowsOf(t, tt.input, intake.Options{}))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRead_CSVInEveryEncoding(t *testing.T) {
	t.Parallel()
	const text = "Nome do grupo;Telefones\r\nSão João – “Ação”;5544999999999\r\nÉ;5544888888888\r\n"
	const want = "1 São João – “Ação” [5544999999999]\n2 É [5544888888888]\n"
	encodings := map[string]encoding.Encoding{
		"UTF-8":                     unicode.UTF8,
		"UTF-8 with a BOM":          unicode.UTF8BOM,
		"UTF-16 little endian, BOM": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"UTF-16 big endian, BOM":    unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
		"Windows-1252":              charmap.Windows1252,
	}
	for name, e := range encodings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			input, err := e.NewEncoder().String(text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, shown(rowsOf(t, input, intake.Options{}))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRead_FindsWindows1252AtItsFirstLetterHoweverLate(t *testing.T) {
	t.Parallel()
	input := "grupo;telefones\n" + strings.Repeat("Turma;5544999999999\n", 20_000) + "Jos\xe9;5544999999999\n"
	rows := rowsOf(t, input, intake.Options{})
	if last := rows[len(rows)-1]; last.Request.GroupName != "José" || last.Err != nil {
		t.Errorf("got %q and %v, want José", last.Request.GroupName, last.Err)
	}
}

func TestRead_HeadersInFourLanguagesAndAnyOrder(t *testing.T) {
	t.Parallel()
	for _, header := range []string{
		"phones;groupName;autoInvite", "PHONE NUMBERS;Group_Name;auto-invite", "WhatsApps;Turma;convidar",
		"Telefones;Nome do grupo;Convite automático", "celulares;TURMA;convidar",
		"Teléfonos;Nombre del grupo;Invitación automática", "moviles;grupo;invitar",
		"Телефоны;Название группы;Автоприглашение", "номера;группа;приглашать",
	} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			rows := rowsOf(t, header+"\n5544999999999;Turma A;não\n", intake.Options{})
			r := rows[0].Request
			if r.GroupName != "Turma A" || len(r.Phones) != 1 || r.AutoInvite == nil || *r.AutoInvite || len(r.Metadata) != 0 {
				t.Errorf("got %+v, want Turma A with one phone, autoInvite false and no metadata", r)
			}
		})
	}
}

func TestRead_TakesEveryColumnOfARequest(t *testing.T) {
	t.Parallel()
	input := "groupName;phones;chatIds;autoInvite;instance;pool;priority;idempotencyKey;externalRef;notBefore;expiresAt;inviteMessage;metadata;Unidade;;Owner\n" +
		`Turma A;5544999999999;1@lid;Sí;alpha;beta;Alta;deal-1;ref-1;2026-11-22T09:00:00Z;2026-11-23T09:00:00-03:00;"Olá {{.Link}}";"{""id"": 12345678901234567890}";Maringá;;` + "\n"
	rows := rowsOf(t, input, intake.Options{})
	r := rows[0].Request
	got := fmt.Sprint(rows[0].Err, r.GroupName, r.Phones, r.ChatIDs, *r.AutoInvite, r.Instance, r.Pool, r.Priority,
		r.IdempotencyKey, r.ExternalRef, r.NotBefore, r.ExpiresAt.UTC(), r.InviteMessage, r.Metadata)
	want := "<nil> Turma A [5544999999999] [1@lid] true alpha beta high deal-1 ref-1 2026-11-22 09:00:00 +0000 UTC 2026-11-23 12:00:00 +0000 UTC Olá {{.Link}} map[Unidade:Maringá id:12345678901234567890]"
	if strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRead_AutoInviteInFourLanguages(t *testing.T) {
	t.Parallel()
	for want, words := range map[string][]string{
		"true":  {"sim", "SIM", "yes", "true", "1", "да", "sí", "si", "VERDADEIRO", "Y"},
		"false": {"não", "NÃO", "nao", "no", "false", "0", "нет", "FALSO"},
		"nil":   {""},
		"!":     {"talvez", "2"},
	} {
		for _, word := range words {
			row := rowsOf(t, "groupName;phones;autoInvite\nA;5544999999999;"+word+"\n", intake.Options{})[0]
			got := "nil"
			if row.Err != nil {
				got = "!"
				wantCode(t, row.Err, tasks.BadField, "autoInvite")
			} else if row.Request.AutoInvite != nil {
				got = fmt.Sprint(*row.Request.AutoInvite)
			}
			if got != want {
				t.Errorf("%q is read as %s, want %s", word, got, want)
			}
		}
	}
}

func TestRead_ABadCSVRowIsAnErrorAndTheOthersAreRead(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("5544999999999,", tasks.MaxRowBytes/14+1)
	for _, tt := range []struct{ name, input, want string }{
		{"broken UTF-8 in a UTF-8 file", "grupo;telefones\nJosé;5544999999999\nJos\xff;5544999999999\nAna;5544999999999\n", "1 José [5544999999999]\n2  !unreadable \n3 Ana [5544999999999]\n"},
		{"broken UTF-8 in an ASCII file", "grupo;telefones\nA\xff\xfe;5544999999999\nAna;5544999999999\n", "1  !unreadable \n2 Ana [5544999999999]\n"},
		{"a row over 1 MiB", "grupo;telefones\nA;" + large + "\nAna;5544999999999\n", "1  !tooLarge \n2 Ana [5544999999999]\n"},
		{"a quoted cell over 1 MiB with lines in it", "grupo;telefones\nA;\"" + strings.ReplaceAll(large, ",", "\n") + "\"\nAna;5544999999999\n", "1  !tooLarge \n2 Ana [5544999999999]\n"},
		{"cut off inside quotes", "grupo;telefones\nAna;5544999999999\nRui;\"5544999", "1 Ana [5544999999999]\n2  !unreadable \n"},
		{"cut off before the last column", "grupo;telefones;unidade\nAna;5544999999999;x\nRui;55449", "1 Ana [5544999999999]\n2  !unreadable \n"},
		{"text wrapped as a formula", "grupo;telefones\n\"=\"\"Ana\"\"\";\"=\"\"5544999999999\"\"\"\n", "1 Ana [5544999999999]\n"},
		{"too many cells", "telefones,grupo\n5544999999999,5544888888888,Ana\n5544999999999,Rui\n", "1  !unreadable \n2 Rui [5544999999999]\n"},
		{"a bad time", "grupo;telefones;expira em\nAna;5544999999999;amanhã\nRui;5544999999999;\n", "1 Ana [5544999999999] !badTime expiresAt\n2 Rui [5544999999999]\n"},
		{"bad metadata", "grupo;telefones;metadata\nAna;5544999999999;[1]\n", "1 Ana [5544999999999] !badField metadata\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows := rowsOf(t, tt.input, intake.Options{})
			if diff := cmp.Diff(tt.want, shown(rows)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRead_AFileWithoutGroupsOrOfAnotherKindIsUnusable(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, input, format, sentence string }{
		{"nothing", "", "", "empty"},
		{"a BOM alone", "\ufeff", "", "no group"},
		{"blank lines", "\n\n  \n", "", "no group"},
		{"a header alone", "groupName;phones\n", "", "no group"},
		{"a header and blank rows", "groupName;phones\n;\n;;\n", "", "no group"},
		{"no header", "Turma 1;5544999999999\n", "", `no column we know; it holds "Turma 1", "5544•••••9999".`},
		{"an Excel workbook", "PK\x03\x04\x14\x00\x06\x00", "", "workbook"},
		{"an old Excel workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "", "workbook"},
		{"a PDF", "%PDF-1.7\n", "", "PDF"},
		{"a gzip archive", "\x1f\x8b\x08\x00", "", "gzip"},
		{"a web page called .xls", "\n<html><table>", "", "web page"},
		{"another binary file", "abc\x00def", "", "binary"},
		{"an empty list", " [ ]\n", "", "no group"},
		{"an empty list of groups", `{"groups": []}`, "", "no group"},
		{"groups that are not a list", `{"groups": {}}`, "", "not a list"},
		{"a table declared as JSON", "groupName;phones\n", intake.JSON, "not JSON"},
		{"an unknown format", "groupName;phones\n", "docx", "not a format"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantUnusable(t, tt.input, intake.Options{Format: tt.format}, tt.sentence)
		})
	}
}

func TestRead_DividesACellOfPhonesWhereANumberEnds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, cell, region, want string }{
		{"spaces inside a number stay", "+55 44 99999-9999", "", "[+55 44 99999-9999]"},
		{"a space between typed numbers", "+55 44 99999-9999 +55 44 98888-8888", "", "[+55 44 99999-9999|+55 44 98888-8888]"},
		{"a space between numbers of the region", "44 99999-9999 (44) 98888-8888", "BR", "[44 99999-9999|(44) 98888-8888]"},
		{"a number that is too long stays one bad number", "+55 44 99999-9999 99999", "", "[+55 44 99999-9999 99999]"},
		{"an extension stays with its number", "11 3000-0000 ramal 12", "BR", "[11 3000-0000 ramal 12]"},
		{"a spreadsheet's exponent stays in one piece", "5,5119E+12", "", "[5,5119E+12]"},
		{"an exponent among numbers", "5,5119E+12, 5544999999999;5,5E+12", "", "[5,5119E+12|5544999999999|5,5E+12]"},
		{"every separator", "5544999999991,5544999999992;5544999999993|5544999999994", "", "[5544999999991|5544999999992|5544999999993|5544999999994]"},
		{"separators without numbers", " , ;5544999999999,, ", "", "[5544999999999]"},
		{"a slash between numbers of the region", "61 90001-8002 / 61 90001-8003", "BR", "[61 90001-8002 | 61 90001-8003]"},
		{"slashes between international numbers", "+5561900018002/+5561900018003/+5561900018004", "", "[+5561900018002|+5561900018003|+5561900018004]"},
		{"a slash behind the area code stays", "0171/4242421", "DE", "[0171/4242421]"},
		{"a slash before another ending stays", "61 90001-8002/8003", "BR", "[61 90001-8002/8003]"},
		{"the slashes of a link stay", "https://wa.me/5561900018002", "BR", "[https://wa.me/5561900018002]"},
		{"many numbers with spaces", strings.Repeat("5544999999999 ", 3), "", "[5544999999999|5544999999999|5544999999999]"},
		{"a spreadsheet's mark for text", "'+5544999999999", "", "[+5544999999999]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			input := "phones\tgroupName\n\"" + tt.cell + "\"\tA\n"
			row := rowsOf(t, input, intake.Options{Region: tt.region})[0]
			got := make([]string, len(row.Request.Phones))
			for i, p := range row.Request.Phones {
				got[i] = string(p)
			}
			if s := "[" + strings.Join(got, "|") + "]"; s != tt.want {
				t.Errorf("got %s, want %s", s, tt.want)
			}
		})
	}
}
