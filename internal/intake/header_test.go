package intake_test

import (
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

// The headers are those that the programs write, with a column of group names added. An asterisk marks the column in
// which the test puts the phone.
func TestRead_ExportsOfCRMsAreListsOfPeople(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]string{
		"HubSpot":                  "Record ID,First Name,Last Name,Email,*Phone Number,Mobile Phone Number,WhatsApp Phone Number,Contact owner,Lead Status,Turma",
		"HubSpot, Portuguese":      "ID do registro,Nome,Sobrenome,E-mail,Número de telefone,*Número de telefone celular,Proprietário do contato,Turma",
		"HubSpot, Spanish":         "ID de registro,Nombre,Apellidos,Correo,*Número de teléfono,Número de teléfono móvil,Número de teléfono de WhatsApp,Grupo",
		"Pipedrive":                "Person - Name,Person - Organization,*Person - Phone - Work,Person - Phone - Home,Person - Phone - Mobile,Person - Phone - Other,Group",
		"Pipedrive, persons":       "Name,Organization,*Phone - Work,Phone - Home,Phone - Mobile,Phone - Other,groupName",
		"Pipedrive, Portuguese":    "Pessoa - Nome,*Pessoa - Telefone - Trabalho,Pessoa - Telefone - Celular,Pessoa - Telefone - Outro,Grupo",
		"RD Station":               "Nome,Email,*Telefone,Celular,Empresa,Cargo,Tags,Turma",
		"Kommo":                    "ID,Full name,First name,Last name,Company,*Work phone,Work direct phone,Mobile phone,Fax,Home phone,Other phone,Group",
		"Kommo, Portuguese":        "Nome completo,Nome,Sobrenome,Telefone comercial,Telefone comercial direto,*Celular,Telefone residencial,Outro telefone,Grupo",
		"amoCRM":                   "Полное имя контакта,Имя,Фамилия,Рабочий телефон,Рабочий прямой телефон,*Мобильный телефон,Факс,Домашний телефон,Другой телефон,Группа",
		"Bitrix24":                 "ID,First name,Last name,*Work Phone,Mobile,Fax,Home Phone,Pager Number,SMS Marketing Phone,Other Phone Number,Group",
		"Bitrix24, Russian":        "ID,Имя,Фамилия,*Рабочий телефон,Мобильный телефон,Номер факса,Домашний телефон,Номер пейджера,Телефон для рассылок,Другой телефон,Группа",
		"Bitrix24, Portuguese":     "ID,Nome,Sobrenome,Telefone do trabalho,*Celular,Número de fax,Telefone de casa,Outro telefone,Turma",
		"Moodle, users":            "username,firstname,lastname,email,*phone1,group",
		"Moodle, groups of a user": "username,firstname,lastname,email,*phone1,course1,group1",
		"Google":                   "First Name,Last Name,Labels,Phone 1 - Label,*Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,groupName",
		"Google Forms":             "Carimbo de data/hora,Nome completo,*WhatsApp (com DDD),Turma",
		"Google Forms, DDI":        "Carimbo de data/hora,Nome completo,*Celular com DDI e DDD,Telefone da mãe (com DDD),Turma",
		"Google Forms, a question": "Carimbo de data/hora,Nome completo,*Qual é o seu WhatsApp?,Turma",
		"Google Forms, Spanish":    "Marca temporal,Nombre completo,*¿Cuál es su WhatsApp? (con código de país),Grupo",
		"Google Forms, English":    "Timestamp,Full name,*Phone number (with country code),Group",
		"Outlook":                  "First Name,Last Name,Primary Phone,*Mobile Phone,Home Phone,Business Fax,Business Phone,Group",
	} {
		columns := strings.Split(header, ",")
		line := func(phone, second string) string {
			cells := make([]string, len(columns))
			for i, c := range columns {
				switch {
				case strings.HasPrefix(c, "*"):
					cells[i] = phone
				case i == len(columns)-1 && !strings.Contains(header, "groupName,"):
					cells[i] = "Turma 1"
				case strings.Contains(strings.ToLower(c), "fax"), strings.Contains(c, "акс"), strings.Contains(c, "Pager"), strings.Contains(c, "пейдж"):
					cells[i] = "+551130050000"
				case strings.HasSuffix(strings.ToLower(c), "name"), strings.HasPrefix(c, "Nom"), strings.Contains(c, "мя"):
					cells[i] = "Pessoa " + phone[len(phone)-1:]
				case second != "" && c == "Other phone":
					cells[i] = second
				}
			}
			return strings.Join(cells, ",") + "\n"
		}
		file := strings.ReplaceAll(header, "*", "") + "\n" + line("+5511900018001", "") + line("+5511900018002", "")
		rows := rowsOf(t, file, intake.Options{})
		if len(rows) != 1 || rows[0].Err != nil || len(rows[0].Request.Phones) != 2 || rows[0].Request.GroupName != "Turma 1" {
			t.Errorf("%s: got\n%swant one group, Turma 1, of two people", name, shown(rows))
		}
	}
}

func TestRead_HeaderWithoutAGroupOrAPhoneIsRefused(t *testing.T) {
	t.Parallel()
	wantUnusable(t, "Lista 2026\nCurso;Responsável;Celular\nInglês;Ana;+5511900018001\n", intake.Options{},
		`The header in line 2 has no column of group names; it holds "Curso", "Responsável", "Celular". Name the column that holds them groupName.`)
	wantUnusable(t, "Turma;Telefone da mãe\nA;+5511900018001\n", intake.Options{}, `The header in line 1 has no column of phones; it holds "Turma", "Telefone da mãe"`)
}

func TestRead_ColumnContatoBesidePhonesMayHoldNames(t *testing.T) {
	t.Parallel()
	const header = "Turma;Contato;Celular\n"
	rows := rowsOf(t, header+"A;Ana;+5511900018001\nA;Bia;+5511900018002\n", intake.Options{})
	if got, want := shown(rows), "1 A [+5511900018001 +5511900018002]\n"; got != want {
		t.Errorf("got %swant %s", got, want)
	}
	wantUnusable(t, header+"A;+5511900018001;+5511900018002\n", intake.Options{}, "Line 2 has phones in several columns")
	alone := rowsOf(t, "Turma;Contato\nA;+5511900018001\nA;Bia\n", intake.Options{})
	if got, want := shown(alone), "1 A [+5511900018001 Bia]\n"; got != want {
		t.Errorf("got %swant %s", got, want)
	}
}

func TestRead_AsksAboutTwoPhonesOfAPersonHoweverLate(t *testing.T) {
	t.Parallel()
	file := "group,name,Work phone,Mobile phone\n" + strings.Repeat("G,Ana,+5511900018001,\n", 5000) + "G,Bia,+5511900018002,+5511900018003\n"
	wantUnusable(t, file, intake.Options{}, "Line 5002 has phones in several columns")
}

func TestRead_SecondGroupOfAPersonIsNotDropped(t *testing.T) {
	t.Parallel()
	const header = "username,firstname,lastname,phone1,group1,group2\n"
	wantUnusable(t, header+"ana,Ana,Teste,+5511900018001,G1,\nbia,Bia,Teste,+5511900018002,G1,G2\n", intake.Options{}, "Line 3 names more than one group")
	rows := rowsOf(t, header+"ana,Ana,Teste,+5511900018001,G1,\nbia,Bia,Teste,+5511900018002,G1,\n", intake.Options{})
	if got, want := shown(rows), "1 G1 [+5511900018001 +5511900018002]\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRead_PhonesOfOthersAreNotThePersons(t *testing.T) {
	t.Parallel()
	rows := rowsOf(t, "Grupo,Nome,Telefone,Telefone da mãe,Fax,Phone type,Emergency phone\nG,Ana,+5511900018001,+5511900018002,+551130050000,mobile,+5511900018003\n", intake.Options{})
	if got, want := shown(rows), "1 G [+5511900018001]\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRead_UsesTheCountryBesideAPhone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ country, phone, region, want string }{
		{"Brasil", "(11) 98765-4321", "", "+5511987654321"},
		{"BR", "11 98765-4321", "PT", "+5511987654321"},
		{"bra", "5511987654321", "", "+5511987654321"},
		{"Portugal", "912 345 678", "BR", "+351912345678"},
		{"Alemanha", "0171 4242421", "BR", "+491714242421"},
		{"Alemania", "0171 4242421", "", "+491714242421"},
		{"Россия", "8 912 345-67-89", "", "+79123456789"},
		{"United States", "(212) 555-0123", "", "+12125550123"},
		{"USA", "212-555-0123", "BR", "+12125550123"},
		{"Portugal", "+5511987654321", "", "+5511987654321"},
		{"Brazil", "98765-4321", "", ""}, // no area code; +98 would be Iran
		{"Atlantis", "11 98765-4321", "BR", "+5511987654321"},
	} {
		rows := rowsOf(t, "group;name;country;phone\nG;Ana;"+tt.country+";"+tt.phone+"\n", intake.Options{Region: tt.region})
		checked, err := intake.Check(rows[0].Request, intake.Rules{Region: tt.region, Now: now()})
		got := ""
		if len(checked.People) > 0 && err == nil {
			got = checked.People[0].Number.E164()
		}
		if got != tt.want {
			t.Errorf("%s %s (home %q): got %q %v, want %q", tt.country, tt.phone, tt.region, got, err, tt.want)
		}
		if got := rows[0].Request.Metadata["country"]; got != tt.country {
			t.Errorf("the metadata has the country %v, want %s", got, tt.country)
		}
	}
	rows := rowsOf(t, "group;país;phones\nG;Portugal;\"912345678, 912345679\"\n", intake.Options{Region: "BR"})
	if got, want := shown(rows), "1 G [PT: 912345678 PT: 912345679]\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCheck_StrictRefusesForeignReadings(t *testing.T) {
	t.Parallel()
	r := tasks.GroupRequest{GroupName: "G", Phones: []tasks.Phone{"5511987654321", "4915112345678"}}
	if _, err := intake.Check(r, intake.Rules{Region: "BR", Now: now()}); err != nil {
		t.Errorf("not strict: got %v, want no error", err)
	}
	_, err := intake.Check(r, intake.Rules{Region: "BR", Strict: true, Now: now()})
	wantCode(t, err, tasks.BadPhone, "phones")
	r.Phones[1] = "+4915112345678"
	if _, err := intake.Check(r, intake.Rules{Region: "BR", Strict: true, Now: now()}); err != nil {
		t.Errorf("strict, with a plus: got %v, want no error", err)
	}
}
