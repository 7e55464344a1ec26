package store_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func lineOf(ids ...string) []tasks.Task {
	var ts []tasks.Task
	for _, id := range ids {
		ts = append(ts, tasks.Task{ID: id, Line: "create:alpha"})
	}
	return ts
}

// inLine puts tasks in their lines. None of them may be refused.
func inLine(t *testing.T, st *store.Store, ts ...tasks.Task) {
	t.Helper()
	if over, err := st.Lines.Put(t.Context(), ts...); err != nil || len(over) > 0 {
		t.Fatalf("Put = %v, %v; want all tasks in line", over, err)
	}
}

func TestLinesTake_GoesByLineThenByIDAndReturnsWhenALineIsDue(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		now, err := st.Now(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		later := tasks.Task{ID: "grp_0", Line: "create:alpha:high", At: now.Add(time.Hour)}
		inLine(t, st, append(lineOf("grp_2", "grp_1"), later, tasks.Task{ID: "grp_9", Line: "create:alpha:low"})...)
		from := []string{"create:alpha:high", "create:alpha", "create:alpha:low"}
		permit := store.Permit{Instance: "alpha", Kind: pacing.Create, Grant: pacing.Grant{Number: "n", Token: "t"}}
		var got []string
		for range 3 {
			id, due, err := st.Lines.Take(t.Context(), from, permit, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if due[0] < 50*time.Minute {
				t.Errorf("the line of high priority is due in %s, want about an hour", due[0])
			}
			got = append(got, id)
		}
		if want := []string{"grp_1", "grp_2", "grp_9"}; !slices.Equal(got, want) {
			t.Errorf("Take gave %v, want %v", got, want)
		}
		id, due, err := st.Lines.Take(t.Context(), from, permit, time.Minute)
		if err != nil || id != "" || due[0] < 50*time.Minute || due[1] >= 0 || due[2] >= 0 {
			t.Errorf("Take = %q, %v, %v; want no task, and only the first line due, in about an hour", id, due, err)
		}
		claimed, err := st.Lines.Claim(t.Context(), "grp_2")
		permit.Line = "create:alpha"
		if err != nil || claimed != permit {
			t.Errorf("Claim = %+v, %v; want %+v", claimed, err, permit)
		}
		if _, err := st.Lines.Claim(t.Context(), "grp_2"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the second Claim: got %v, want ErrNotFound", err)
		}
	})
}

// A line stores the ids of real tasks as bytes: they must come back whole, and in order.
func TestLinesTake_ReturnsTheIDsThatWerePut(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	const first, second = "grp_019ab0d2-5c00-7000-8000-000000000001", "grp_019ab0d2-5c00-7e00-8000-000000000002"
	want := []string{first, first + ":invite:3", first + ":invite:3~1", first + "~1", second, second + ":1"}
	inLine(t, st, lineOf(want[3], want[5], want[1], want[0], want[4], want[2])...)
	if all, err := rdb.ZRange(t.Context(), "rollcall:{ln}:ready:create:alpha", 0, 0).Result(); err != nil || len(all) != 1 || len(all[0]) != 16 {
		t.Errorf("the line holds a group as %q (%v), want its sixteen bytes", all, err)
	}
	var got []string
	for range want {
		id, _, err := st.Lines.Take(t.Context(), []string{"create:alpha"}, store.Permit{Instance: "alpha"}, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := st.Lines.Claim(t.Context(), id); err != nil || p.Line != "create:alpha" {
			t.Errorf("Claim(%q) = %+v, %v; want the line create:alpha", id, p, err)
		}
		got = append(got, id)
	}
	if !slices.Equal(got, want) {
		t.Errorf("Take gave %q, want %q", got, want)
	}
}

func TestLinesPut_LeavesATaskThatIsInLineOrWasLetGoAsItIs(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	now, err := st.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	later := tasks.Task{ID: "grp_1", Line: "create:alpha", At: now.Add(time.Hour)}
	inLine(t, st, later)
	inLine(t, st, lineOf("grp_1", "grp_2")...)
	if id, _, err := st.Lines.Take(t.Context(), []string{"create:alpha"}, store.Permit{}, time.Minute); err != nil || id != "grp_2" {
		t.Fatalf("Take = %q, %v; want grp_2, because grp_1 is for later", id, err)
	}
	inLine(t, st, lineOf("grp_2")...)
	lengths, err := st.Lines.Lengths(t.Context(), []string{"create:alpha", "create:beta"})
	if err != nil || lengths["create:alpha"].Ready != 0 || lengths["create:alpha"].Later != 1 || lengths["create:beta"] != (store.Line{}) {
		t.Errorf("Lengths = %+v, %v; want one for later in create:alpha", lengths, err)
	}
	if at := lengths["create:alpha"].NextDue; at.Sub(later.At).Abs() > time.Second {
		t.Errorf("the next task is due at %s, want %s", at, later.At)
	}
}

func TestLinesPut_RepairsWhenALineIsDue(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		inLine(t, st, lineOf("grp_1")...)
		if err := rdb.Del(t.Context(), "rollcall:{ln}:due").Err(); err != nil {
			t.Fatal(err)
		}
		inLine(t, st, lineOf("grp_1")...)
		if id, _, err := st.Lines.Take(t.Context(), []string{"create:alpha"}, store.Permit{}, time.Minute); err != nil || id != "grp_1" {
			t.Errorf("Take = %q, %v; want grp_1", id, err)
		}
	})
}

func TestLinesLengths_AnyStoredTimeGivesAValidDocument(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	p := rdb.Pipeline()
	for _, key := range []string{"rollcall:{ln}:later:create:alpha", "rollcall:{ln}:due"} {
		p.ZAdd(t.Context(), key, redis.Z{Score: 1 << 53, Member: "create:alpha"})
	}
	if _, err := p.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines, err := st.Lines.Lengths(t.Context(), []string{"create:alpha"})
	if err != nil || lines["create:alpha"].Later != 1 {
		t.Fatalf("Lengths = %+v, %v; want one for later", lines, err)
	}
	if _, err := json.Marshal(lines); err != nil {
		t.Errorf("the lengths cannot be written: %v", err)
	}
}

func TestLinesLapse_PutsBackATaskThatWasNotClaimedInTime(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		inLine(t, st, lineOf("grp_1", "grp_2")...)
		for _, holds := range []time.Duration{-time.Second, time.Hour} {
			if _, _, err := st.Lines.Take(t.Context(), []string{"create:alpha"}, store.Permit{}, holds); err != nil {
				t.Fatal(err)
			}
		}
		back, err := st.Lines.Lapse(t.Context())
		if err != nil || !slices.Equal(back, []string{"create:alpha"}) {
			t.Fatalf("Lapse = %v, %v; want create:alpha", back, err)
		}
		due, next, err := st.Lines.Due(t.Context(), 0)
		if at, holds := due["create:alpha"]; err != nil || next != 0 || !holds || !at.IsZero() {
			t.Errorf("Due = %v, %d, %v; want create:alpha due now, and no further lines", due, next, err)
		}
		if id, _, err := st.Lines.Take(t.Context(), []string{"create:alpha"}, store.Permit{}, time.Hour); err != nil || id != "grp_1" {
			t.Errorf("Take = %q, %v; want grp_1 at its old place", id, err)
		}
	})
}

func TestPresenceUnknownTo_NamesAWorkerThatDoesNotKnowAnInstance(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	if err := errors.Join(st.Presence.Know(t.Context(), "both", []string{"alpha", "beta"}), st.Presence.Know(t.Context(), "one", []string{"alpha"})); err != nil {
		t.Fatal(err)
	}
	workers := []store.Worker{{ID: "w1", Knows: "both"}, {ID: "w2", Knows: "one"}}
	unknown, err := st.Presence.UnknownTo(t.Context(), workers, []string{"alpha", "beta"})
	if err != nil || len(unknown) != 1 || unknown["beta"] != "w2" {
		t.Errorf("UnknownTo = %v, %v; want beta unknown to w2", unknown, err)
	}
	workers[1].Leaving = true
	if unknown, err = st.Presence.UnknownTo(t.Context(), workers, []string{"alpha", "beta"}); err != nil || len(unknown) != 0 {
		t.Errorf("UnknownTo = %v, %v; want none, because a worker that leaves takes no tasks", unknown, err)
	}
}

func TestLinesPut_RefusesATaskOfAFailedCancelledOrReviewedGroup(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		for _, status := range group.Statuses {
			g := fresh("Turma", "+5511999990001")
			accept(t, st, g)
			task := tasks.Create(g.ID, 0, g.Target, tasks.Normal)
			inLine(t, st, task)
			if _, err := st.Records.Update(t.Context(), g.ID, func(g *group.Group, _ time.Time) error {
				g.Status = status
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			read := tasks.RollCall(g.ID, time.Time{})
			over, err := st.Lines.Put(t.Context(), task, read)
			refused := status == group.Failed || status == group.Review || status == group.Cancelled
			if err != nil || refused != (len(over) == 1 && over[0].ID == task.ID) || !refused && len(over) > 0 {
				t.Errorf("%s: Put = %v, %v; want the create refused: %v", status, over, err, refused)
			}
			if lengths, err := st.Lines.Lengths(t.Context(), []string{task.Line}); err != nil || lengths[task.Line].Waiting() == 0 != refused {
				t.Errorf("%s: the line holds %+v, %v; want it empty: %v", status, lengths, err, refused)
			}
			if err := st.Lines.Remove(t.Context(), task); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestLinesStanding_ReturnsTheTasksThatWaitOrWereLetGo(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		ts := lineOf("grp_1", "grp_1~1", "grp_1~2", "grp_2")
		ts[1].At = time.Now().Add(time.Hour)
		inLine(t, st, ts[:3]...)
		if id, _, err := st.Lines.Take(t.Context(), []string{"create:alpha"}, store.Permit{Instance: "alpha"}, time.Minute); err != nil || id != "grp_1" {
			t.Fatalf("Take = %q, %v; want grp_1", id, err)
		}
		if in, err := st.Lines.Standing(t.Context(), ts...); err != nil || !slices.Equal(in, ts[:3]) {
			t.Errorf("Standing = %v, %v; want all but grp_2", in, err)
		}
	})
}

// There are more lines than one step reads, a line with more tasks than one step reads, and tasks for later.
func TestLinesWalk_ReturnsEachTaskInALine(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		st := open(t, rdb)
		want := map[tasks.Task]bool{}
		for i := range 400 {
			task := tasks.Create(group.NewID(), i%2, tasks.Target{Instance: "alpha"}, tasks.Normal)
			if i%4 == 0 {
				task.Line += strconv.Itoa(i)
			}
			if i%5 == 0 {
				task.At = time.Now().Add(time.Hour)
			}
			inLine(t, st, task)
			want[tasks.Task{ID: task.ID, Line: task.Line}] = true
		}
		walk := st.Lines.Walk()
		for n := range 2 { // it begins again
			got, steps := map[tasks.Task]bool{}, 0
			for done := false; !done; steps++ {
				var standing []tasks.Task
				var err error
				if standing, done, err = walk.Next(t.Context()); err != nil {
					t.Fatal(err)
				}
				for _, task := range standing {
					got[task] = true
				}
			}
			if !maps.Equal(got, want) || steps < 3 {
				t.Errorf("walk %d returned %d tasks in %d steps, want the %d that were put, in at least 3", n+1, len(got), steps, len(want))
			}
		}
	})
}
