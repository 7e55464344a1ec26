package pacing_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rollcallhq/rollcall/internal/pacing"
)

var night = pacing.Quiet{From: 21 * time.Hour, To: 8 * time.Hour}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	x, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestQuietUntil_QuietHoursEndByTheLocalClock(t *testing.T) {
	t.Parallel()
	gap := pacing.Quiet{From: time.Hour, To: 2*time.Hour + 30*time.Minute}
	for _, tt := range []struct {
		name  string
		quiet pacing.Quiet
		now   string
		zones []string
		want  string // "" for no wait
	}{
		{"by day", night, "2026-07-01T12:00:00Z", []string{"UTC"}, ""},
		{"at the beginning", night, "2026-07-01T21:00:00Z", []string{"UTC"}, "2026-07-02T08:00:00Z"},
		{"a second before the beginning", night, "2026-07-01T20:59:59Z", []string{"UTC"}, ""},
		{"after midnight", night, "2026-07-02T00:30:00Z", []string{"UTC"}, "2026-07-02T08:00:00Z"},
		{"at the end", night, "2026-07-02T08:00:00Z", []string{"UTC"}, ""},
		{"within one day", pacing.Quiet{From: 12 * time.Hour, To: 14 * time.Hour}, "2026-07-02T13:00:00Z", []string{"UTC"}, "2026-07-02T14:00:00Z"},
		{"equal ends mean no quiet hours", pacing.Quiet{From: 3 * time.Hour, To: 3 * time.Hour}, "2026-07-02T03:00:00Z", []string{"UTC"}, ""},
		{"to midnight", pacing.Quiet{From: 21 * time.Hour, To: 24 * time.Hour}, "2026-07-01T22:00:00Z", []string{"UTC"}, "2026-07-02T00:00:00Z"},
		{"no zones", night, "2026-07-01T22:00:00Z", nil, ""},
		{"another zone", night, "2026-07-01T23:00:00Z", []string{"America/Sao_Paulo"}, ""},
		{"the night that loses an hour", night, "2026-03-28T21:00:00Z", []string{"Europe/Berlin"}, "2026-03-29T06:00:00Z"},
		{"the night that gains an hour", night, "2026-10-24T20:00:00Z", []string{"Europe/Berlin"}, "2026-10-25T07:00:00Z"},
		{"an end that the clock skips", gap, "2026-03-29T00:30:00Z", []string{"Europe/Berlin"}, "2026-03-29T01:00:00Z"},
		{"an end that comes twice, the first time", gap, "2026-10-25T00:00:00Z", []string{"Europe/Berlin"}, "2026-10-25T00:30:00Z"},
		{"an end that comes twice, the second time", gap, "2026-10-25T01:10:00Z", []string{"Europe/Berlin"}, "2026-10-25T01:30:00Z"},
		{"two zones", night, "2026-07-01T22:00:00Z", []string{"Europe/Kaliningrad", "Asia/Kamchatka"}, "2026-07-02T06:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var zones []*time.Location
			for _, name := range tt.zones {
				zones = append(zones, zone(t, name))
			}
			var want time.Time
			if tt.want != "" {
				want = at(t, tt.want)
			}
			if got := tt.quiet.Until(at(t, tt.now), zones); !got.Equal(want) {
				t.Errorf("Until = %v, want %v", got, want)
			}
		})
	}
}

func TestQuietUntil_WaitsADayAtMostWhenSomeZoneIsAlwaysQuiet(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{zone(t, "Pacific/Guam"), zone(t, "America/New_York"), zone(t, "Pacific/Honolulu"), zone(t, "Europe/Berlin")}
	now := at(t, "2026-07-01T00:00:00Z")
	for range 200 {
		until := night.Until(now, zones)
		if !until.IsZero() {
			if until.Sub(now) > 24*time.Hour {
				t.Fatalf("Until(%v) = %v, want a day later at most", now, until)
			}
			if again := night.Until(until, zones); !again.IsZero() {
				t.Fatalf("Until(%v) = %v, but at that moment Until = %v, want no further wait", now, until, again)
			}
		}
		now = now.Add(17 * time.Minute)
	}
}

func TestQuietUntil_AgreesWithASearchMinuteByMinute(t *testing.T) {
	t.Parallel()
	names := []string{"UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe", "Europe/Kaliningrad"}
	rapid.Check(t, func(t *rapid.T) {
		q := pacing.Quiet{
			From: time.Duration(rapid.IntRange(0, 1439).Draw(t, "from")) * time.Minute,
			To:   time.Duration(rapid.IntRange(0, 1439).Draw(t, "to")) * time.Minute,
		}
		var zones []*time.Location
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 2, rapid.ID).Draw(t, "zones") {
			z, err := time.LoadLocation(name)
			if err != nil {
				t.Fatal(err)
			}
			zones = append(zones, z)
		}
		now := time.Unix(1767225600+60*rapid.Int64Range(0, 525600).Draw(t, "minute"), 0).UTC() // within 2026
		best, fewest := now, quietZones(q, now, zones)
		for m := now; fewest > 0 && m.Before(now.Add(48*time.Hour)); m = m.Add(time.Minute) {
			if n := quietZones(q, m, zones); n < fewest {
				best, fewest = m, n
			}
		}
		got := q.Until(now, zones)
		if got.IsZero() {
			got = now
		}
		if !got.Equal(best) {
			t.Fatalf("%+v: Until(%v) = %v, want %v", q, now, got, best)
		}
	})
}

// quietZones counts the zones that are quiet at t, by the minute of the local clock.
func quietZones(q pacing.Quiet, t time.Time, zones []*time.Location) int {
	n := 0
	for _, z := range zones {
		h, m, _ := t.In(z).Clock()
		tod := time.Duration(h*60+m) * time.Minute
		in := q.From <= tod && tod < q.To
		if q.From > q.To {
			in = tod >= q.From || tod < q.To
		}
		if in {
			n++
		}
	}
	return n
}
