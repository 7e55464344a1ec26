package phone

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// The library stays the judge: what is taken for a mobile without asking it must be one to it.
func TestAMobileThatIsRecognisedQuicklyIsOneToTheLibraryToo(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(6, 6))
	recognised := 0
	for region := range phonenumbers.GetSupportedRegions() {
		for kind := phonenumbers.FIXED_LINE; kind <= phonenumbers.VOICEMAIL; kind++ {
			example := phonenumbers.GetExampleNumberForType(region, kind)
			if example == nil {
				continue
			}
			code, digits := int(example.GetCountryCode()), []byte(phonenumbers.GetNationalSignificantNumber(example))
			for range 20 {
				national, err := strconv.ParseUint(string(digits), 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				if digits[0] != '0' && isMobile(code, string(digits)) {
					recognised++
					r := reading{parsed: &phonenumbers.PhoneNumber{CountryCode: example.CountryCode, NationalNumber: &national}}
					if !r.valid() {
						t.Errorf("+%d %s is taken for a mobile", code, digits)
					}
				}
				digits[random.IntN(len(digits))] = "0123456789"[random.IntN(10)]
			}
		}
	}
	if recognised < 1000 {
		t.Errorf("only %d mobiles were recognised", recognised)
	}
}
