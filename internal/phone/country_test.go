package phone_test

import (
	"testing"

	"github.com/rollcallhq/rollcall/internal/phone"
)

func TestCountryOf_TellsCountriesOfOneCallingCodeApart(t *testing.T) {
	t.Parallel()
	for number, want := range map[phone.Number]string{
		"+5511987654321": "BR", "+12125550123": "US", "+14165550123": "CA", "+18765550123": "JM",
		"+79001234567": "RU", "+77011234567": "KZ", "+447400123456": "GB", "+447781123456": "GG", "": "",
	} {
		for range 2 { // the second answer comes from memory
			if got := phone.CountryOf(number); got != want {
				t.Errorf("%s: got %q, want %q", number, got, want)
			}
		}
	}
}
