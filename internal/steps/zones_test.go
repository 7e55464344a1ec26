package steps_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/steps"
)

func TestPolicyZonesOf_ANumberWithoutAZoneHasTheZoneOfTheInstallation(t *testing.T) {
	t.Parallel()
	home, quiet := time.FixedZone("home", 3600), time.FixedZone("quiet", 7200)
	for _, tt := range []struct {
		name   string
		policy steps.Policy
		number phone.Number
		want   string
	}{
		{"a number of a region with one zone", steps.Policy{Zone: home}, "+5511900028495", "America/Sao_Paulo"},
		{"a number of no country", steps.Policy{Zone: home}, "+80012345678", "home"},
		{"a LID", steps.Policy{Zone: home}, "", "home"},
		{"a configured zone", steps.Policy{Zone: home, QuietZone: quiet}, "+5511900028495", "quiet"},
	} {
		if got := tt.policy.ZonesOf(tt.number); len(got) != 1 || got[0].String() != tt.want {
			t.Errorf("%s: ZonesOf = %v, want %s", tt.name, got, tt.want)
		}
	}
}
