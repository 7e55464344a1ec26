package workercmd

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcallhq/rollcall/internal/config"
)

// TestFixed_ZoneLoadedAtAnotherTimeOfTheYearIsTheSame: a time.Location caches the offset of the time at which it was read.
func TestFixed_ZoneLoadedAtAnotherTimeOfTheYearIsTheSame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		quiet := func(zone string) *config.Config {
			at, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			return &config.Config{Invite: config.Invite{QuietHours: &config.QuietHours{From: config.TimeOfDay(21 * time.Hour), To: config.TimeOfDay(8 * time.Hour), Zone: at}}}
		}
		started := quiet("America/New_York")
		time.Sleep(180 * 24 * time.Hour) //nolint:forbidigo // in the bubble it is a jump of the clock
		if got := fixed(started, quiet("America/New_York")); len(got) > 0 {
			t.Errorf("the same zone half a year later: got %v, want no setting that takes a restart", got)
		}
		if got := fixed(started, quiet("America/Chicago")); len(got) != 1 || got[0] != "invite" {
			t.Errorf("another zone: got %v, want invite", got)
		}
	})
}
