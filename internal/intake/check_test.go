package intake_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

func request() tasks.GroupRequest {
	return tasks.GroupRequest{GroupName: "Turma 12", Phones: []tasks.Phone{"5544999999999"}}
}

func TestCheck_NormalizesARequest(t *testing.T) {
	t.Parallel()
	r := request()
	r.GroupName = "\u200b \u00a0Turma\u00a012\u200b 👨\u200d👩\u200d👧 \n"
	r.Pool, r.ExternalRef, r.Priority = " default ", " 7 ", " HIGH "
	got, rowErr := intake.Check(r, intake.Rules{Now: now()})
	if rowErr != nil {
		t.Fatal(rowErr)
	}
	if got.Request.GroupName != "Turma 12 👨\u200d👩\u200d👧" || got.Request.Pool != "default" || got.Request.ExternalRef != "7" || got.Request.Priority != tasks.High {
		t.Errorf("got %+v, want its texts trimmed and the priority high", got.Request)
	}
	got, _ = intake.Check(request(), intake.Rules{Now: now()})
	if got.Request.Priority != tasks.Normal {
		t.Errorf("an empty priority became %q, want normal", got.Request.Priority)
	}
}

func TestCheck_OnePersonInSeveralSpellingsIsOneMember(t *testing.T) {
	t.Parallel()
	r := tasks.GroupRequest{
		GroupName: "A",
		Phones: []tasks.Phone{
			"+55 61 99953-6737", "5561999536737", "556199536737", "(61) 99953-6737", // one mobile, with and without the ninth digit
			"+52 1 55 1234 5678", "525512345678",
			"", " \u200b", // blank
			"11 3000-0000 ramal 12", "11 3000-0000 ramal 12",
			"79001234567@c.us",
		},
		ChatIDs: []string{"79001234567@c.us", "162122214428868@lid", "162122214428868@lid", "", "120363000000000001@g.us"},
	}
	got, rowErr := intake.Check(r, intake.Rules{Region: "BR", Now: now()})
	if rowErr != nil {
		t.Fatal(rowErr)
	}
	var b strings.Builder
	for _, p := range got.People {
		fmt.Fprintf(&b, "%s|%s|%s|%v\n", p.Number.E164(), p.Identity.LID, p.Input, p.Err != nil)
	}
	want := "+5561999536737||+55 61 99953-6737|false\n+525512345678||+52 1 55 1234 5678|false\n+551130000000||11 3000-0000 ramal 12|false\n" +
		"+79001234567||79001234567@c.us|false\n|162122214428868@lid|162122214428868@lid|false\n||120363000000000001@g.us|true\n"
	if b.String() != want {
		t.Errorf("got the people\n%swant\n%s", b.String(), want)
	}
}

func TestCheck_RefusesABadField(t *testing.T) {
	t.Parallel()
	early, late := now().Add(-time.Second), now().Add(time.Hour)
	later := late.Add(time.Hour)
	before := time.Date(0, 1, 1, 0, 0, 0, 0, time.FixedZone("", 23*3600)) // in UTC before the year 0
	beyond := time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -60))
	for _, tt := range []struct {
		name   string
		change func(*tasks.GroupRequest)
		code   tasks.Code
		field  string
	}{
		{"no name", func(r *tasks.GroupRequest) { r.GroupName = " \u00a0\u200b\n" }, tasks.NoName, "groupName"},
		{"a name of 101 characters", func(r *tasks.GroupRequest) { r.GroupName = strings.Repeat("ã", 101) }, tasks.NameTooLong, "groupName"},
		{"a name of two lines", func(r *tasks.GroupRequest) { r.GroupName = "a\nb" }, tasks.BadField, "groupName"},
		{"a name with a bell in it", func(r *tasks.GroupRequest) { r.GroupName = "a\ab" }, tasks.BadField, "groupName"},
		{"a name of broken UTF-8", func(r *tasks.GroupRequest) { r.GroupName = "a\xffb" }, tasks.Unreadable, "groupName"},
		{"no person", func(r *tasks.GroupRequest) { r.Phones = nil }, tasks.NoPhones, "phones"},
		{"blank phones", func(r *tasks.GroupRequest) { r.Phones = []tasks.Phone{" ", ""} }, tasks.NoPhones, "phones"},
		{"no usable phone", func(r *tasks.GroupRequest) { r.Phones = []tasks.Phone{"x", "5,5119E+12"} }, tasks.BadPhone, "phones"},
		{"1,024 people", func(r *tasks.GroupRequest) { r.Phones = many(1024) }, tasks.TooManyPhones, "phones"},
		{"an instance and a pool", func(r *tasks.GroupRequest) { r.Instance, r.Pool = "a", "b" }, tasks.BadField, "instance"},
		{"an unknown priority", func(r *tasks.GroupRequest) { r.Priority = "urgent" }, tasks.BadField, "priority"},
		{"a line break in a key", func(r *tasks.GroupRequest) { r.IdempotencyKey = "a\nb" }, tasks.BadField, "idempotencyKey"},
		{"an end that has passed", func(r *tasks.GroupRequest) { r.ExpiresAt = &early }, tasks.BadTime, "expiresAt"},
		{"an end before the beginning", func(r *tasks.GroupRequest) { r.NotBefore, r.ExpiresAt = &later, &late }, tasks.BadTime, "expiresAt"},
		{"an end at the beginning", func(r *tasks.GroupRequest) { r.NotBefore, r.ExpiresAt = &late, &late }, tasks.BadTime, "expiresAt"},
		{"a beginning before all years", func(r *tasks.GroupRequest) { r.NotBefore = &before }, tasks.BadTime, "notBefore"},
		{"a beginning after all years", func(r *tasks.GroupRequest) { r.NotBefore = &beyond }, tasks.BadTime, "notBefore"},
		{"an end after all years", func(r *tasks.GroupRequest) { r.ExpiresAt = &beyond }, tasks.BadTime, "expiresAt"},
		{"a consent before all years", func(r *tasks.GroupRequest) { r.Consent = &tasks.Consent{At: &before} }, tasks.BadField, "consent"},
		{"an open template", func(r *tasks.GroupRequest) { r.InviteMessage = "{{.Link" }, tasks.BadField, "inviteMessage"},
		{"an unknown field in a template", func(r *tasks.GroupRequest) { r.InviteMessage = "{{.Phone}}" }, tasks.BadField, "inviteMessage"},
		{"an invitation without its link", func(r *tasks.GroupRequest) { r.InviteMessage = "Come in!" }, tasks.BadField, "inviteMessage"},
		{"an invitation without its link in pools without an organisation", func(r *tasks.GroupRequest) { r.InviteMessage = "{{if .Organisation}}{{.Link}}{{end}}" }, tasks.BadField, "inviteMessage"},
		{"an invitation without its link in pools with an organisation", func(r *tasks.GroupRequest) { r.InviteMessage = "{{if .Organisation}}Come in!{{else}}{{.Link}}{{end}}" }, tasks.BadField, "inviteMessage"},
		{"a template that costs minutes", func(r *tasks.GroupRequest) { r.InviteMessage = "{{range 1000000000}}x{{end}}" }, tasks.BadField, "inviteMessage"},
		{"a template that fills the memory", func(r *tasks.GroupRequest) { r.InviteMessage = `{{printf "%1000000000d" 1}}` }, tasks.BadField, "inviteMessage"},
		{"a template that calls itself", func(r *tasks.GroupRequest) { r.InviteMessage = `{{define "x"}}{{template "x"}}{{end}}{{template "x"}}` }, tasks.BadField, "inviteMessage"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := request()
			tt.change(&r)
			_, rowErr := intake.Check(r, intake.Rules{Now: now()})
			wantCode(t, rowErr, tt.code, tt.field)
		})
	}
}

func TestCheck_ReturnsAllFaults(t *testing.T) {
	t.Parallel()
	early := now().Add(-time.Second)
	beyond := time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -60))
	r := tasks.GroupRequest{
		Metadata: map[string]any{"total": math.Inf(1)}, Instance: "a\n", Pool: "b", Priority: "urgent", IdempotencyKey: "a\nb", ExternalRef: "a\nb",
		NotBefore: &beyond, ExpiresAt: &early, InviteMessage: "Hello", Phones: []tasks.Phone{"x"},
		Setup: tasks.Setup{Description: "\a", WelcomeMessage: "{{.Phone}}", Photo: "logo.jpg"},
	}
	in, rowErr := intake.Check(r, intake.Rules{Now: now()})
	if rowErr == nil || len(in.People) > 0 {
		t.Fatalf("got %v and %d people, want faults of several fields, and no people", rowErr, len(in.People))
	}
	var got []string
	for _, fault := range rowErr.All() {
		got = append(got, string(fault.Code)+" "+fault.Field)
	}
	want := []string{
		"badField metadata", "noName groupName", "badField idempotencyKey", "badField externalRef", "badField instance", "badField priority", "badTime notBefore", "badTime expiresAt",
		"badField inviteMessage", "badField description", "badField welcomeMessage", "badField photo", "badPhone phones",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if in, rowErr := intake.Check(tasks.GroupRequest{GroupName: "A", Phones: []tasks.Phone{"x"}}, intake.Rules{Now: now()}); len(in.People) != 1 || len(rowErr.All()) != 1 {
		t.Errorf("got %d people and %v, want the invalid one, and one fault", len(in.People), rowErr.All())
	}
}

func TestCheck_AcceptsAValidRequest(t *testing.T) {
	t.Parallel()
	late := now().Add(time.Hour)
	for _, tt := range []struct {
		name   string
		change func(*tasks.GroupRequest)
	}{
		{"a name of 100 characters", func(r *tasks.GroupRequest) { r.GroupName = strings.Repeat("ã", 100) }},
		{"1,023 people, one of them twice", func(r *tasks.GroupRequest) { r.Phones = append(many(1023), many(1)...) }},
		{"a bad phone among good ones", func(r *tasks.GroupRequest) { r.Phones = append(r.Phones, "x") }},
		{"a beginning in the past", func(r *tasks.GroupRequest) { early := now().Add(-time.Hour); r.NotBefore = &early }},
		{"a blank invitation", func(r *tasks.GroupRequest) { r.InviteMessage = " \n" }},
		{"an invitation that names the organisation if there is one", func(r *tasks.GroupRequest) {
			r.InviteMessage = "{{if .Organisation}}{{.Organisation}}: {{end}}{{.Link}}"
		}},
		{"an end in the future", func(r *tasks.GroupRequest) { r.ExpiresAt = &late }},
		{"an invitation of two lines", func(r *tasks.GroupRequest) {
			r.InviteMessage = "Olá!\n{{if .GroupName}}{{.GroupName}}: {{else}}x{{end}}{{- .Link }}"
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := request()
			tt.change(&r)
			if _, rowErr := intake.Check(r, intake.Rules{Now: now()}); rowErr != nil {
				t.Errorf("got %s %v, want no error", rowErr.Code, rowErr)
			}
		})
	}
}

func TestCheck_StrictRefusesAnyBadPhone(t *testing.T) {
	t.Parallel()
	r := request()
	r.Phones = append(r.Phones, "x")
	_, rowErr := intake.Check(r, intake.Rules{Strict: true, Now: now()})
	wantCode(t, rowErr, tasks.BadPhone, "phones")
}

func TestCheck_NoErrorHoldsANumber(t *testing.T) {
	t.Parallel()
	const number = "5544999999999"
	for _, body := range []string{
		`{"groupName": "A", "phones": ["` + number + ` x"]}`,
		`{"groupName": "A", "phones": ["+` + number + `0000"]}`,
		`{"groupName": "A", "phones": ["` + number + `/` + number + `"]}`,
		`{"groupName": "A", "chatIds": ["` + number + `@g.us"]}`,
		`{"groupName": "A", "phones": ["1"], "priority": "` + number + `"}`,
		`{"groupName": "A", "` + number + `": 1}`,
		`{"groupName": "A", "expiresAt": "` + number + `"}`,
		`{"groupName": "A" "` + number + `"}`,
	} {
		r, rowErr := intake.Decode([]byte(body))
		if rowErr == nil {
			_, rowErr = intake.Check(r, intake.Rules{Now: now()})
		}
		if rowErr == nil || strings.Contains(rowErr.Message+rowErr.Field, "99999999") {
			t.Errorf("%s: got %+v, want an error without the number", body, rowErr)
		}
	}
}

func many(n int) []tasks.Phone {
	list := make([]tasks.Phone, n)
	for i := range list {
		list[i] = tasks.Phone(fmt.Sprintf("+55449990%05d", i))
	}
	return list
}
