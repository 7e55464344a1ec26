package app

import (
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// A leader reports a death and is killed before it puts the task back, so the next leader reports the same death.
func TestDied_ADeathThatIsReportedAgainCountsOnce(t *testing.T) {
	t.Parallel()
	st, err := store.Open(t.Context(), testutil.Redis(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a := &App{store: st, opts: Options{Log: zerolog.Nop()}}
	now := time.Now().UTC()
	g := &group.Group{
		ID: group.NewID(), Name: "Turma", Target: tasks.Target{Instance: "alpha"}, Priority: tasks.Normal, Status: group.Queued,
		CreatedAt: now, UpdatedAt: now, Members: []group.Member{{Number: "+5511999990001", Status: group.Pending}},
	}
	g.Begin("w", "alpha", time.Minute, func(string) bool { return false }, now)
	if err := st.Records.Record(t.Context(), []*store.Entry{{Group: g}}); err != nil {
		t.Fatal(err)
	}
	for n, since := range []time.Duration{0, 0, 0, time.Minute, time.Minute, 2 * time.Minute, 2 * time.Minute} {
		keep, err := a.died(t.Context(), g.ID, now.Add(since))
		if want := since < 2*time.Minute; err != nil || keep != want {
			t.Errorf("report %d: keep is %t, %v, want %t: the third death stops the group", n+1, keep, err, want)
		}
	}
	is, err := st.Records.Load(t.Context(), g.ID)
	if err != nil || is.Deaths != 3 || is.Status != group.Review {
		t.Errorf("got %d deaths and the status %s, %v, want 3 and review", is.Deaths, is.Status, err)
	}
}
