package intake_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestRead_ConsentFromEveryFormat(t *testing.T) {
	t.Parallel()
	for name, input := range map[string]string{
		"JSON":       `{"groupName":"A","phones":["5544999999999"],"consent":{"source":"form 7","at":"2026-11-20T00:00:00Z"}}`,
		"CSV":        "groupName,phones,consentSource,consentAt\nA,5544999999999,form 7,2026-11-20T00:00:00Z\n",
		"a date":     "group;phones;opt-in;opt-in date\nA;5544999999999;form 7;2026-11-20\n",
		"Portuguese": "Nome do grupo;Telefones;Consentimento;Data do consentimento\nA;5544999999999;form 7;2026-11-20\n",
		"Spanish":    "grupo;teléfonos;consentimiento;fecha del consentimiento\nA;5544999999999;form 7;2026-11-20\n",
		"Russian":    "группа;телефоны;согласие;дата согласия\nA;5544999999999;form 7;2026-11-20\n",
		"one line per person": "grupo,telefone,consentimento,data do consentimento\nA,5544999999999,form 7,2026-11-20\n" +
			"A,5544988888888,form 7,2026-11-20\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := rowsOf(t, input, intake.Options{})
			if len(rows) != 1 || rows[0].Err != nil {
				t.Fatalf("got %s", shown(rows))
			}
			got, err := intake.Check(rows[0].Request, intake.Rules{Now: now(), RequireConsent: true})
			if err != nil {
				t.Fatal(err)
			}
			c := got.Request.Consent
			if c == nil || c.Source != "form 7" || c.At == nil || !c.At.Equal(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)) {
				t.Errorf("got the consent %+v, want form 7 of 2026-11-20", c)
			}
		})
	}
}

func TestDecode_InvalidConsentIsABadField(t *testing.T) {
	t.Parallel()
	for name, consent := range map[string]string{
		"a text":          `"yes"`,
		"a list":          `[]`,
		"another key":     `{"sauce":"x"}`,
		"a number":        `{"source":7}`,
		"an invalid time": `{"source":"x","at":"yesterday"}`,
		"the future":      `{"source":"x","at":"2199-01-01T00:00:00Z"}`,
		"a bell":          `{"source":"a\u0007b"}`,
		"too long":        `{"source":"` + strings.Repeat("ç", 501) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := intake.Decode([]byte(`{"groupName":"A","phones":["5544999999999"],"consent":` + consent + `}`))
			if err == nil {
				_, err = intake.Check(r, intake.Rules{Now: now()})
			}
			if err == nil || err.Code != tasks.BadField || err.Field != "consent" {
				t.Errorf("got %+v, want badField of consent", err)
			}
		})
	}
}

func TestCheck_ConsentIsRequiredOnlyWithRequireConsent(t *testing.T) {
	t.Parallel()
	at := now().Add(-time.Hour)
	for name, c := range map[string]*tasks.Consent{
		"none": nil, "empty": {}, "blank": {Source: " \u200b", At: &at}, "without a time": {Source: "form"}, "without a source": {At: &at},
	} {
		r := request()
		r.Consent = c
		if _, err := intake.Check(r, intake.Rules{Now: now()}); err != nil {
			t.Errorf("%s, not required: got %v, want no error", name, err)
		}
		if _, err := intake.Check(r, intake.Rules{Now: now(), RequireConsent: true}); err == nil || err.Code != tasks.BadField || err.Field != "consent" {
			t.Errorf("%s, required: got %v, want badField of consent", name, err)
		}
	}
}
