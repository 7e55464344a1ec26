package pacing_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestPacerRest_DoublesUntilADayWithoutRests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := worker(t, testutil.Redis(t))
		r := pacing.Rest{Initial: time.Hour, Multiplier: 2, Max: 5 * time.Hour}
		limited := func(want time.Duration) {
			t.Helper()
			until, err := p.Rest(t.Context(), "alpha", r, pacing.Why{Cause: pacing.CauseLimited, Said: say.Words("rate overlimit")})
			if err != nil {
				t.Fatal(err)
			}
			if got := time.Until(until); got != want {
				t.Errorf("the instance rests for %v, want %v", got, want)
			}
		}
		limited(time.Hour)
		time.Sleep(10 * time.Minute)
		limited(50 * time.Minute) // during the rest: the end stays the same
		time.Sleep(time.Hour)
		limited(2 * time.Hour)
		time.Sleep(3 * time.Hour)
		limited(4 * time.Hour)
		time.Sleep(5 * time.Hour)
		limited(5 * time.Hour)
		time.Sleep(5*time.Hour + 23*time.Hour)
		limited(5 * time.Hour)
		time.Sleep(5*time.Hour + 24*time.Hour)
		limited(time.Hour)
		if err := p.ClearRest(t.Context(), "alpha"); err != nil {
			t.Fatal(err)
		}
		use(t, take(t, p, pacing.Pace{}, 0), time.Now())
		limited(time.Hour)
	})
}

func TestPacerRestUntil_ShutsBothKindsAndSaysWhy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := worker(t, testutil.Redis(t))
		suspended := time.Now().Add(3 * time.Hour)
		if _, err := p.RestUntil(t.Context(), "alpha", suspended, pacing.Why{Cause: pacing.CauseRestricted, Said: say.Words("suspended by WhatsApp")}); err != nil {
			t.Fatal(err)
		}
		until, err := p.RestFor(t.Context(), "alpha", 5*time.Second, pacing.Why{Cause: pacing.CauseBusy, Said: say.Words("Retry-After")})
		if err != nil || !until.Equal(suspended) {
			t.Errorf("after a shorter rest the end is %v (%v), want still %v", until, err, suspended)
		}
		for _, kind := range []pacing.Kind{pacing.Create, pacing.Invite} {
			_, denied, err := taken(t.Context(), p, "alpha", kind, pacing.Pace{}, 0)
			if err != nil || denied == nil || denied.Reason != pacing.ReasonRest || !denied.Until.Equal(suspended) || denied.Said.String() != "suspended by WhatsApp" {
				t.Errorf("%s: denied %+v, error %v, want the rest with its end and its reason", kind, denied, err)
			}
		}
		if _, err := p.RestUntil(t.Context(), "beta", time.Now().Add(-time.Hour), pacing.Why{Cause: pacing.CauseRestricted, Said: say.Words("long ago")}); err != nil {
			t.Fatal(err)
		}
		views, err := p.Views(t.Context(), "alpha", "beta")
		if err != nil {
			t.Fatal(err)
		}
		if v := views[0]; !v.Rest.Until.Equal(suspended) || v.Rest.Said.String() != "suspended by WhatsApp" || !v.Invite.Next.Equal(suspended) {
			t.Errorf("Look = %+v, want the rest with its end and its reason", v)
		}
		if v := views[1]; v.Instance != "beta" || !v.Rest.Until.IsZero() || !v.Create.Next.Equal(v.At) || v.Create.Reason != "" {
			t.Errorf("Look = %+v, want beta, whose rest has ended, free to call now", v)
		}
		time.Sleep(3 * time.Hour)
		take(t, p, pacing.Pace{}, 0)
	})
}

func TestPacerViews_ShowsWhenTheCallAfterTheOpenSlotMayStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := worker(t, testutil.Redis(t))
		began := time.Now()
		slot := take(t, p, fiveMinutes, 0)
		look := func() pacing.KindView {
			t.Helper()
			views, err := p.Views(t.Context(), "alpha")
			if err != nil {
				t.Fatal(err)
			}
			return views[0].Create
		}
		if v := look(); v.Reason != pacing.ReasonBusy || !v.Next.Equal(began.Add(5*time.Minute)) {
			t.Errorf("with an open slot Look = %+v, want busy and a start in 5m", v)
		}
		time.Sleep(time.Minute)
		use(t, slot, time.Time{})
		if v := look(); v.Reason != pacing.ReasonPace || v.Next.Before(time.Now().Add(5*time.Minute)) || v.Today != 1 {
			t.Errorf("after the call Look = %+v, want the pace, a start in 5m and one call today", v)
		}
		if views, err := p.Views(t.Context()); err != nil || len(views) != 0 {
			t.Errorf("Look without instances = %v, %v; want no view", views, err)
		}
	})
}

func TestPacerRestKind_ShutsOneKindAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := worker(t, testutil.Redis(t))
		if _, err := p.Rest(t.Context(), "alpha", pacing.Rest{Initial: time.Minute}, pacing.Why{Cause: pacing.CauseLimited, Said: say.Words("rate overlimit")}); err != nil {
			t.Fatal(err)
		}
		until, err := p.RestKind(t.Context(), "alpha", pacing.Create, time.Hour, pacing.Why{Cause: pacing.CauseQuota, Said: say.Words("no quota")})
		if err != nil || time.Until(until) != time.Hour {
			t.Fatalf("RestKind = %v, %v; want an hour from now", until, err)
		}
		time.Sleep(time.Minute)
		views, err := p.Views(t.Context(), "alpha")
		if err != nil || !views[0].Rest.Until.IsZero() || !views[0].Create.Rest.Until.Equal(until) || views[0].Create.Rest.Said.String() != "no quota" ||
			!views[0].Create.Next.Equal(until) || !views[0].Invite.Rest.Until.IsZero() {
			t.Errorf("Look = %+v, %v; want only the creates to rest, until %v", views, err, until)
		}
		_, denied, err := taken(t.Context(), p, "alpha", pacing.Create, pacing.Pace{}, 0)
		if err != nil || denied == nil || denied.Reason != pacing.ReasonRest || denied.Said.String() != "no quota" || !denied.Until.Equal(until) {
			t.Errorf("create: denied %+v, error %v; want the rest until %v", denied, err, until)
		}
		if slot, denied, err := taken(t.Context(), p, "alpha", pacing.Invite, pacing.Pace{}, 0); err != nil || slot == nil {
			t.Errorf("invite: denied %+v, error %v; want a slot", denied, err)
		} else if err := slot.GiveBack(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := p.ClearRest(t.Context(), "alpha"); err != nil {
			t.Fatal(err)
		}
		use(t, take(t, p, pacing.Pace{}, 0), time.Now())
	})
}

func TestPacerViews_AnOutageBeganWithItsFirstRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := worker(t, testutil.Redis(t))
		rest := func(cause pacing.Cause) pacing.Resting {
			t.Helper()
			if _, err := p.RestFor(t.Context(), "alpha", 10*time.Minute, pacing.Why{Cause: cause, Said: say.Words("HTTP 503")}); err != nil {
				t.Fatal(err)
			}
			views, err := p.Views(t.Context(), "alpha")
			if err != nil {
				t.Fatal(err)
			}
			return views[0].Rest
		}
		began := time.Now()
		if r := rest(pacing.CauseFailing); r.Cause != pacing.CauseFailing || !r.Since.Equal(began) {
			t.Errorf("the rest is for %q since %v, want %q since %v", r.Cause, r.Since, pacing.CauseFailing, began)
		}
		time.Sleep(11 * time.Minute)
		if r := rest(pacing.CauseFailing); !r.Since.Equal(began) {
			t.Errorf("the outage is shown since %v, want since its first rest at %v", r.Since, began)
		}
		time.Sleep(time.Hour)
		if r := rest(pacing.CauseFailing); !r.Since.Equal(time.Now()) {
			t.Errorf("an outage an hour later is shown since %v, want since now, %v", r.Since, time.Now())
		}
		time.Sleep(11 * time.Minute)
		if r := rest(pacing.CauseBusy); !r.Since.Equal(time.Now()) || r.Cause != pacing.CauseBusy {
			t.Errorf("a rest with another cause is shown as %q since %v, want %q since now, %v", r.Cause, r.Since, pacing.CauseBusy, time.Now())
		}
		if _, err := p.RestKind(t.Context(), "alpha", pacing.Invite, time.Hour, pacing.Why{Cause: pacing.CauseQuota}); err != nil {
			t.Fatal(err)
		}
		views, err := p.Views(t.Context(), "alpha")
		if err != nil || views[0].Invite.Rest.Cause != pacing.CauseQuota || !views[0].Invite.Rest.Since.Equal(time.Now()) || views[0].Rest.Cause != pacing.CauseBusy {
			t.Errorf("the rest of the invites is shown as %+v, that of both kinds as %+v (%v); want the quota since now, and busy", views[0].Invite.Rest, views[0].Rest, err)
		}
	})
}

func TestSlotBegin_ARestThatBeganSinceTheTakeStopsTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := worker(t, testutil.Redis(t))
		slot := take(t, p, pacing.Pace{}, 0)
		if _, err := p.RestKind(t.Context(), "alpha", pacing.Invite, time.Minute, pacing.Why{Cause: pacing.CauseQuota}); err != nil {
			t.Fatal(err)
		}
		if err := slot.Begin(t.Context()); err != nil {
			t.Fatalf("Begin of a create while invites rest = %v, want no error", err)
		}
		if _, err := p.RestFor(t.Context(), "alpha", time.Hour, pacing.Why{Cause: pacing.CauseLimited}); err != nil {
			t.Fatal(err)
		}
		if err := slot.Begin(t.Context()); err != nil {
			t.Errorf("Begin of a call that had begun before the rest = %v, want no error", err)
		}
		use(t, slot, time.Now())

		time.Sleep(time.Hour)
		slot = take(t, p, pacing.Pace{}, 0)
		if _, err := p.RestFor(t.Context(), "alpha", time.Hour, pacing.Why{Cause: pacing.CauseLimited}); err != nil {
			t.Fatal(err)
		}
		if err := slot.Begin(t.Context()); !errors.Is(err, pacing.ErrResting) {
			t.Errorf("Begin during a rest = %v, want ErrResting", err)
		}
	})
}
