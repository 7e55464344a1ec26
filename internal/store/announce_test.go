package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestPresenceAnnounceEach_AnnouncesThousandsAndAddsUpTheirLimits(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.RealRedis(t).Client()) // the embedded one returns a hash in one piece
	const n = 5234
	now, err := st.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[pacing.Kind]int{pacing.Create: 20, pacing.Invite: 3}
	if err := st.Presence.AnnounceEach(t.Context(), func(yield func(store.Announcement) bool) {
		for i := range n {
			if !yield(store.Announcement{Name: fmt.Sprintf("i%04d", i), SeenAt: now, Allowed: allowed}) {
				return
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	if announced, err := st.Presence.Announced(t.Context()); err != nil || announced != n {
		t.Errorf("Announced = %d, %v; want %d", announced, err, n)
	}
	told := map[string]bool{}
	if err := st.Presence.Announcements(t.Context(), func(a *store.Announcement) { told[a.Name] = true }); err != nil || len(told) != n {
		t.Errorf("Announcements returned %d instances, %v; want %d", len(told), err, n)
	}
	if all, err := st.Presence.Instances(t.Context()); err != nil || len(all) != n || all["i5233"] == nil {
		t.Errorf("Instances returned %d instances, %v; want %d with i5233", len(all), err, n)
	}
	for name, c := range map[string]struct {
		of   store.HistoryOf
		want int
	}{"all": {store.HistoryOfAll(), n * 20}, "the last one": {store.HistoryOfInstance("i5233"), 20}} {
		if days, err := st.Index.History(t.Context(), c.of, 1); err != nil || days[0].AllowedCreates != c.want {
			t.Errorf("%s: the history is %+v, %v; want %d allowed creates", name, days, err, c.want)
		}
	}
}

func TestPresenceInstances_AreSeenWhileTheirWorkerSendsHeartbeats(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	longAgo := time.Now().Add(-time.Hour).UTC()
	if err := st.Presence.Announce(t.Context(), []store.Announcement{
		{Name: "alpha", By: "w1", SeenAt: longAgo}, {Name: "beta", By: "w2", SeenAt: longAgo},
	}); err != nil {
		t.Fatal(err)
	}
	if err := st.Presence.Beat(t.Context(), store.Worker{ID: "w1"}); err != nil {
		t.Fatal(err)
	}
	check := func(when string) {
		t.Helper()
		all, err := st.Presence.Instances(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		named, err := st.Presence.InstancesNamed(t.Context(), []string{"alpha", "beta"})
		if err != nil {
			t.Fatal(err)
		}
		for _, is := range []map[string]*store.Instance{all, named} {
			if ago := time.Since(is["alpha"].SeenAt); ago > time.Minute {
				t.Errorf("%s: alpha was seen %v ago, want less than a minute", when, ago)
			}
			if seen := is["beta"].SeenAt; !seen.Equal(longAgo) {
				t.Errorf("%s: beta was seen at %v, want %v", when, seen, longAgo)
			}
		}
	}
	check("while its worker is alive")
	if err := st.Presence.Gone(t.Context(), "w1"); err != nil {
		t.Fatal(err)
	}
	check("just after its worker has stopped")
	if workers, err := st.Presence.Workers(t.Context()); err != nil || len(workers) != 0 {
		t.Errorf("Workers = %v, %v; want none", workers, err)
	}
}

func TestPresenceTook_StoresHowLongCallsTake(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	if err := st.Presence.Announce(t.Context(), []store.Announcement{{Name: "alpha"}}); err != nil {
		t.Fatal(err)
	}
	if err := st.Presence.Took(t.Context(), map[string]map[pacing.Kind]time.Duration{"alpha": {pacing.Create: time.Second}}); err != nil {
		t.Fatal(err)
	}
	if all, err := st.Presence.Instances(t.Context()); err != nil || all["alpha"].Takes[pacing.Create] != time.Second {
		t.Errorf("alpha's calls take %v, %v; want a second for a create", all["alpha"].Takes, err)
	}
}

func TestPresenceStatesSince_ReturnsWhatHasChangedOrMayEnd(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	names := []string{"alpha", "beta", "gamma"}
	marks := make([]store.Mark, len(names))
	handed := func() (handed []string) {
		t.Helper()
		if _, err := st.Presence.StatesSince(t.Context(), names, func(at int) store.Mark { return marks[at] }, func(at int, mark store.Mark, i *store.Instance) {
			handed, marks[at] = append(handed, i.Name), mark
		}); err != nil {
			t.Fatal(err)
		}
		return handed
	}
	expect := func(when string, got []string, want ...string) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("when %s: got %v, want %v", when, got, want)
		}
	}
	expect("nothing is known", handed(), names...)
	expect("nothing has changed", handed())
	if err := st.Presence.Doubt(t.Context(), "beta"); err != nil {
		t.Fatal(err)
	}
	expect("beta is doubted", handed(), "beta")
	expect("nothing has changed since", handed())
	if err := st.Presence.SetPaused(t.Context(), "gamma", &store.Pause{Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	expect("gamma was paused", handed(), "gamma")
	expect("gamma's pause may end", handed(), "gamma")
}
