package phone_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/phone"
)

func TestParse_ReadsWhatPeopleType(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, input, region, want string }{
		{"digits with a country code", "5544999999999", "", "+5544999999999"},
		{"an invented Brazilian mobile", "5511900028495", "", "+5511900028495"},
		{"spaces, dashes and brackets", "+55 (61) 90000-9667", "", "+5561900009667"},
		{"dots", "+55.61.90000.9667", "", "+5561900009667"},
		{"no-break and zero-width characters", "\u200e+55\u00a061\u202f90000\u201196\u200b67\ufeff", "", "+5561900009667"},
		{"full-width and Arabic digits", "＋５５61٩0000-9667", "", "+5561900009667"},
		{"00 is international", "0055 61 90000-9667", "", "+5561900009667"},
		{"00 is international under any region", "00 7 900 123-45-67", "BR", "+79001234567"},
		{"a spreadsheet's mark for text", "'+5561900009667", "", "+5561900009667"},
		{"an integer a data tool made a float of", "5561900009667.0", "", "+5561900009667"},
		{"a number of the region", "61 90000-9667", "BR", "+5561900009667"},
		{"a number of the region with the trunk zero", "(061) 90000-9667", "BR", "+5561900009667"},
		{"a number of the region, lower case", "61 90000-9667", "br", "+5561900009667"},
		{"Russia's trunk eight", "8 (900) 123-45-67", "RU", "+79001234567"},
		{"a whole foreign number where the region has none", "79001234567", "BR", "+79001234567"},
		{"the region before abroad", "51 90003-8904", "BR", "+5551900038904"},
		{"a whole number of the region before its other readings", "4915112345678", "DE", "+4915112345678"},
		{"a whole number of the region in its old form", "554996479903", "BR", "+554996479903"},
		{"an old form of the region before abroad", "49 9647-9903", "BR", "+554996479903"},
		{"the region decides what its digits are", "9001234567", "RU", "+79001234567"},
		{"the prefix of a collect call is not a trunk prefix", "90 53 2123-4567", "BR", "+905321234567"},
		{"an exponent with all digits", "5.511987650051e12", "", "+5511987650051"},
		{"an exponent with all digits and a comma", "5,511987650051E+12", "", "+5511987650051"},
		{"a mark of an advertising form", "p:+5511900018001", "", "+5511900018001"},
		{"a tel link", "tel:+55-11-90001-8001", "", "+5511900018001"},
		{"a tel link with a context", "tel:11-90001-8001;phone-context=+55", "BR", "+5511900018001"},
		{"a mark of a messenger", "whatsapp:+5511900018001", "", "+5511900018001"},
		{"a chat link", "https://wa.me/5511900018001?text=oi", "", "+5511900018001"},
		{"a chat link without https", "wa.me/5511900018001", "BR", "+5511900018001"},
		{"a send link", "https://api.whatsapp.com/send?text=a&phone=5511900018001", "", "+5511900018001"},
		{"a formula that holds a text", `="5511900018001"`, "", "+5511900018001"},
		{"a slash behind the area code", "+49 171 / 42 42 42 1", "", "+491714242421"},
		{"an area code with a slash", "0171/4242421", "DE", "+491714242421"},
		{"the place of a carrier's code", "(0xx11) 90001-8001", "BR", "+5511900018001"},
		{"the place of a carrier's code, by stars", "0**11 90001-8001", "BR", "+5511900018001"},
		{"the place of a carrier's code behind a plus", "+55 (0XX11) 90001-8001", "", "+5511900018001"},
		{"an extension in Portuguese", "11 3000-0000 ramal 12", "BR", "+551130000000"},
		{"an extension in English", "+44 20 7946 0000 ext. 45", "", "+442079460000"},
		{"an extension behind an x", "(11) 3000-0000 x12", "BR", "+551130000000"},
		{"Argentina's 15 inside the country", "011 15 2345-6789", "AR", "+5491123456789"},
		{"an area code in brackets asks the region first", "(51) 90003-8904", "BR", "+5551900038904"},
		{"a mobile of the region goes before premium rate abroad", "41 90005-4168", "BR", "+5541900054168"},
		{"behind a plus a number need only be possible", "+5510987654321", "BR", "+5510987654321"},
		{"a number of a provider's example", "5544888888888", "", "+5544888888888"},
		{"an old eight-digit mobile stays as it is", "554498765432", "BR", "+554498765432"},
		{"an old eight-digit mobile with brackets", "(44) 9876-5432", "BR", "+554498765432"},
		{"a plus outranks the region", "+51 90003-8904", "BR", "+51900038904"},
		{"Mexico's retired 1 goes", "+52 1 55 1234 5678", "", "+525512345678"},
		{"Mexico today", "+52 55 0000 9716", "", "+525500009716"},
		{"Argentina's mobile 9 stays", "+54 9 11 2345-6789", "", "+5491123456789"},
		{"a trunk zero in brackets", "+44 (0)20 7946 0000", "", "+442079460000"},
		{"Italy's zero is part of the number", "+39 06 1234 5678", "", "+390612345678"},
		{"space around", "  \n5544999999999\t", "", "+5544999999999"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := phone.Parse(tt.input, tt.region)
			if err != nil || got.E164() != tt.want {
				t.Errorf("got %s and %v, want %s", got.E164(), err, tt.want)
			}
		})
	}
}

func TestParse_RefusesWithTheReasonAndARemedy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, input, region string
		want                phone.Reason
	}{
		{"nothing", " ", "", phone.Empty},
		{"invisible characters only", "\u200b\ufeff", "", phone.Empty},
		{"a spreadsheet's exponent with a comma", "5,5119E+12", "BR", phone.Exponent},
		{"a spreadsheet's exponent with a point", "5.5119e+12", "", phone.Exponent},
		{"an exponent that lost its last digit", "5.51199999999e12", "", phone.Exponent},
		{"a fraction", "5511987650.5", "", phone.Fraction},
		{"a fraction of an exponent", "5.5119876500515e12", "", phone.Fraction},
		{"an extension alone", "ramal 12", "BR", phone.Letters},
		{"digits that are kept back", "(11) 90001-80xx", "BR", phone.Letters},
		{"a name", "Maria", "BR", phone.Letters},
		{"punctuation only", "---", "BR", phone.Letters},
		{"a plus only", "+", "BR", phone.Letters},
		{"two numbers", "5544999999999 / 5544888888888", "", phone.Several},
		{"two numbers with plus", "+5544999999999 +5544888888888", "", phone.Several},
		{"no such country", "+9991234567890", "", phone.Country},
		{"a trunk zero without a region", "061 90000-9667", "", phone.NoRegion},
		{"an area code in brackets without a region", "(27) 90009-0911", "", phone.Bracketed},
		{"an area code in brackets that no country has", "(11) 98765-4321", "", phone.Bracketed},
		{"a whole number of two countries", "51 98765-4321", "", phone.Ambiguous},
		{"a zero that is the trunk prefix of an unnamed country", "9001234567", "BR", phone.NotHome},
		{"a possible number without a plus", "5510987654321", "BR", phone.NotHome},
		{"a possible number without a region", "5510987654321", "", phone.NoRegion},
		{"a switchboard with an extension that is not marked", "11 3333-4444 12", "BR", phone.NotHome},
		{"another ending behind a slash", "030 1234567/8", "DE", phone.Several},
		{"a service of the region", "0800 123 4567", "BR", phone.NotHome},
		{"an American number without its area", "352-2344", "US", phone.NoArea},
		{"too short", "+55 11 9999", "", phone.Length},
		{"too long", "+55 11 99999 9999 99", "", phone.Length},
		{"more than fifteen digits, which Indonesia's plan allows", "+62053162053 411 4 4155", "", phone.Length},
		{"a local number without its area", "99999-9999", "BR", phone.NoArea},
		{"a local number that is abroad", "98765-4334", "BR", phone.NoArea},
		{"half an area code", "(1) 98765-4321", "BR", phone.NoArea},
		{"half an area code with its zero", "01 98765 4321", "BR", phone.NoArea},
		{"half an area code after the country code", "+55 1 98765-4321", "", phone.NoArea},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := phone.Parse(tt.input, tt.region)
			var e *phone.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %s and %v, want an error", got.E164(), err)
			}
			if e.Reason != tt.want || e.Said().Zero() {
				t.Errorf("got %q: %v, want %q with a sentence and a remedy", e.Reason, e, tt.want)
			}
		})
	}
}

func TestParse_AnExponentSaysHowToExportAsText(t *testing.T) {
	t.Parallel()
	_, err := phone.Parse("5,5119E+12", "")
	if err == nil || !strings.Contains(err.Error(), "as text") || !strings.Contains(err.Error(), "5,5119E+12") {
		t.Errorf("got %v, want the cell and how to export it as text", err)
	}
}

func TestKnownRegion_TakesCountriesOnly(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]bool{"BR": true, "br": true, "RU": true, "XX": false, "": false, "001": false} {
		if got := phone.KnownRegion(region); got != want {
			t.Errorf("KnownRegion(%q) is %v, want %v", region, got, want)
		}
	}
}

// FuzzParse checks for any text that a number from Parse is E.164 and reads back as itself, and that an error shows
// no number in clear.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"+55 (61) 90000-9667", "5,5119E+12", "11 3000-0000 ramal 12", "0055 61", "'+52 1 55 1234 5678", strings.Repeat("0", 32), "000000(0000000000", "0fffffff000000000000000000000000", "\u200e\u00a0(", "٠٠٥٥"} {
		f.Add(s, "BR")
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, input, region string) {
		n, err := phone.Parse(input, region)
		if err != nil {
			wantNoLongRun(t, err.Error())
			return
		}
		if digits := strings.Trim(n.Digits(), "0123456789"); digits != "" || len(n.E164()) < 5 || len(n.E164()) > 16 || n.E164()[0] != '+' {
			t.Errorf("%q became %q, which is not E.164", input, n.E164())
		}
		again, err := phone.Parse(n.E164(), region)
		if err != nil || again != n {
			t.Errorf("%q became %q, which reads back as %q and %v", input, n.E164(), again.E164(), err)
		}
	})
}

// wantNoLongRun fails when s shows seven digits or more in a row.
func wantNoLongRun(t *testing.T, s string) {
	t.Helper()
	if longRun.MatchString(s) {
		t.Fatalf("%q shows a number in clear", s)
	}
}

var longRun = regexp.MustCompile(`[0-9]{7}`)
