package clock_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/clock"
)

func TestClock_EveryTimeNamesItsZone(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 28, 1, 3, 5, 0, time.UTC)
	c := clock.In(zone)
	for got, want := range map[string]string{
		c.Time(now.Add(time.Hour), now):   "23:03 -03",
		c.Time(now.Add(4*time.Hour), now): "2026-11-28 02:03 -03",
		c.Stamp(now):                      "2026-11-27T22:03:05-03:00",
		clock.Clock{}.Time(now, now):      "01:03 UTC",
		clock.Say("alpha rests until 2026-11-28T01:03:05Z (said)", c.Stamp):                                                    "alpha rests until 2026-11-27T22:03:05-03:00 (said)",
		clock.Say("at 2026-11-28T01:03:05.25Z, in 2026-13-28T01:03:05Z", func(at time.Time) string { return c.Time(at, now) }): "at 22:03 -03, in 2026-13-28T01:03:05Z",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
