package health_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/health"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// mute is a provider that cannot answer Self.
type mute struct{ fake }

func (*mute) Self(context.Context) (phone.Identity, error) {
	return phone.Identity{}, &provider.Error{Class: provider.NotSent, Text: "busy", Err: errors.New("busy")}
}

func TestKeeper_AnotherNumberHasItsOwnPaceAndRest(t *testing.T) {
	t.Parallel()
	server, rdb := testutil.Mini(t)
	server.Age()
	st := withAlpha(t, rdb)
	pacer := pacing.New(rdb, pacing.WithNumbers(st.Presence.Numbers))
	t.Cleanup(pacer.Close)
	keeper := func(worker, instance string, p provider.Provider) *health.Keeper {
		k := health.New(health.Config{
			Presence: st.Presence, Pacer: pacer, Worker: worker, Every: 20 * time.Millisecond, Shut: 20 * time.Millisecond, Refresh: 5 * time.Millisecond, Log: zerolog.Nop(),
		})
		set(k, map[string]provider.Provider{instance: p})
		start(t, k)
		return k
	}
	f := &fake{}
	k := keeper("w", "alpha", f)
	testutil.Until(t, "the number is known", func() bool { return k.Open("alpha") })
	first := k.Number("alpha")
	if _, err := pacer.Rest(t.Context(), "alpha", pacing.Rest{Initial: time.Hour}, pacing.Why{Cause: pacing.CauseLimited, Said: say.Words("rate overlimit")}); err != nil {
		t.Fatal(err)
	}
	rests := func(instance string) bool {
		t.Helper()
		views, err := pacer.Views(t.Context(), instance)
		if err != nil {
			t.Fatal(err)
		}
		return !views[0].Rest.Until.IsZero()
	}

	if err := pacer.Pause(t.Context(), "alpha", time.Time{}); err != nil {
		t.Fatal(err)
	}
	f.self.Store(new("5511977770000")) // another number, though each reading found the state ready
	testutil.Until(t, "the other number is known", func() bool { return k.Number("alpha") != first })
	if rests("alpha") {
		t.Error("the new number has the rest of the first one")
	}
	if views, err := pacer.Views(t.Context(), "alpha"); err != nil || !views[0].Paused {
		t.Errorf("got %+v, %v, want the pause of the instance to stay", views, err)
	}
	beta := keeper("w2", "beta", &fake{}) // the first number, at another instance
	testutil.Until(t, "beta is open", func() bool { return beta.Open("beta") })
	if beta.Number("beta") != first || !rests("beta") {
		t.Errorf("beta has the number %q and rests: %v; want the first number, %q, and its rest", beta.Number("beta"), rests("beta"), first)
	}

	f.starting.Store(true)
	testutil.Until(t, "an instance that is not ready has no number", func() bool { return k.Number("alpha") == "" && !k.Open("alpha") })
	f.starting.Store(false)
	testutil.Until(t, "its number is read again", func() bool { return k.Open("alpha") })
}

// A gateway answers 404 too, and the pace, the rest and the names in use belong to the number.
func TestKeeper_AKnownNumberStaysWhenItsReadingIsNotFound(t *testing.T) {
	t.Parallel()
	server, rdb := testutil.Mini(t)
	server.Age()
	st := withAlpha(t, rdb)
	pacer := pacing.New(rdb, pacing.WithNumbers(st.Presence.Numbers))
	t.Cleanup(pacer.Close)
	f := &fake{}
	f.missing.Store(true)
	k := health.New(health.Config{
		Presence: st.Presence, Pacer: pacer, Worker: "w", Every: 20 * time.Millisecond, Shut: 20 * time.Millisecond, Refresh: 5 * time.Millisecond, Log: zerolog.Nop(),
	})
	set(k, map[string]provider.Provider{"alpha": f})
	start(t, k)
	testutil.Until(t, "its name stands for a number that the host does not tell", func() bool { return k.Number("alpha") == "alpha" && k.Open("alpha") })
	f.missing.Store(false)
	testutil.Until(t, "the number is known", func() bool { return k.Number("alpha") != "alpha" && k.Open("alpha") })
	number, asked := k.Number("alpha"), f.asked.Load()
	if _, err := pacer.Rest(t.Context(), "alpha", pacing.Rest{Initial: time.Hour}, pacing.Why{Cause: pacing.CauseLimited, Said: say.Words("rate overlimit")}); err != nil {
		t.Fatal(err)
	}
	f.missing.Store(true)
	testutil.Until(t, "two readings", func() bool { return f.asked.Load() >= asked+2 })
	views, err := pacer.Views(t.Context(), "alpha")
	if err != nil || views[0].Rest.Until.IsZero() || k.Number("alpha") != number {
		t.Errorf("after a 404 the number is %q, its rest %+v, %v; want %q and its rest", k.Number("alpha"), views, err, number)
	}
}

func TestKeeper_WithoutItsNumberAnInstanceStaysShut(t *testing.T) {
	t.Parallel()
	_, rdb := testutil.Mini(t)
	st := withAlpha(t, rdb)
	pacer := newPacer(t, rdb)
	k := health.New(health.Config{Presence: st.Presence, Pacer: pacer, Worker: "w", Every: time.Hour, Refresh: 5 * time.Millisecond, Log: zerolog.Nop()})
	set(k, map[string]provider.Provider{"alpha": &mute{}})
	start(t, k)
	testutil.Until(t, "the store has its state", func() bool {
		all, err := st.Presence.Instances(t.Context())
		return err == nil && all["alpha"].Health == provider.Starting
	})
	if k.Open("alpha") {
		t.Error("alpha is open, want it shut without a number")
	}
}

func TestKeeperNumber_IsWhatTheStoreHas(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := withAlpha(t, rdb)
	pacer := newPacer(t, rdb)
	k := health.New(health.Config{Presence: st.Presence, Pacer: pacer, Worker: "w", Log: zerolog.Nop()})
	set(k, map[string]provider.Provider{"alpha": &fake{}})
	hash := st.Presence.NumberOf("alpha", phone.IdentityOf("5511988880000"))
	held := ""
	for _, number := range []string{hash, "alpha", "beta", hash + "00", strings.ToUpper(hash), "0", hash[:30]} {
		if done, err := st.Presence.SetNumber(t.Context(), "alpha", held, number); err != nil || !done {
			t.Fatal(done, err)
		}
		held = number
		if err := k.RefreshAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := k.Number("alpha"); got != number || !k.Open("alpha") {
			t.Errorf("the number is %q, want %q", got, number)
		}
	}
	if err := st.Presence.DoubtNumber(t.Context(), "alpha"); err != nil {
		t.Fatal(err)
	}
	if err := k.RefreshAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := k.Number("alpha"); got != "" || k.Open("alpha") {
		t.Errorf("got the number %q, open %v; want none while it is in doubt", got, k.Open("alpha"))
	}
}

// What a worker read before the phone was disconnected says nothing of the phone that is connected now.
func TestKeeperLearn_ANumberReadBeforeADisconnectIsReadAgain(t *testing.T) {
	t.Parallel()
	before, after := phone.IdentityOf("5511988880000"), phone.IdentityOf("5511977770000")
	for name, meanwhile := range map[string]func(t *testing.T, p *store.Presence, other *health.Keeper){
		"disconnected": func(t *testing.T, p *store.Presence, _ *health.Keeper) {
			t.Helper()
			if err := p.DoubtNumber(t.Context(), "alpha"); err != nil {
				t.Error(err)
			}
		},
		"connected again": func(t *testing.T, p *store.Presence, other *health.Keeper) {
			t.Helper()
			err := p.DoubtNumber(t.Context(), "alpha")
			_, failed := other.Learn(t.Context(), "alpha", func(context.Context) (phone.Identity, error) { return after, nil })
			if err = errors.Join(err, failed); err != nil {
				t.Error(err)
			}
		},
	} {
		for _, was := range []string{"unknown", "known", "in doubt"} {
			t.Run(name+", "+was, func(t *testing.T) {
				t.Parallel()
				rdb := testutil.Redis(t)
				st := withAlpha(t, rdb)
				pacer := newPacer(t, rdb)
				k := health.New(health.Config{Presence: st.Presence, Pacer: pacer, Worker: "w", Log: zerolog.Nop()})
				other := health.New(health.Config{Presence: st.Presence, Pacer: pacer, Worker: "w2", Log: zerolog.Nop()})
				set(k, map[string]provider.Provider{"alpha": &fake{}})
				set(other, map[string]provider.Provider{"alpha": &fake{}})
				learn := func(ask func() phone.Identity) {
					t.Helper()
					if _, err := k.Learn(t.Context(), "alpha", func(context.Context) (phone.Identity, error) { return ask(), nil }); err != nil {
						t.Fatal(err)
					}
				}
				if was != "unknown" {
					learn(func() phone.Identity { return before })
				}
				if was == "in doubt" {
					if err := st.Presence.DoubtNumber(t.Context(), "alpha"); err != nil {
						t.Fatal(err)
					}
				}
				asked := 0
				learn(func() phone.Identity {
					if asked++; asked > 1 {
						return after
					}
					meanwhile(t, st.Presence, other)
					return before
				})
				want := st.Presence.NumberOf("alpha", after)
				held, err := st.Presence.HeldNumber(t.Context(), "alpha")
				if err != nil || held != want || k.Number("alpha") != want || asked != 2 {
					t.Errorf("after %d readings Redis holds %q, %v, and the worker %q; want the number after the disconnect, %q, from 2", asked, held, err, k.Number("alpha"), want)
				}
			})
		}
	}
}

func TestKeeperLearn_APauseOutlastsAFailureWhileTheNumberChanges(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := withAlpha(t, rdb)
	pacer := pacing.New(rdb, pacing.WithNumbers(st.Presence.Numbers))
	t.Cleanup(pacer.Close)
	k := health.New(health.Config{Presence: st.Presence, Pacer: pacer, Worker: "w", Log: zerolog.Nop()})
	set(k, map[string]provider.Provider{"alpha": &fake{}})
	learn := func(number string) error {
		_, err := k.Learn(t.Context(), "alpha", func(context.Context) (phone.Identity, error) { return phone.IdentityOf(number), nil })
		return err
	}
	if err := errors.Join(learn("5511988880000"), pacer.Pause(t.Context(), "alpha", time.Time{})); err != nil {
		t.Fatal(err)
	}
	redis := testutil.Meddle(rdb)
	redis.Refuse("get")
	if err := learn("5511977770000"); err == nil {
		t.Fatal("the number changes although Redis does not tell the pause, want an error")
	}
	redis.With(nil)
	if err := learn("5511977770000"); err != nil {
		t.Fatal(err)
	}
	if views, err := pacer.Views(t.Context(), "alpha"); err != nil || !views[0].Paused {
		t.Errorf("got %+v, %v, want the pause at the new number", views, err)
	}
}
