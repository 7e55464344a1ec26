package view

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestForecast_APoolsGroupsGoToTheInstanceThatIsFreeFirst(t *testing.T) {
	t.Parallel()
	// alpha must first make five of its own groups. In that time beta makes those of the pool.
	s := newSetting().wait("create:alpha", 5).wait("create:pool:default", 4).snapshot()
	near(t, s.creates(toPool("default"), tasks.Normal, 4), after(15*time.Minute))
}

func TestForecast_HigherPrioritiesComeFirst(t *testing.T) {
	t.Parallel()
	s := newSetting().wait("create:pool:default:high", 4).wait("create:alpha", 1).snapshot()
	// alpha makes two of the four before its own group.
	near(t, s.creates(toInstance("alpha"), tasks.Normal, 1), after(10*time.Minute))
}

func TestForecast_TheDayCapMovesTheRestToTomorrow(t *testing.T) {
	t.Parallel()
	s := newSetting()
	s.views["alpha"].Create.Today = 18
	snapshot := s.wait("create:alpha", 5).snapshot()
	near(t, snapshot.creates(toInstance("alpha"), tasks.Normal, 3), after(12*time.Hour))
}

func TestOver_IsAfterTheLastCreateAndItsReading(t *testing.T) {
	t.Parallel()
	s := newSetting().wait("create:pool:default", 10).snapshot()
	near(t, s.over(map[group.Status]int{group.Queued: 10}, 0), after(20*time.Minute+usualRollLook))
}

func TestOver_NoEstimate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		snapshot func(s *setting)
		groups   map[group.Status]int
	}{
		{name: "nothing waits", groups: map[group.Status]int{group.Done: 3}},
		{
			name: "its only instance is paused", groups: map[group.Status]int{group.Queued: 1},
			snapshot: func(s *setting) { s.wait("create:alpha", 1).instances["alpha"].Pause = &store.Pause{} },
		},
		{name: "it waits for a pool that no worker serves", groups: map[group.Status]int{group.Queued: 1}},
		{name: "a person must decide", groups: map[group.Status]int{group.Queued: 1, group.Review: 1}, snapshot: func(s *setting) { s.wait("create:alpha", 1) }},
		{
			name: "invitations wait for a paused instance", groups: map[group.Status]int{group.Inviting: 1},
			snapshot: func(s *setting) {
				s.wait("invite:alpha", 1)
				s.instances["alpha"].Pause, s.instances["beta"].Pause = &store.Pause{}, &store.Pause{}
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSetting()
			if c.snapshot != nil {
				c.snapshot(s)
			}
			if got := s.snapshot().over(c.groups, 0); !got.IsZero() {
				t.Errorf("got the end %v, want none", got)
			}
		})
	}
}

func TestEnd_CountsTheInvitationsToExpect(t *testing.T) {
	t.Parallel()
	s := newSetting().wait("create:alpha", 2).snapshot()
	last := queued(toInstance("alpha"))
	b := &group.Batch{
		Counts: map[group.Status]int{group.Queued: 1},
		// A quarter of the people so far had to be invited, so ten of the next forty.
		Members: map[group.MemberStatus]int{group.Added: 30, group.Invited: 10, group.Pending: 40},
	}
	s.invites = rateOf(b.Members)
	near(t, s.end(b, []placed{{last, position{ahead: 1}}}), after(9*45*time.Second))
}

func TestEnd_ABatchWithAReviewHasNone(t *testing.T) {
	t.Parallel()
	s := newSetting().wait("create:alpha", 1).snapshot()
	b := &group.Batch{Counts: map[group.Status]int{group.Queued: 1, group.Review: 1}}
	if got := s.end(b, []placed{{queued(toInstance("alpha")), position{}}}); !got.IsZero() {
		t.Errorf("got the end %v, want none: a person must decide", got)
	}
}

func TestExpect_ForecastsAPageAsEachGroupAlone(t *testing.T) {
	t.Parallel()
	build := func() *snapshot {
		return newSetting().wait("create:pool:default:high", 3).wait("create:pool:default", 40).wait("create:alpha", 9).snapshot()
	}
	var page []placed
	for _, ahead := range []int{39, 7, 7, 0, 1000} { // newest first; one place twice, and one beyond the queue's end
		page = append(page, placed{&group.Group{Status: group.Queued, Target: toPool("default"), Priority: tasks.Normal}, position{ahead: ahead}})
	}
	for _, ahead := range []int{8, 3} {
		page = append(page, placed{&group.Group{Status: group.Queued, Target: toInstance("alpha"), Instance: "alpha", Priority: tasks.Normal}, position{ahead: ahead}})
	}
	together := build()
	together.expect(page)
	for _, g := range page {
		why, at := together.wait(g.Group, g.position)
		wantWhy, want := build().wait(g.Group, g.position)
		if why.String() != wantWhy.String() || !at.Equal(want) || want.IsZero() {
			t.Errorf("with %d ahead: got %q at %v, want %q at %v as without the others", g.ahead, why, at, wantWhy, want)
		}
	}
}

// The next create is not before the earliest notBefore of the groups that wait, even if the pace allows it.
func TestInstanceNextCreate_WaitsForTheFirstTaskThatIsDue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		lines map[string]store.Line
		want  time.Time
	}{
		{"nothing waits", nil, noon()},
		{"one is due later", map[string]store.Line{"create:alpha": {Later: 1, NextDue: after(time.Hour)}}, after(time.Hour)},
		{"the pool's is due first", map[string]store.Line{
			"create:alpha": {Later: 1, NextDue: after(time.Hour)}, "create:pool:default:low": {Later: 1, NextDue: after(time.Minute)},
		}, after(time.Minute)},
		{"one is due now", map[string]store.Line{
			"create:alpha": {Later: 1, NextDue: after(time.Hour)}, "create:pool:default": {Ready: 1},
		}, noon()},
	} {
		s := newSetting()
		s.lines = c.lines
		snapshot := s.snapshot()
		if d := snapshot.document(snapshot.instances["alpha"]); d.NextCreateAt == nil || !d.NextCreateAt.Equal(c.want) {
			t.Errorf("%s: the next create is at %v, want %v", c.name, d.NextCreateAt, c.want)
		}
	}
}
