package pacing_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rollcallhq/rollcall/internal/pacing"
)

func TestPaceWithin_NoBoundMakesAPaceQuicker(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		bound pacing.Bound
		want  pacing.Pace
	}{
		{pacing.Bound{}, pacing.Pace{Every: 5 * time.Minute, Jitter: 0.2, PerDay: 20}},
		{pacing.Bound{Every: 10 * time.Minute}, pacing.Pace{Every: 10 * time.Minute, Jitter: 0.2, PerDay: 20}},
		{pacing.Bound{Every: time.Minute, PerDay: 7}, pacing.Pace{Every: 5 * time.Minute, Jitter: 0.2, PerDay: 7}},
		{pacing.Bound{PerDay: 30}, pacing.Pace{Every: 5 * time.Minute, Jitter: 0.2, PerDay: 20}},
	} {
		if got := (pacing.Pace{Every: 5 * time.Minute, Jitter: 0.2, PerDay: 20}).Within(c.bound); got != c.want {
			t.Errorf("within %+v: got %+v, want %+v", c.bound, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) (time.Duration, int) {
			return time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, name)), rapid.IntRange(0, 50).Draw(t, name+" a day")
		}
		var p pacing.Pace
		var b pacing.Bound
		p.Every, p.PerDay = draw("pace")
		b.Every, b.PerDay = draw("bound")
		got := p.Within(b)
		if got.Every < p.Every || p.PerDay > 0 && (got.PerDay == 0 || got.PerDay > p.PerDay) {
			t.Errorf("pace %+v within bound %+v is %+v, which is quicker than the pace", p, b, got)
		}
		if got.Every < b.Every || b.PerDay > 0 && (got.PerDay == 0 || got.PerDay > b.PerDay) {
			t.Errorf("pace %+v within bound %+v is %+v, which is quicker than the bound", p, b, got)
		}
	})
}
