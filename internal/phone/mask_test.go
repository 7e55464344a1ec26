package phone_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"github.com/rollcallhq/rollcall/internal/phone"
)

func TestMask_HidesNumbersAndLeavesTheRest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, input, want string }{
		{"E.164", "+5511999999999", "+5511•••••9999"},
		{"digits in a sentence", "the phone 5511999999999 is not on WhatsApp", "the phone 5511•••••9999 is not on WhatsApp"},
		{"spaces, brackets and dashes", "call +55 (61) 90000-9667, please", "call +5561•••••9667, please"},
		{"inside a chat id", "79001234567@c.us", "790••••4567@c.us"},
		{"inside JSON", `{"phones":["5511999999999",79001234567]}`, `{"phones":["5511•••••9999",790••••4567]}`},
		{"two behind each other", "+5511999999999 +5521888888888", "+5511•••••9999 +5521•••••8888"},
		{"a count before a number", "row 3 5511999999999", "row 3 5511•••••9999"},
		{"a number in brackets behind a code", "061999(5511999999999)", "061999 5511•••••9999)"},
		{"a short one hides more", "3000-0000", "30••••00"},
		{"seven digits", "1234567", "1••••67"},
		{"other scripts' digits", "٥٥١١٩٩٩٩٩٩٩٩٩", "5511•••••9999"},
		{"counts stay", "3 of 1000 rows, HTTP 429", "3 of 1000 rows, HTTP 429"},
		{"times stay", "2026-11-21T21:04:05.123456789Z and 2026-11-21", "2026-11-21T21:04:05.123456789Z and 2026-11-21"},
		{"our ids stay", "grp_01933f2a-1234-7567-8901-234567890123", "grp_01933f2a-1234-7567-8901-234567890123"},
		{"a job's too", "job_01933f2a-1234-7567-8901-234567890123", "job_01933f2a-1234-7567-8901-234567890123"},
		{"an upload's too", "upl_01933f2a-1234-7567-8901-234567890123", "upl_01933f2a-1234-7567-8901-234567890123"},
		{"a saved view's too", "view_01933f2a-1234-7567-8901-234567890123", "view_01933f2a-1234-7567-8901-234567890123"},
		{"a trace id stays", "0193f2aa12347567890123456789012a", "0193f2aa12347567890123456789012a"},
		{"numbers written together", "55119999999995521888888888551199", "5511••••••••••••••••••••••••1199"},
		{"numbers in the shape of a UUID", "55119999-9999-5521-8888-888885511999", "5511••••••••••••8888-8888••••1999"},
		{"addresses stay", "dial tcp 192.168.100.200:6379", "dial tcp 192.168.100.200:6379"},
		{"an exponent stays", "5,5119E+12", "5,5119E+12"},
		{"text stays", "São José – Иван 🎓", "São José – Иван 🎓"},
		{"broken UTF-8 stays", "a\xffb", "a\xffb"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := phone.Mask(tt.input); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMask_LeavesNoNumberWhateverStandsAround(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[1-9][0-9]{9,14}`).Draw(t, "number")
		around := rapid.StringMatching(`[a-z +().,:@"-]{0,6}`)
		text := around.Draw(t, "before") + number + around.Draw(t, "behind")
		masked := phone.Mask(text)
		if strings.Contains(masked, number) {
			t.Fatalf("%q keeps the number as %q", text, masked)
		}
		if again := phone.Mask(masked); again != masked {
			t.Fatalf("%q masks to %q and that to %q", text, masked, again)
		}
	})
}

func TestNumber_PrintsMaskedEveryWay(t *testing.T) {
	t.Parallel()
	n, err := phone.Parse("+5511999999999", "")
	if err != nil {
		t.Fatal(err)
	}
	inStruct := struct{ Phone phone.Number }{n}
	document, err := json.Marshal(map[string]any{"value": n, "struct": inStruct})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	l := zerolog.New(&log)
	l.Info().Any("b", n).Stringer("c", n).Any("d", inStruct).Msg("")
	for _, printed := range []string{
		n.String(), n.GoString(), string(document), log.String(),
		fmt.Sprintf("%v %+v %#v %s %q %x %X %d %20s %v %#v", n, n, n, n, n, n, n, n, n, inStruct, inStruct),
	} {
		if strings.Contains(printed, "999999999") || strings.Contains(printed, "393939393939") || !strings.Contains(printed, "5511•••••9999") {
			t.Errorf("printed %s, want every number masked", printed)
		}
	}
	if n.E164() != "+5511999999999" || n.Digits() != "5511999999999" {
		t.Errorf("got %s and %s, want the number in clear", n.E164(), n.Digits())
	}
}

func TestMaskTyped_HidesShortNumbersOfAnyScript(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"Maria": "Maria", "12": "••••", "12345": "12••••", "１２３４５": "１２••••", "€12345": "€1••••", "+5511999999999": "+5511•••••9999",
	} {
		if got := phone.MaskTyped(typed); got != want {
			t.Errorf("MaskTyped(%q): got %q, want %q", typed, got, want)
		}
	}
}
