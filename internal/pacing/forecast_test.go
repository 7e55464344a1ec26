package pacing_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rollcallhq/rollcall/internal/pacing"
)

func TestOutlookStart_AgreesWithCalculationsByHand(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-07-01T12:00:00Z")
	perDay := pacing.Pace{Every: 5 * time.Minute, PerDay: 20}
	for _, tt := range []struct {
		name    string
		outlook pacing.Outlook
		n       int
		want    string // "" for never
	}{
		{"the first starts now", pacing.Outlook{Now: now, Pace: pacing.Pace{Every: time.Minute}}, 1, "2026-07-01T12:00:00Z"},
		{"the first starts at Next", pacing.Outlook{Now: now, Next: now.Add(time.Minute)}, 1, "2026-07-01T12:01:00Z"},
		{"the mean jitter is half the maximum", pacing.Outlook{Now: now, Pace: pacing.Pace{Every: 10 * time.Minute, Jitter: 0.2}}, 2, "2026-07-01T12:11:00Z"},
		{"the cap puts a call off to midnight", pacing.Outlook{Now: now, Pace: perDay}, 21, "2026-07-02T00:00:00Z"},
		{"the calls of today count", pacing.Outlook{Now: now, Pace: perDay, Today: 20}, 1, "2026-07-02T00:00:00Z"},
		{"many days", pacing.Outlook{Now: now, Pace: perDay, Today: 20}, 1000, "2026-08-20T01:35:00Z"},
		{"unpaced", pacing.Outlook{Now: now}, 1_000_000, "2026-07-01T12:00:00Z"},
		{"no quicker than the calls", pacing.Outlook{Now: now, Call: 2 * time.Second}, 31, "2026-07-01T12:01:00Z"},
		{"quiet hours", pacing.Outlook{Now: now, Pace: pacing.Pace{Every: time.Hour}, Quiet: night, Zone: time.UTC}, 10, "2026-07-02T08:00:00Z"},
		{"the next day of a zone", pacing.Outlook{Now: now, Pace: pacing.Pace{Every: 5 * time.Minute, PerDay: 20, Zone: "America/Sao_Paulo"}, Today: 20}, 1, "2026-07-02T03:00:00Z"},
		{"a day that another zone makes longer", pacing.Outlook{Now: now, Pace: perDay, Today: 10, DayEnd: now.Add(20 * time.Hour)}, 11, "2026-07-02T08:00:00Z"},
		{"quiet hours of the pace", pacing.Outlook{Now: now, Pace: pacing.Pace{Every: time.Hour, Zone: "America/Sao_Paulo", Quiet: night}}, 13, "2026-07-02T11:00:00Z"},
		{"a day that ends in quiet hours", pacing.Outlook{Now: now, Pace: pacing.Pace{Every: 5 * time.Minute, PerDay: 20, Zone: "America/Sao_Paulo", Quiet: night}}, 21, "2026-07-02T11:00:00Z"},
		{"behind other calls of today", pacing.Outlook{Now: now, Pace: pacing.Pace{Every: 5 * time.Minute, PerDay: 20}, Made: 15}, 6, "2026-07-02T00:00:00Z"},
		{"behind other calls that fill a part of a later day", pacing.Outlook{Now: now, Pace: pacing.Pace{Every: 5 * time.Minute, PerDay: 20}, Made: 25}, 16, "2026-07-03T00:00:00Z"},
		{"beyond ten years", pacing.Outlook{Now: now, Pace: perDay}, 1_000_000, ""},
		{"no call", pacing.Outlook{Now: now}, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var want time.Time
			if tt.want != "" {
				want = at(t, tt.want)
			}
			if got := tt.outlook.Start(tt.n); !got.Equal(want) {
				t.Errorf("Start(%d) = %v, want %v", tt.n, got, want)
			}
		})
	}
}

func TestDrain_EachInstanceOfAPoolTakesACallWhenItMay(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-07-01T12:00:00Z")
	pool := []pacing.Outlook{
		{Now: now, Pace: pacing.Pace{Every: 10 * time.Minute}},
		{Now: now, Pace: pacing.Pace{Every: 5 * time.Minute}, Next: now.Add(time.Minute)},
		{Now: now, Pace: pacing.Pace{Every: time.Second, PerDay: 2}, Today: 2},
	}
	got, shares := pacing.Drain(pool, 7) // :00 :01 :06 :10 :11 :16 :20
	if want := now.Add(20 * time.Minute); !got.Equal(want) {
		t.Errorf("Drain = %v, want %v", got, want)
	}
	if diff := cmp.Diff([]int{3, 4, 0}, shares); diff != "" {
		t.Errorf("shares (-want +got):\n%s", diff)
	}
	if got, _ := pacing.Drain(nil, 1); !got.IsZero() {
		t.Errorf("an empty pool drains at %v, want never", got)
	}
}

func TestDrain_AgreesWithASimulationOfEachCall(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	changes := []struct{ zone, change string }{
		{"", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-10-25T01:00:00Z"},
		{"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
		{"Asia/Beirut", "2026-03-28T22:00:00Z"},
		{"America/Sao_Paulo", "2018-11-04T03:00:00Z"},
		{"America/Sao_Paulo", "2019-02-17T02:00:00Z"},
	}
	rapid.Check(t, func(t *rapid.T) {
		minutes := func(low, high int64, label string) time.Duration {
			return time.Duration(rapid.Int64Range(low, high).Draw(t, label)) * time.Minute
		}
		near := rapid.SampledFrom(changes).Draw(t, "near")
		change, err := time.Parse(time.RFC3339, near.change)
		if err != nil {
			t.Fatal(err)
		}
		now := change.Add(-minutes(0, 3000, "before"))
		pool := make([]pacing.Outlook, rapid.IntRange(1, 4).Draw(t, "instances"))
		for i := range pool {
			o := pacing.Outlook{
				Now:   now,
				Next:  now.Add(minutes(-10, 2000, "next")),
				Pace:  pacing.Pace{Every: minutes(1, 90, "every"), Jitter: float64(rapid.IntRange(0, 2).Draw(t, "jitter")), PerDay: rapid.IntRange(0, 12).Draw(t, "perDay")},
				Today: rapid.IntRange(0, 12).Draw(t, "today"),
			}
			if rapid.Bool().Draw(t, "there") {
				o.Pace.Zone = near.zone
			}
			switch rapid.IntRange(0, 3).Draw(t, "quiet") {
			case 0:
				o.Zone, o.Quiet = berlin, pacing.Quiet{From: minutes(0, 1439, "from"), To: minutes(0, 1439, "to")}
			case 1:
				o.Pace.Quiet = pacing.Quiet{From: minutes(0, 1439, "from"), To: minutes(0, 1439, "to")}
			}
			pool[i] = o
		}
		n := rapid.IntRange(1, 80).Draw(t, "n")
		want, wantShares := simulate(pool, n)
		got, shares := pacing.Drain(pool, n)
		if !got.Equal(want) {
			t.Fatalf("Drain(%d) = %v, simulated %v", n, got, want)
		}
		if diff := cmp.Diff(wantShares, shares); diff != "" {
			t.Fatalf("shares (-simulated +got):\n%s", diff)
		}
		ns := []int{n/3 + 1, n/2 + 1, n/2 + 1, n}
		for i, at := range pacing.Starts(pool, ns) {
			if want, _ := pacing.Drain(pool, ns[i]); !at.Equal(want) {
				t.Fatalf("Starts(%v)[%d] = %v, Drain says %v", ns, i, at, want)
			}
		}
	})
}

// Drain skips days that repeat. Twice a year the clocks change in between.
func TestDrain_OverYearsAgreesWithASimulationOfEachCall(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	now := time.Date(2026, time.November, 22, 17, 3, 0, 0, time.UTC)
	night := pacing.Quiet{From: 21 * time.Hour, To: 8 * time.Hour}
	for _, c := range []struct {
		name string
		pool []pacing.Outlook
		n    int
	}{
		{"one a day, never at night", []pacing.Outlook{{Now: now, Pace: pacing.Pace{Every: 5 * time.Minute, PerDay: 1}, Quiet: night, Zone: berlin}}, 400},
		{"no cap, never at night", []pacing.Outlook{{Now: now, Pace: pacing.Pace{Every: 7 * time.Hour}, Quiet: night, Zone: berlin}}, 700},
		{"one a day of a zone, never at night there", []pacing.Outlook{{Now: now, Pace: pacing.Pace{Every: 5 * time.Minute, PerDay: 1, Zone: "Asia/Beirut", Quiet: night}}}, 400},
		{"one zone for the days, another for the nights", []pacing.Outlook{{Now: now, Pace: pacing.Pace{Every: 5 * time.Minute, PerDay: 1, Zone: "Australia/Lord_Howe"}, Quiet: night, Zone: berlin}}, 400},
		{"days that end in the middle of an interval", []pacing.Outlook{{Now: now, Pace: pacing.Pace{Every: 11 * time.Hour, PerDay: 3}}}, 900},
		{"a pool of different instances", []pacing.Outlook{
			{Now: now, Pace: pacing.Pace{Every: 5 * time.Minute, PerDay: 2}, Quiet: night, Zone: berlin},
			{Now: now, Pace: pacing.Pace{Every: 5 * time.Minute, PerDay: 3}, Today: 3},
			{Now: now, Pace: pacing.Pace{Every: 13 * time.Hour}},
		}, 2500},
	} {
		want, wantShares := simulate(c.pool, c.n)
		got, shares := pacing.Drain(c.pool, c.n)
		if !got.Equal(want) {
			t.Errorf("%s: Drain(%d) = %v, simulated %v", c.name, c.n, got, want)
		}
		if diff := cmp.Diff(wantShares, shares); diff != "" {
			t.Errorf("%s: shares (-simulated +got):\n%s", c.name, diff)
		}
	}
}

// simulate is a slow Drain: it starts n calls one by one, and waits minute by minute.
func simulate(pool []pacing.Outlook, n int) (time.Time, []int) {
	type instance struct {
		at   time.Time
		days map[string]int
	}
	instances := make([]instance, len(pool))
	for i, o := range pool {
		instances[i] = instance{at: o.Now, days: map[string]int{dayOf(o.Now, o): o.Today}}
		if o.Next.After(o.Now) {
			instances[i].at = o.Next
		}
	}
	shares := make([]int, len(pool))
	var last time.Time
	for range n {
		for i, o := range pool {
			in := &instances[i]
			for o.Pace.PerDay > 0 && in.days[dayOf(in.at, o)] >= o.Pace.PerDay ||
				o.Zone != nil && quietZones(o.Quiet, in.at, []*time.Location{o.Zone}) > 0 ||
				o.Zone == nil && quietZones(o.Pace.Quiet, in.at, []*time.Location{o.Pace.Location()}) > 0 {
				in.at = in.at.Truncate(time.Minute).Add(time.Minute)
			}
		}
		next := slices.IndexFunc(instances, func(a instance) bool {
			return !slices.ContainsFunc(instances, func(b instance) bool { return b.at.Before(a.at) })
		})
		in, o := &instances[next], pool[next]
		last = in.at
		in.days[dayOf(in.at, o)]++
		in.at = in.at.Add(o.Pace.Every + time.Duration(float64(o.Pace.Every)*o.Pace.Jitter/2))
		shares[next]++
	}
	return last, shares
}

// dayOf is the date of a moment in the zone of an outlook's pace.
func dayOf(t time.Time, o pacing.Outlook) string {
	return t.In(o.Pace.Location()).Format(time.DateOnly)
}

func BenchmarkDrain(b *testing.B) {
	now := time.Unix(1774569600, 0)
	pool := make([]pacing.Outlook, 50)
	for i := range pool {
		pool[i] = pacing.Outlook{Now: now, Pace: pacing.Pace{Every: 5 * time.Minute, Jitter: 0.2, PerDay: 20}}
	}
	for b.Loop() {
		pacing.Drain(pool, 100_000) // 100 days
	}
}
