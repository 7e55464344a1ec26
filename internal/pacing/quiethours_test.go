package pacing_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestPacerTake_QuietHoursHoldAndRelease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // begins at 22:00 in São Paulo
		p := worker(t, testutil.Redis(t))
		pace := pacing.Pace{Zone: "America/Sao_Paulo", Quiet: pacing.Quiet{From: 22*time.Hour + 30*time.Minute, To: 7 * time.Hour}}
		use(t, take(t, p, pace, 0), time.Now())

		time.Sleep(30*time.Minute - 2*time.Second)
		slot := take(t, p, pace, 0)
		time.Sleep(3 * time.Second)
		if err := slot.Begin(t.Context()); !errors.Is(err, pacing.ErrQuiet) {
			t.Errorf("Begin of a call whose slot was taken before the quiet hours = %v, want ErrQuiet", err)
		}
		if err := slot.GiveBack(t.Context()); err != nil {
			t.Fatal(err)
		}
		end := at(t, "2000-01-01T07:00:00-02:00")
		if d := deny(t, p, pace, 0, pacing.ReasonQuiet); !d.Until.Equal(end) || d.Wait > time.Until(end) {
			t.Errorf("denied until %v, with a wait of %v; want until %v, and no longer wait", d.Until, d.Wait, end)
		}
		if view, err := p.Views(t.Context(), "alpha"); err != nil || view[0].Create.Reason != "" {
			t.Errorf("Look = %+v, error %v, want the number free", view, err)
		} else if v := view[0].Create.Under(pace); v.Reason != pacing.ReasonQuiet || !v.Next.Equal(end) {
			t.Errorf("under its pace the instance is %+v, want quiet until %v", v, end)
		}
		open := pace
		open.Quiet = pacing.Quiet{}
		if err := take(t, p, open, 0).GiveBack(t.Context()); err != nil { // as another instance with the same number
			t.Fatal(err)
		}
		time.Sleep(time.Until(end) - time.Second)
		deny(t, p, pace, 0, pacing.ReasonQuiet)
		slot = take(t, p, pace, 2*time.Second)
		if early := time.Until(end) - time.Until(slot.Start()); early > 0 {
			t.Errorf("the slot starts %v before the quiet hours end", early)
		}
		if err := slot.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := slot.Begin(t.Context()); err != nil {
			t.Errorf("after the quiet hours: Begin = %v", err)
		}
		use(t, slot, time.Now())
	})
}

func TestPacerTake_AnotherZoneBringsNoSecondCap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // begins at 22:00 in São Paulo, at 9:00 of the next day in Tokyo
		p := worker(t, testutil.Redis(t))
		home := pacing.Pace{PerDay: 2, Zone: "America/Sao_Paulo"}
		away := home
		away.Zone = "Asia/Tokyo"
		for range 2 {
			use(t, take(t, p, home, 0), time.Now())
		}
		tokyo := at(t, "2000-01-02T00:00:00+09:00")
		for _, pace := range []pacing.Pace{home, away, home, away} {
			deny(t, p, pace, 0, pacing.ReasonDayCap)
		}
		time.Sleep(3 * time.Hour) // a new day in São Paulo, still the same in Tokyo
		if d := deny(t, p, away, 0, pacing.ReasonDayCap); !d.Until.Equal(tokyo) {
			t.Errorf("with Tokyo's days the cap holds until %v, want %v", d.Until, tokyo)
		}
		if d := deny(t, p, home, 0, pacing.ReasonDayCap); !d.Until.Equal(tokyo) {
			t.Errorf("with São Paulo's days again the cap holds until %v, want %v", d.Until, tokyo)
		}
		time.Sleep(time.Until(tokyo))
		use(t, take(t, p, home, 0), time.Now())
		use(t, take(t, p, away, 0), time.Now())
		deny(t, p, home, 0, pacing.ReasonDayCap)
	})
}
