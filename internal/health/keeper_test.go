package health_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/health"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// fake is a provider that answers State and Self only. It is ready, unless starting is set.
type fake struct {
	provider.Provider
	starting atomic.Bool
	reads    atomic.Int32
	self     atomic.Pointer[string] // its number, instead of the usual one
	missing  atomic.Bool            // Self answers 404
	asked    atomic.Int32           // how often Self did
}

func (f *fake) State(context.Context) (provider.State, error) {
	f.reads.Add(1)
	if f.starting.Load() {
		return provider.State{Health: provider.Starting}, nil
	}
	return provider.State{Health: provider.Ready}, nil
}

func (f *fake) Self(context.Context) (phone.Identity, error) {
	if f.missing.Load() {
		f.asked.Add(1)
		return phone.Identity{}, &provider.Error{Class: provider.Limited, Scope: provider.ScopeInstance, Status: http.StatusNotFound}
	}
	if n := f.self.Load(); n != nil {
		return phone.IdentityOf(*n), nil
	}
	return phone.IdentityOf("5511988880000"), nil
}

// withAlpha returns a store that knows one instance, alpha.
func withAlpha(t *testing.T, rdb redis.UniversalClient) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), rdb, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Presence.Announce(t.Context(), []store.Announcement{{Name: "alpha"}}); err != nil {
		t.Fatal(err)
	}
	return st
}

// set gives a keeper these instances.
func set(k *health.Keeper, providers map[string]provider.Provider) {
	k.Set(slices.Collect(maps.Keys(providers)), func(name string) provider.Provider { return providers[name] })
}

func start(t *testing.T, k *health.Keeper) {
	t.Helper()
	if err := k.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Stop)
}

func TestKeeper_ReadsSoonWhatAnotherWorkerReportsAsStarting(t *testing.T) {
	t.Parallel()
	server, rdb := testutil.Mini(t)
	st := withAlpha(t, rdb)
	pacer := newPacer(t, rdb)
	keeper := func(worker string) (*health.Keeper, *fake) {
		f := &fake{}
		// Every is longer than the test waits: only Shut can bring the second reading.
		k := health.New(health.Config{
			Presence: st.Presence, Pacer: pacer, Worker: worker, Every: time.Hour, Shut: 200 * time.Millisecond, Refresh: 20 * time.Millisecond, Log: zerolog.Nop(),
		})
		set(k, map[string]provider.Provider{"alpha": f})
		start(t, k)
		return k, f
	}
	reader, read := keeper("reader")
	// An unknown state is read again soon. Once it is known, this worker has the job of reading it, for an hour.
	testutil.Until(t, "a worker has the job of reading", func() bool {
		led, err := st.Presence.Led(t.Context(), "state:alpha")
		return err == nil && led
	})
	reader.Stop() // waits for the readings under way
	known := read.reads.Load()
	start(t, reader)
	teller, _ := keeper("teller")
	teller.Report(t.Context(), "alpha", provider.State{Health: provider.Starting, Reason: say.Words("said a create")})
	testutil.Until(t, "the reader reads again", func() bool { return read.reads.Load() > known })
	testutil.Until(t, "the instance is open again for both", func() bool { return reader.Open("alpha") && teller.Open("alpha") })

	// The same after the reader has died, though it keeps the job for most of an hour.
	reader.Stop()
	server.FastForward(time.Second) // a Mini expires keys only when a test moves its clock
	teller.Report(t.Context(), "alpha", provider.State{Health: provider.Starting, Reason: say.Words("said a create")})
	testutil.Until(t, "another one reads", func() bool { return teller.Open("alpha") })
}

// Most instances that report starting are ready within seconds; one that was logged out may stay
// so for days.
func TestKeeper_ReadsAShutInstanceSoonAtFirstAndThenEverySixteenSeconds(t *testing.T) {
	t.Parallel()
	const shut, refresh = 16 * time.Second, time.Second
	for _, noticedBy := range []string{"the worker that reads it", "another worker"} {
		t.Run(noticedBy, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server, rdb := testutil.Mini(t)
				server.Age()
				st := withAlpha(t, rdb)
				pacer := newPacer(t, rdb)
				f := &fake{}
				keeper := func(worker string, providers map[string]provider.Provider) *health.Keeper {
					k := health.New(health.Config{
						Presence: st.Presence, Pacer: pacer, Worker: worker, Every: time.Hour, Shut: shut, Refresh: refresh, Log: zerolog.Nop(),
					})
					set(k, providers)
					start(t, k)
					return k
				}
				reader := keeper("reader", map[string]provider.Provider{"alpha": f})
				noticing := reader
				if noticedBy == "another worker" {
					noticing = keeper("teller", nil)
				}
				time.Sleep(time.Minute + refresh/2) // between two looks of the keepers
				known := f.reads.Load()

				f.starting.Store(true)
				noticing.Report(t.Context(), "alpha", provider.State{Health: provider.Starting, Reason: say.Words("said a create")})
				var pauses []time.Duration // between readings, to the second
				for last := time.Now(); len(pauses) < 8; {
					time.Sleep(time.Second)
					if n := f.reads.Load(); n > known {
						pauses, last, known = append(pauses, time.Since(last)), time.Now(), n
					}
					if time.Since(last) > time.Minute {
						t.Fatalf("alpha was not read for a minute, after pauses of %v", pauses)
					}
				}
				// A reading waits for the next look at the store, and another worker's report waits for
				// one, too.
				if first := pauses[0]; first > shut/8+2*refresh {
					t.Errorf("alpha is read again only after %v, want at most %v", first, shut/8+2*refresh)
				}
				if !slices.IsSorted(pauses[1:]) {
					t.Errorf("got the pauses %v, want them to grow from the second on", pauses)
				}
				if last := pauses[len(pauses)-1]; last < shut || last > shut+2*refresh {
					t.Errorf("the last pause is %v, want %v to %v: %v", last, shut, shut+2*refresh, pauses)
				}

				f.starting.Store(false)
				time.Sleep(shut + 2*refresh)
				if !reader.Open("alpha") {
					t.Error("alpha is ready again, but not open")
				}
			})
		})
	}
}

func TestKeeper_ADoubtedStateIsReadAtOnceByOneWorker(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := withAlpha(t, rdb)
	pacer := newPacer(t, rdb)
	for _, job := range []string{"state:alpha", "state:alpha:shut"} { // so the doubt is the only cause of a reading
		if mine, err := st.Presence.Lead(t.Context(), job, "third", time.Hour); err != nil || !mine {
			t.Fatalf("Lead = %v, %v; want the job", mine, err)
		}
	}
	f := &fake{}
	var keepers []*health.Keeper
	for _, worker := range []string{"one", "two"} {
		k := health.New(health.Config{
			Presence: st.Presence, Pacer: pacer, Worker: worker, Every: time.Hour, Shut: time.Hour, Refresh: 20 * time.Millisecond, Log: zerolog.Nop(),
		})
		set(k, map[string]provider.Provider{"alpha": f})
		start(t, k)
		keepers = append(keepers, k)
	}
	if err := st.Presence.Doubt(t.Context(), "alpha"); err != nil {
		t.Fatal(err)
	}
	testutil.Until(t, "it is read", func() bool { return f.reads.Load() > 0 })
	for _, k := range keepers {
		k.Stop() // waits for the readings under way
	}
	if n := f.reads.Load(); n != 1 {
		t.Errorf("one doubt caused %d readings, want one", n)
	}
}

func TestKeeperPace_ASlowedPaceReachesARunningWorker(t *testing.T) {
	t.Parallel()
	_, rdb := testutil.Mini(t)
	st := withAlpha(t, rdb)
	pacer := newPacer(t, rdb)
	k := health.New(health.Config{Presence: st.Presence, Pacer: pacer, Worker: "w", Refresh: 20 * time.Millisecond, Log: zerolog.Nop()})
	set(k, map[string]provider.Provider{"alpha": &fake{}})
	start(t, k)
	configured := pacing.Pace{Every: time.Minute, PerDay: 20}
	inForce := func(kind pacing.Kind) pacing.Pace { is, _ := k.Pace("alpha", kind, configured); return is }
	if err := st.Presence.Slow(t.Context(), "alpha", &store.Slowing{Create: pacing.Bound{Every: time.Second, PerDay: 7}, Invite: pacing.Bound{Every: time.Hour}}); err != nil {
		t.Fatal(err)
	}
	testutil.Until(t, "the slower pace is in force", func() bool {
		return inForce(pacing.Create) == pacing.Pace{Every: time.Minute, PerDay: 7} && inForce(pacing.Invite) == pacing.Pace{Every: time.Hour, PerDay: 20}
	})
	if got, until := k.Pace("beta", pacing.Create, configured); got != configured || !until.IsZero() {
		t.Errorf("another instance's pace is %+v until %s, want the configured one", got, until)
	}
	if err := st.Presence.Slow(t.Context(), "alpha", nil); err != nil {
		t.Fatal(err)
	}
	testutil.Until(t, "the configured pace is in force", func() bool { return inForce(pacing.Create) == configured && inForce(pacing.Invite) == configured })
	if err := st.Presence.SetPaused(t.Context(), "alpha", &store.Pause{}); err != nil {
		t.Fatal(err)
	}
	testutil.Until(t, "a pause without an end shuts it", func() bool { return !k.Open("alpha") })
	if err := st.Presence.SetPaused(t.Context(), "alpha", &store.Pause{Until: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	testutil.Until(t, "a pause with an end, which the pacer holds, leaves the keeper open", func() bool { return k.Open("alpha") })
	k.Stop() // a known end needs no further look
	end := time.Now().Add(2 * time.Second)
	if err := st.Presence.Slow(t.Context(), "alpha", &store.Slowing{Create: pacing.Bound{PerDay: 7}, Until: end}); err != nil {
		t.Fatal(err)
	}
	if err := k.RefreshAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, until := k.Pace("alpha", pacing.Create, configured); time.Now().Before(end) && (got.PerDay != 7 || until.Sub(end).Abs() > time.Second) {
		t.Errorf("the pace is %+v until %s, want 7 a day until %s", got, until, end)
	}
	testutil.Until(t, "the slower pace has ended", func() bool { return inForce(pacing.Create) == configured })
	if now := time.Now(); now.Before(end) {
		t.Errorf("the slower pace ended at %s, before %s", now, end)
	}
}

func TestKeeper_VeryManyStatesAreReadAtOneRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const instances, lasts = 200, 30 * time.Second
		f := &fake{}
		_, k := many(t, f, instances, health.Config{Every: time.Second})
		start(t, k)
		time.Sleep(lasts) // all have been read by now
		before := f.reads.Load()
		time.Sleep(lasts)
		if read := int(f.reads.Load() - before); read > 40*int(lasts.Seconds()) || read < 25*int(lasts.Seconds()) {
			t.Errorf("%d states were read in %v, want 33 a second", read, lasts)
		}
		for i := range instances {
			if name := fmt.Sprintf("i%04d", i); !k.Open(name) {
				t.Fatalf("%s was never read", name)
			}
		}
	})
}

func TestKeeperStir_LooksAtAChangedInstanceBeforeItsTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st, k := many(t, &fake{}, 2002, health.Config{Every: 24 * time.Hour, Refresh: time.Hour})
		start(t, k)
		configured := pacing.Pace{Every: time.Minute}
		for _, name := range []string{"i0000", "i0001"} {
			if err := st.Presence.Slow(t.Context(), name, &store.Slowing{Create: pacing.Bound{Every: time.Hour}}); err != nil {
				t.Fatal(err)
			}
		}
		slow := func(name string) pacing.Pace { is, _ := k.Pace(name, pacing.Create, configured); return is }
		k.Stir("i0001", "unknown")
		time.Sleep(time.Hour + time.Minute)
		if slow("i0001") == configured || slow("i0000") != configured {
			t.Error("want the slower pace of the instance that was named, and not yet that of the other")
		}
		time.Sleep(time.Hour)
		if slow("i0000") == configured {
			t.Error("i0000 still has the configured pace after its turn")
		}
	})
}

// many returns a keeper of the instances i0000, i0001, … for a bubble of synctest.
func many(t *testing.T, f *fake, n int, c health.Config) (*store.Store, *health.Keeper) {
	t.Helper()
	m, _ := testutil.Mini(t)
	// One connection for each reading: a reading that waits for one uses a timer outside of the bubble.
	rdb := redis.NewClient(&redis.Options{
		Addr: "memory:6379", Dialer: m.Dial, PoolSize: 512,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled, EndpointType: maintnotifications.EndpointTypeNone},
	})
	t.Cleanup(func() { _ = rdb.Close() })
	st := withAlpha(t, rdb)
	pacer := newPacer(t, rdb)
	c.Presence, c.Pacer, c.Worker, c.Log = st.Presence, pacer, "w", zerolog.Nop()
	providers := map[string]provider.Provider{}
	for i := range n {
		providers[fmt.Sprintf("i%04d", i)] = f
	}
	k := health.New(c)
	set(k, providers)
	return st, k
}

func TestKeeperSet_KeepsWhatIsKnownOfTheInstancesThatStay(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := withAlpha(t, rdb)
	pacer := newPacer(t, rdb)
	k := health.New(health.Config{Presence: st.Presence, Pacer: pacer, Worker: "w", Log: zerolog.Nop()})
	set(k, map[string]provider.Provider{"alpha": &fake{}, "beta": &fake{}})
	for _, name := range []string{"alpha", "beta", "gamma"} {
		self := phone.IdentityOf("551198888000" + string(name[0]))
		if _, err := k.Learn(t.Context(), name, func(context.Context) (phone.Identity, error) { return self, nil }); err != nil {
			t.Fatal(err)
		}
	}
	set(k, map[string]provider.Provider{"alpha": &fake{}, "gamma": &fake{}})
	if !k.Open("alpha") || k.Open("beta") || k.Open("gamma") {
		t.Errorf("open are alpha %v, beta %v, gamma %v; want alpha alone, whose number is known", k.Open("alpha"), k.Open("beta"), k.Open("gamma"))
	}
	if err := k.RefreshAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !k.Open("gamma") {
		t.Error("gamma is not open after a look")
	}
}

func newPacer(t *testing.T, rdb redis.UniversalClient) *pacing.Pacer {
	t.Helper()
	p := pacing.New(rdb)
	t.Cleanup(p.Close)
	return p
}
