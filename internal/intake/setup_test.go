package intake_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

// whole is a set-up with everything in it.
func whole() tasks.Setup {
	return tasks.Setup{
		Description: "Notices", Photo: "https://school.example/logo.jpg", Admins: &tasks.Admins{People: []tasks.Phone{"+5544999999999"}},
		WelcomeMessage: "Welcome to {{.GroupName}}",
		Settings:       &tasks.Settings{OnlyAdminsSend: new(true), OnlyAdminsEdit: new(false), OnlyAdminsAdd: new(true), ApproveJoins: new(false)},
	}
}

func TestDecode_SetupIsReadByOurNamesAndZAPIs(t *testing.T) {
	t.Parallel()
	const rest = `"admins": ["+5544999999999"], "welcomeMessage": "Welcome to {{.GroupName}}"`
	for name, body := range map[string]string{
		"ours": `{"description": "Notices", "photo": "https://school.example/logo.jpg",
			"settings": {"onlyAdminsSend": true, "onlyAdminsEdit": false, "onlyAdminsAdd": "sim", "approveJoins": "нет"}, ` + rest + `}`,
		"Z-API's": `{"groupDescription": "Notices", "groupPhoto": "https://school.example/logo.jpg", "adminOnlyMessage": true,
			"adminOnlySettings": false, "adminOnlyAddMember": true, "requireAdminApproval": false, ` + rest + `}`,
		"both, which agree": `{"description": "Notices", "groupDescription": "Notices", "profileImage": "https://school.example/logo.jpg", "adminOnlyMessage": true,
			"settings": {"onlyAdminsSend": true, "adminOnlySettings": false, "onlyAdminsAdd": true, "requireAdminApproval": false}, ` + rest + `}`,
	} {
		r, rowErr := intake.Decode([]byte(body))
		if rowErr != nil {
			t.Errorf("%s: got %v, want no error", name, rowErr)
		}
		if d := cmp.Diff(whole(), r.Setup); d != "" {
			t.Errorf("%s: set-up (-want +got):\n%s", name, d)
		}
	}
}

func TestDecode_AllIsAWordOrAListOfThatWord(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]tasks.Admins{
		`{"admins": "all"}`:                     {All: true},
		`{"admins": ["all"]}`:                   {All: true},
		`{"admins": ["all", "+5544999999999"]}`: {People: []tasks.Phone{"all", "+5544999999999"}},
	} {
		r, rowErr := intake.Decode([]byte(body))
		if rowErr != nil || r.Admins == nil {
			t.Errorf("%s: got the admins %+v and %v", body, r.Admins, rowErr)
			continue
		}
		if d := cmp.Diff(want, *r.Admins); d != "" {
			t.Errorf("%s: admins (-want +got):\n%s", body, d)
		}
	}
}

func TestDecode_AnInvalidSetupIsABadField(t *testing.T) {
	t.Parallel()
	for body, field := range map[string]string{
		`{"description": 12}`:                                                 "description",
		`{"description": "a", "groupDescription": "b"}`:                       "description",
		`{"photo": ["x"]}`:                                                    "photo",
		`{"admins": "5544999999999"}`:                                         "admins",
		`{"admins": 5544999999999}`:                                           "admins",
		`{"admins": ["5544999999999", true]}`:                                 "admins",
		`{"admins": [null]}`:                                                  "admins",
		`{"settings": true}`:                                                  "settings",
		`{"settings": {"onlyAdminsDance": true}}`:                             "settings",
		`{"settings": {"approveJoins": "perhaps"}}`:                           "approveJoins",
		`{"settings": {"approveJoins": true}, "requireAdminApproval": false}`: "approveJoins",
		`{"adminOnlyMessage": 3}`:                                             "onlyAdminsSend",
	} {
		_, rowErr := intake.Decode([]byte(body))
		if rowErr == nil || rowErr.Code != tasks.BadField || rowErr.Field != field {
			t.Errorf("%s: got %+v, want badField of %s", body, rowErr, field)
		}
	}
}

func TestGroupRequest_SetupIsFlatInJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(tasks.GroupRequest{GroupName: "A", Setup: whole()})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"groupName":"A","description":"Notices","photo":"https://school.example/logo.jpg","admins":["+5544999999999"],` +
		`"welcomeMessage":"Welcome to {{.GroupName}}","settings":{"onlyAdminsSend":true,"onlyAdminsEdit":false,"onlyAdminsAdd":true,"approveJoins":false}}`
	if string(data) != want {
		t.Errorf("got  %s\nwant %s", data, want)
	}
	if data, err = json.Marshal(tasks.GroupRequest{GroupName: "A"}); err != nil || string(data) != `{"groupName":"A"}` {
		t.Errorf("without a set-up: got %s, %v, want the name alone", data, err)
	}
}

func TestRead_SetupColumnsInFourLanguages(t *testing.T) {
	t.Parallel()
	for _, header := range []string{
		"groupName;phones;description;photo;admins;welcomeMessage;onlyAdminsSend;onlyAdminsEdit;onlyAdminsAdd;approveJoins",
		"grupo;telefones;descrição do grupo;foto;administradores;mensagem de boas-vindas;só admins escrevem;só admins editam;só admins adicionam;aprovar entradas",
		"grupo;teléfonos;descripción;foto del grupo;administradores;bienvenida;solo admins escriben;solo admins editan;solo admins añaden;aprobar ingresos",
		"группа;телефоны;описание;фото;админы;приветствие;пишут только админы;изменяют только админы;добавляют только админы;одобрять вступление",
		"groupName;phones;groupDescription;profileImage;group admins;welcome;adminOnlyMessage;adminOnlySettings;adminOnlyAddMember;requireAdminApproval",
	} {
		rows := rowsOf(t, header+"\nTurma A;+5544999999999;Notices;https://school.example/logo.jpg;+5544999999999;Welcome to {{.GroupName}};sim;no;да;0\n", intake.Options{})
		if rows[0].Err != nil {
			t.Errorf("%s: got %v, want no error", header, rows[0].Err)
		}
		if d := cmp.Diff(whole(), rows[0].Request.Setup); d != "" {
			t.Errorf("%s: set-up (-want +got):\n%s", header, d)
		}
	}
}

func TestRead_AdminsOfACellAreAPhoneListOrAll(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"all": "true []", "Todos": "true []", "todas": "true []", "ВСЕ": "true []",
		"+5544999999999, 44 99999-0002|1@lid": "false [+5544999999999 44 99999-0002 1@lid]",
	} {
		rows := rowsOf(t, "groupName;phones;admins\nA;+5544999999999;"+cell+"\n", intake.Options{Region: "BR"})
		if a := rows[0].Request.Admins; a == nil || fmt.Sprint(a.All, a.People) != want {
			t.Errorf("%q: got %+v, want %s", cell, a, want)
		}
	}
	rows := rowsOf(t, "groupName;phones;admins;approveJoins\nA;+5544999999999;;perhaps\n", intake.Options{})
	if rows[0].Request.Admins != nil {
		t.Errorf("an empty cell: got %+v, want no admins", rows[0].Request.Admins)
	}
	wantCode(t, rows[0].Err, tasks.BadField, "approveJoins")
}

func TestRead_PhotoAndDescriptionOfAPersonAreNotTheGroups(t *testing.T) {
	t.Parallel()
	rows := rowsOf(t, "grupo;telefone;foto;descrição;foto do grupo\nA;+5544999999999;ana.png;tall;https://school.example/logo.jpg\nA;+5544999990002;bia.png;short;\n", intake.Options{})
	r := rows[0].Request
	if rows[0].Err != nil || r.Description != "" || r.Photo != "https://school.example/logo.jpg" || len(r.Phones) != 2 {
		t.Errorf("got %+v, %v, want only the photo of the group", r, rows[0].Err)
	}
}

func TestCheck_NormalizesTheSetup(t *testing.T) {
	t.Parallel()
	r := request()
	r.Phones = []tasks.Phone{"+55 44 99999-9999", "44 99999-0002", "12"}
	r.ChatIDs = []string{"123456789012345@lid"}
	r.Setup = tasks.Setup{
		Description: " Notices \u00a0", Photo: " https://school.example/logo.jpg", Settings: &tasks.Settings{},
		Admins: &tasks.Admins{People: []tasks.Phone{"123456789012345@lid", "(44) 99999-0002", "5544999999999", "+55 44 99999-9999"}},
	}
	got, rowErr := intake.Check(r, intake.Rules{Region: "BR", Now: now()})
	if rowErr != nil {
		t.Fatal(rowErr)
	}
	want := tasks.Setup{
		Description: "Notices", Photo: "https://school.example/logo.jpg",
		Admins: &tasks.Admins{People: []tasks.Phone{"+5544999990002", "+5544999999999", "123456789012345@lid"}},
	}
	if d := cmp.Diff(want, got.Request.Setup); d != "" {
		t.Errorf("set-up (-want +got):\n%s", d)
	}
	r.Setup = tasks.Setup{Admins: &tasks.Admins{}}
	if got, rowErr = intake.Check(r, intake.Rules{Region: "BR", Now: now()}); rowErr != nil || !got.Request.Setup.Zero() {
		t.Errorf("an empty list of admins: got %+v, %v, want no set-up", got.Request.Setup, rowErr)
	}
}

func TestCheck_RefusesASetupByItsField(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		setup tasks.Setup
		field string
		says  string
	}{
		{"a description that is too long", tasks.Setup{Description: strings.Repeat("ã", tasks.MaxDescription+1)}, "description", "2048"},
		{"a description with a bell", tasks.Setup{Description: "a\ab"}, "description", "control"},
		{"a photo that is a file", tasks.Setup{Photo: "logo.jpg"}, "photo", "https://host/"},
		{"a photo by ftp", tasks.Setup{Photo: "ftp://host/logo.jpg"}, "photo", "https://host/"},
		{"a photo by http", tasks.Setup{Photo: "http://host/logo.jpg"}, "photo", "https://"},
		{"a photo in the request", tasks.Setup{Photo: "data:image/png;base64,AAAA"}, "photo", "https://host/"},
		{"a long address", tasks.Setup{Photo: "https://host/" + strings.Repeat("a", 2048)}, "photo", "2048"},
		{"a welcome that is not a template", tasks.Setup{WelcomeMessage: "Hello {{.GroupName"}, "welcomeMessage", "{{.Organisation}}"},
		{"a welcome with an unknown field", tasks.Setup{WelcomeMessage: "Hello {{.Name}}"}, "welcomeMessage", "{{.Organisation}}"},
		{"a welcome that is too long", tasks.Setup{WelcomeMessage: strings.Repeat("ã", tasks.MaxMessage+1)}, "welcomeMessage", "4096"},
		{"an admin who is not in the group", tasks.Setup{Admins: &tasks.Admins{People: []tasks.Phone{"+5544999999999", "+5544900000001"}}}, "admins", "entry 2"},
		{"an admin who is not a number", tasks.Setup{Admins: &tasks.Admins{People: []tasks.Phone{"Ana"}}}, "admins", "entry 1"},
	} {
		r := request()
		r.Phones = []tasks.Phone{"+5544999999999"}
		r.Setup = tt.setup
		_, rowErr := intake.Check(r, intake.Rules{Now: now()})
		wantCode(t, rowErr, tasks.BadField, tt.field)
		if rowErr != nil && !strings.Contains(rowErr.Message, tt.says) {
			t.Errorf("%s: got %q, want %q in it", tt.name, rowErr.Message, tt.says)
		}
	}
	r := request()
	r.Setup = tasks.Setup{Photo: "http://127.0.0.1/logo.jpg", WelcomeMessage: "{{.Organisation}}: {{.GroupName}}\n{{.Link}}", Admins: &tasks.Admins{All: true}}
	if _, rowErr := intake.Check(r, intake.Rules{Now: now(), PrivatePhotos: true}); rowErr != nil {
		t.Errorf("with private photos allowed: got %v, want no error", rowErr)
	}
}

func TestCheck_RegionOfThePoolReadsNumbersWithoutACountryCode(t *testing.T) {
	t.Parallel()
	regions := map[string]string{"default": "BR", "moscow": "RU"}
	for _, tt := range []struct{ phone, instance, pool, region, want string }{
		{phone: "(44) 99999-0002", want: "+5544999990002"},
		{phone: "8 (912) 345-67-89", pool: "moscow", want: "+79123456789"},
		{phone: "(44) 99999-0002", pool: "moscow", region: "BR", want: "+5544999990002"},
		{phone: "(44) 99999-0002", pool: "other"},
		{phone: "(44) 99999-0002", instance: "alpha"},
	} {
		r := tasks.GroupRequest{GroupName: "A", Phones: []tasks.Phone{tasks.Phone(tt.phone)}, Instance: tt.instance, Pool: tt.pool}
		got, rowErr := intake.Check(r, intake.Rules{Now: now(), Region: tt.region, Regions: regions})
		if number := got.People[0].Number.E164(); number != tt.want || (rowErr != nil) != (tt.want == "") {
			t.Errorf("%+v: got %q, %v", tt, number, rowErr)
		}
	}
}

func TestRead_RegionOfThePoolDividesACellOfPhones(t *testing.T) {
	t.Parallel()
	o := intake.Options{Regions: map[string]string{"vip": "BR"}}
	const file = "groupName;phones;pool\nA;44 99999-0001 44 99999-0002;vip\n"
	if n := len(rowsOf(t, file, o)[0].Request.Phones); n != 2 {
		t.Errorf("the cell of a row of vip has %d phones, want 2", n)
	}
	o.Target = tasks.Target{Pool: "vip"}
	if n := len(rowsOf(t, strings.ReplaceAll(file, ";vip", ";"), o)[0].Request.Phones); n != 2 {
		t.Errorf("the cell of a row without a pool has %d phones, want 2", n)
	}
}
