package phone_test

import (
	"testing"

	_ "time/tzdata" // the test's machine may have none

	"github.com/rollcallhq/rollcall/internal/phone"
)

func TestZonesTellWhereANumberSleeps(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		number phone.Number
		want   string
		many   bool
	}{
		{"a Brazilian mobile", "+5511900028495", "America/Sao_Paulo", false},
		{"a Brazilian mobile of the Amazon", "+5592900028495", "America/Manaus", false},
		{"an American number without a place", "+18005550123", "America/Adak", true},
		{"a number of no country", "+80012345678", "UTC", false},
		{"none", "", "UTC", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := phone.Zones(tt.number)
			if got[0].String() != tt.want || (len(got) > 1) != tt.many {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
}
