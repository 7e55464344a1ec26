package pacing

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDayEnd_IsTheMidnightOfTheClockOnTheWall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, zone, at, want string }{
		{"an evening in Brazil", "America/Sao_Paulo", "2026-11-28T22:00:00-03:00", "2026-11-29T00:00:00-03:00"},
		{"at midnight", "America/Sao_Paulo", "2026-11-29T00:00:00-03:00", "2026-11-30T00:00:00-03:00"},
		{"23 hours", "Europe/Berlin", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		{"25 hours", "Europe/Berlin", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"half an hour more", "Australia/Lord_Howe", "2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:30"},
		{"half an hour less", "Australia/Lord_Howe", "2026-10-04T00:00:00+10:30", "2026-10-05T00:00:00+11:00"},
		{"a midnight that does not come", "America/Sao_Paulo", "2018-11-03T12:00:00-03:00", "2018-11-04T01:00:00-02:00"},
		{"the day after it", "America/Sao_Paulo", "2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"},
		{"a midnight that comes after an hour that is repeated", "America/Sao_Paulo", "2019-02-16T12:00:00-02:00", "2019-02-17T00:00:00-03:00"},
		{"within the hour that is repeated", "America/Sao_Paulo", "2019-02-16T23:30:00-03:00", "2019-02-17T00:00:00-03:00"},
		{"a midnight that does not come, in Lebanon", "Asia/Beirut", "2026-03-28T23:59:59+02:00", "2026-03-29T01:00:00+03:00"},
		{"a last half hour that does not come", "Asia/Pyongyang", "2018-05-04T12:00:00+08:30", "2018-05-05T00:00:00+09:00"},
		{"a date that never was", "Pacific/Apia", "2011-12-29T12:00:00-10:00", "2011-12-31T00:00:00+14:00"},
		{"before 1970", "America/Sao_Paulo", "1969-06-01T23:00:00-03:00", "1969-06-02T00:00:00-03:00"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		zone := Pace{Zone: c.zone}.Location()
		if got := wall(dayEnd(at.UnixMicro(), zone)).In(zone).Format(time.RFC3339); got != c.want {
			t.Errorf("%s: the day of %s ends at %s, want %s", c.name, c.at, got, c.want)
		}
	}
}

func TestDayEnd_NoLaterMomentHasTheDate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := Pace{Zone: anyZone(t)}.Location()
		at := aroundAChange(t)
		end := dayEnd(at, zone)
		date := func(micros int64) string { return wall(micros).In(zone).Format(time.DateOnly) }
		if date(end-1) > date(at) {
			t.Fatalf("the day of %s ends at %s, after a moment of another day", wall(at).In(zone), wall(end).In(zone))
		}
		for later := end; later < end+dayMicros; later += 600_000_000 {
			if date(later) <= date(at) {
				t.Fatalf("the day of %s ends at %s, but %s belongs to it", wall(at).In(zone), wall(end).In(zone), wall(later).In(zone))
			}
		}
	})
}

// The zone of each Take is random. A new day begins only when the local date of the Take is the date of no
// earlier call, so a change of the zone never brings the cap of a day twice.
func TestDecide_NoChangeOfZoneBringsTheCapTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := ask{perDay: rapid.Int64Range(1, 4).Draw(t, "perDay"), lease: 10_000_000}
		now := aroundAChange(t)
		var s state
		var calls []int64
		ofDay := int64(0)
		for n := range rapid.IntRange(5, 80).Draw(t, "takes") {
			now += rapid.SampledFrom([]int64{1, 60_000_000, 3600_000_000, 7 * 3600_000_000}).Draw(t, "later")
			a.owner, a.zone = fmt.Sprint(n), anyZone(t)
			next, v := decide(s, a, now)
			if s = next; v.reason != "" {
				if v.at > now+2*longestDay {
					t.Fatalf("at %s the Take is denied until %s, want two days at most", wall(now), wall(v.at))
				}
				continue
			}
			zone := Pace{Zone: a.zone}.Location()
			s = s.committed(now, zone)
			if ofDay++; s.count == 1 {
				ofDay = 1
				for _, earlier := range calls {
					if date := wall(now).In(zone).Format(time.DateOnly); wall(earlier).In(zone).Format(time.DateOnly) == date {
						t.Fatalf("in %s a new day begins at %s, but the earlier call at %s belongs to it", zone, wall(now), wall(earlier))
					}
				}
			}
			if ofDay > a.perDay {
				t.Fatalf("%d calls in one day, want the cap of %d at most", ofDay, a.perDay)
			}
			calls = append(calls, now)
		}
	})
}
