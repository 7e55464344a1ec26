package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// announced announces instances that were seen at a time and may make ten creates and five invitations a day.
func announced(t *testing.T, st *store.Store, at time.Time, zone string, names ...string) {
	t.Helper()
	var as []store.Announcement
	for _, name := range names {
		as = append(as, store.Announcement{
			Name: name, Create: pacing.Pace{Zone: zone}, SeenAt: at, Allowed: map[pacing.Kind]int{pacing.Create: 10, pacing.Invite: 5},
		})
	}
	if err := st.Presence.Announce(t.Context(), as); err != nil {
		t.Fatal(err)
	}
}

func history(t *testing.T, st *store.Store, instance string, days int) []store.HistoryDay {
	t.Helper()
	of := store.HistoryOfAll()
	if instance != "" {
		of = store.HistoryOfInstance(instance)
	}
	h, err := st.Index.History(t.Context(), of, days)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// last returns the last day of a history, without its date.
func last(h []store.HistoryDay) store.HistoryDay {
	d := h[len(h)-1]
	d.Date = time.Time{}
	return d
}

// TestIndexHistory_CountsEachTransitionOnce writes the versions of random groups to the index: the last version always,
// each earlier one never, once or many times, and in any order.
func TestIndexHistory_CountsEachTransitionOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		st := open(t, testutil.Redis(t))
		now := time.Now()
		announced(t, st, now, "", "alpha", "beta")
		want := map[string]*store.HistoryDay{"": {}, "alpha": {}, "beta": {}}
		for n := range rapid.IntRange(1, 4).Draw(rt, "groups") {
			people := rapid.IntRange(1, 4).Draw(rt, "people")
			var phones []string
			for i := range people {
				phones = append(phones, fmt.Sprintf("+55449999999%d%d", n, i))
			}
			g := fresh(fmt.Sprintf("Turma %d", n), phones...)
			g.Instance = rapid.SampledFrom([]string{"alpha", "beta"}).Draw(rt, "instance")
			g.Rev = 1
			write := func(g *group.Group) {
				if err := st.Index.Refresh(context.Background(), g); err != nil {
					rt.Fatal(err)
				}
			}
			write(g)
			versions := []*group.Group{g}
			next := func(change func(*group.Group)) {
				was := versions[len(versions)-1]
				is := *was
				is.Members = append([]group.Member{}, was.Members...)
				is.Rev++
				change(&is)
				versions = append(versions, &is)
			}
			if rapid.Bool().Draw(rt, "fails") {
				next(func(g *group.Group) {
					g.Status, g.Error = group.Failed, &group.Error{Code: group.CodeNoMembers}
				})
			} else {
				next(func(g *group.Group) { g.Status = group.Creating })
				next(func(g *group.Group) { g.Status = group.Inviting })
				for _, s := range []group.MemberStatus{group.InviteQueued, group.Invited, group.Joined} {
					for i := range people {
						if i > 0 {
							next(func(g *group.Group) { g.Members[i].Status = s })
						} else if s == group.InviteQueued {
							next(func(g *group.Group) { g.Members[0].Status = group.Added })
						}
					}
				}
				next(func(g *group.Group) { g.Status, g.FinishedAt = group.Done, now })
			}
			// Any versions, in any order, then the last one, then any once more.
			for range rapid.IntRange(0, 8).Draw(rt, "writes") {
				write(versions[rapid.IntRange(0, len(versions)-1).Draw(rt, "version")])
			}
			write(versions[len(versions)-1])
			write(versions[rapid.IntRange(0, len(versions)-1).Draw(rt, "late")])
			for _, of := range []string{"", g.Instance} {
				d := want[of]
				if versions[len(versions)-1].Status == group.Failed {
					d.Failed++
				} else {
					d.Created, d.Added, d.Invited, d.Joined = d.Created+1, d.Added+1, d.Invited+people-1, d.Joined+people-1
				}
			}
		}
		for of, d := range want {
			d.AllowedCreates, d.AllowedInvites = 10, 5
			if of == "" {
				d.AllowedCreates, d.AllowedInvites = 20, 10
			}
			if got := last(history(t, st, of, 2)); got != *d {
				rt.Fatalf("the history of %q: %+v, want %+v", of, got, *d)
			}
		}
	})
}

func TestIndexHistory_AnEntryWrittenAgainAfterALossCountsNothing(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	g := fresh("Turma", "+5544999999991")
	g.Instance, g.Rev, g.Status, g.Members[0].Status = "alpha", 9, group.Done, group.Added
	if err := st.Index.Refresh(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	if got := last(history(t, st, "", 1)); got != (store.HistoryDay{}) {
		t.Errorf("the history is %+v, want an empty day", got)
	}
}

func TestIndexHistory_ADayBeginsAtMidnightOfThePacingZone(t *testing.T) {
	t.Parallel()
	mini, rdb := testutil.Mini(t)
	st := open(t, rdb)
	// São Paulo is at UTC-3; New York puts its clocks back at 6:00 UTC.
	at := func(moment string) time.Time {
		now, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			t.Fatal(err)
		}
		mini.SetTime(now)
		return now
	}
	fails := func(instance, name string) {
		g := fresh(name, "+5544999999991")
		g.Instance, g.Rev = instance, 1
		g.Status, g.Error = group.Failed, &group.Error{Code: group.CodeNoMembers}
		if err := st.Index.Refresh(t.Context(), g); err != nil {
			t.Fatal(err)
		}
	}
	now := at("2026-10-31T12:00:00Z")
	announced(t, st, now, "America/Sao_Paulo", "alpha")
	announced(t, st, now, "America/New_York", "beta")
	for moment, names := range map[string][]string{
		"2026-11-02T02:59:59Z": {"alpha"}, "2026-11-02T03:00:00Z": {"alpha"}, // the last second of the 1st, the first of the 2nd
		"2026-11-02T04:59:59Z": {"beta"}, "2026-11-02T05:00:00Z": {"beta"}, // an hour later than before the clocks changed
	} {
		at(moment)
		for _, name := range names {
			fails(name, moment+name)
		}
	}
	at("2026-11-02T12:00:00Z")
	for _, name := range []string{"alpha", "beta"} {
		h := history(t, st, name, 3)
		var said []string
		for _, d := range h {
			said = append(said, fmt.Sprintf("%s %d", d.Date.Format(time.DateOnly), d.Failed))
		}
		if got, want := strings.Join(said, ", "), "2026-10-31 0, 2026-11-01 1, 2026-11-02 1"; got != want {
			t.Errorf("failed groups of %s: %s, want %s", name, got, want)
		}
	}
}

func TestIndexCountCall_CountsOnTheDateOfItsZone(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	for _, zone := range []string{"Pacific/Kiritimati", "Pacific/Midway"} { // at any time one of them has another date than UTC
		announced(t, st, time.Now(), zone, "alpha")
		there, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Index.CountCall(t.Context(), "alpha", "", pacing.Create, time.Now().In(there)); err != nil {
			t.Fatal(err)
		}
		if n := last(history(t, st, "alpha", 1)).Creates; n != 1 {
			t.Errorf("%s: %d calls today, want 1", zone, n)
		}
	}
}

func TestIndexHistory_EndsAfterNinetyDays(t *testing.T) {
	t.Parallel()
	mini, rdb := testutil.Mini(t)
	st := open(t, rdb)
	announced(t, st, time.Now(), "", "alpha")
	keys := func() []string {
		found, err := rdb.Keys(t.Context(), "rollcall:{ix}:day:*").Result()
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if n := len(keys()); n != 1 {
		t.Fatalf("there are %d keys of days, want one", n)
	}
	mini.FastForward(91 * 24 * time.Hour)
	if n := len(keys()); n != 1 {
		t.Errorf("after 91 days there are %d keys of days, want one", n)
	}
	mini.FastForward(9 * 24 * time.Hour)
	if found := keys(); len(found) > 0 {
		t.Errorf("after a hundred days the keys %v are left, want none", found)
	}
}

func TestIndexHistory_EachDayAndHourEndsWhateverBeganIt(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(st *store.Store) error{
		"a call": func(st *store.Store) error {
			return st.Index.CountCall(t.Context(), "alpha", "", pacing.Create, time.Now().UTC())
		},
		"a group": func(st *store.Store) error {
			g := fresh("Turma 1", "+5544999999990")
			g.Instance, g.Rev, g.Status = "alpha", 1, group.Inviting
			return st.Index.Refresh(t.Context(), g)
		},
	} {
		rdb := testutil.Redis(t)
		if err := begin(open(t, rdb)); err != nil {
			t.Fatal(err)
		}
		for pattern, want := range map[string]time.Duration{"rollcall:{ix}:day:*": 100 * 24 * time.Hour, "rollcall:{ix}:hour:*": 25 * time.Hour} {
			for _, key := range rdb.Keys(t.Context(), pattern).Val() {
				if life := rdb.TTL(t.Context(), key).Val(); life.Round(time.Hour) != want {
					t.Errorf("%s: %s lives for %s, want %s", name, key, life, want)
				}
			}
		}
	}
}

func TestIndexHistory_CountsCallsAndLimitsByInstanceAndPool(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		announced(t, st, time.Now(), "", "alpha", "beta")
		for n, pool := range []string{"p", "q", ""} {
			g := fresh(fmt.Sprintf("Turma %d", n), "+5544999999991")
			g.Instance, g.Target = "alpha", tasks.Target{Pool: pool}
			accept(t, st, g)
			if _, err := st.Records.Update(t.Context(), g.ID, func(g *group.Group, _ time.Time) error {
				g.Status, g.Error = group.Failed, &group.Error{Code: group.CodeNoMembers}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			for _, kind := range []pacing.Kind{pacing.Create, pacing.Create, pacing.Invite} {
				if err := st.Index.CountCall(t.Context(), "alpha", pool, kind, time.Now().UTC()); err != nil {
					t.Fatal(err)
				}
			}
			if err := st.Records.Forget(t.Context(), g.ID); err != nil { // its calls and its failure stay counted
				t.Fatal(err)
			}
		}
		for name, c := range map[string]struct {
			of   store.HistoryOf
			want store.HistoryDay
		}{
			"all":           {store.HistoryOfAll(), store.HistoryDay{Failed: 3, Creates: 6, Invites: 3, AllowedCreates: 20, AllowedInvites: 10}},
			"alpha":         {store.HistoryOfInstance("alpha"), store.HistoryDay{Failed: 3, Creates: 6, Invites: 3, AllowedCreates: 10, AllowedInvites: 5}},
			"beta":          {store.HistoryOfInstance("beta"), store.HistoryDay{AllowedCreates: 10, AllowedInvites: 5}},
			"a pool":        {store.HistoryOfPools([]string{"p"}, []string{"alpha"}), store.HistoryDay{Failed: 1, Creates: 2, Invites: 1, AllowedCreates: 10, AllowedInvites: 5}},
			"pools":         {store.HistoryOfPools([]string{"p", "q"}, []string{"alpha", "beta"}), store.HistoryDay{Failed: 2, Creates: 4, Invites: 2, AllowedCreates: 20, AllowedInvites: 10}},
			"another pool":  {store.HistoryOfPools([]string{"r"}, nil), store.HistoryDay{}},
			"a lost worker": {store.HistoryOfInstance("gone"), store.HistoryDay{}},
		} {
			h, err := st.Index.History(t.Context(), c.of, 1)
			if err != nil {
				t.Fatal(err)
			}
			if got := last(h); got != c.want {
				t.Errorf("%s: %+v, want %+v", name, got, c.want)
			}
		}
	})
}

func TestIndexHistory_HasNoTotalLimitIfOneInstanceHasNone(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	if err := st.Presence.Announce(t.Context(), []store.Announcement{
		{Name: "alpha", SeenAt: time.Now(), Allowed: map[pacing.Kind]int{pacing.Create: 10, pacing.Invite: 5}},
		{Name: "beta", SeenAt: time.Now(), Allowed: map[pacing.Kind]int{pacing.Create: 0, pacing.Invite: 5}},
	}); err != nil {
		t.Fatal(err)
	}
	for _, of := range []store.HistoryOf{store.HistoryOfAll(), store.HistoryOfPools(nil, []string{"beta", "alpha"})} {
		h, err := st.Index.History(t.Context(), of, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := last(h), (store.HistoryDay{AllowedInvites: 10}); got != want {
			t.Errorf("the history of %+v: %+v, want %+v", of, got, want)
		}
	}
}

// commands counts the pipelines sent to Redis and their commands.
type commands struct{ pipelines, sent int }

func (c *commands) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (c *commands) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (c *commands) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.pipelines++
		c.sent += len(cmds)
		return next(ctx, cmds)
	}
}

func TestIndexHistory_SendsNoMoreCommandsForManyInstances(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	var c commands
	rdb.AddHook(&c)
	read := func() commands {
		c = commands{}
		history(t, st, "", store.HistoryDays)
		return c
	}
	few := read()
	names := make([]string, 500)
	for i := range names {
		names[i] = fmt.Sprintf("i%03d", i)
	}
	announced(t, st, time.Now(), "", names...)
	if many := read(); many != few || many.sent != 1+store.HistoryDays {
		t.Errorf("500 instances cost %+v, none %+v; want the same: one for the time and one for each of %d days", many, few, store.HistoryDays)
	}
	if got := last(history(t, st, "", 1)); got.AllowedCreates != 5000 {
		t.Errorf("all instances together may make %d creates a day, want 5000", got.AllowedCreates)
	}
}
