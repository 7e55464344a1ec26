package phone

import (
	"testing"

	"github.com/nyaruka/phonenumbers"
)

func TestThePlainReadingAgreesWithTheLibrarysForEveryCountryAndKind(t *testing.T) {
	t.Parallel()
	kinds := []phonenumbers.PhoneNumberType{
		phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.TOLL_FREE, phonenumbers.PREMIUM_RATE,
		phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER, phonenumbers.PAGER, phonenumbers.UAN,
	}
	read := 0
	for region := range phonenumbers.GetSupportedRegions() {
		for _, kind := range kinds {
			example := phonenumbers.GetExampleNumberForType(region, kind)
			if example == nil {
				continue
			}
			digits := phonenumbers.Format(example, phonenumbers.E164)[1:]
			// The example, and its neighbours: most are valid, some are not.
			for last := byte('0'); last <= '9'; last++ {
				digits := digits[:len(digits)-1] + string(last)
				plain, ok := readPlain(digits)
				if !ok {
					continue
				}
				read++
				n, err := phonenumbers.Parse("+"+digits, "")
				if err != nil {
					t.Errorf("%s: the library cannot read %s", region, digits)
					continue
				}
				if slow := phonenumbers.Format(n, phonenumbers.E164); slow != plain.number.E164() {
					t.Errorf("%s: %s is read as %s, by the library as %s", region, digits, plain.number.E164(), slow)
				}
			}
		}
	}
	if read < 2000 {
		t.Errorf("readPlain read only %d numbers, want at least 2000", read)
	}
}

func BenchmarkParse(b *testing.B) {
	for name, input := range map[string]string{"E.164": "+5511987654321", "typed": "+55 (11) 98765-4321", "national": "(11) 98765-4321"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Parse(input, "BR"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
