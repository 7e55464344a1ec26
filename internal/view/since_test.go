package view

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

func resting(cause pacing.Cause) func(s *setting) {
	return func(s *setting) {
		s.views["alpha"].Rest = pacing.Resting{
			Why: pacing.Why{Cause: cause, Said: say.Words("said")}, Since: after(-20 * time.Minute), Until: after(time.Minute),
		}
	}
}

// Since is when the reported state began, not when the group was accepted or a record was last written.
func TestSince_IsWhenTheReportedStateBegan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		snapshot func(s *setting)
		want     time.Duration // before now; 0: no Since
		state    provider.Health
		worst    InstanceWorst
	}{
		"it works":          {func(*setting) {}, 0, provider.Ready, "ready"},
		"a person paused":   {func(s *setting) { s.instances["alpha"].Pause = &store.Pause{At: after(-7 * time.Minute)} }, 7 * time.Minute, provider.Paused, "paused"},
		"a pause not noted": {func(s *setting) { s.views["alpha"].Paused = true }, 0, provider.Paused, "paused"},
		"logged out": {func(s *setting) {
			s.instances["alpha"].Health, s.instances["alpha"].Since = provider.Disconnected, after(-9*time.Minute)
		}, 9 * time.Minute, provider.Disconnected, "disconnected"},
		"its worker left":           {func(s *setting) { s.instances["alpha"].SeenAt = after(-2 * time.Hour) }, 2 * time.Hour, provider.UnknownState, "unknown"},
		"a worker does not know it": {func(s *setting) { s.unknown["alpha"] = "w2" }, 0, provider.UnknownState, "unknown"},
		"its worker left, others do not know it": {func(s *setting) {
			s.instances["alpha"].SeenAt, s.unknown["alpha"] = after(-2*time.Hour), "w2"
		}, 2 * time.Hour, provider.UnknownState, "unknown"},
		"a queue is paused":  {func(s *setting) { s.pauseQueue(tasks.CallQueue) }, 0, provider.Paused, "paused"},
		"limited":            {resting(pacing.CauseLimited), 20 * time.Minute, provider.Restricted, "restricted"},
		"the provider fails": {resting(pacing.CauseFailing), 20 * time.Minute, provider.UnknownState, WorstFailing},
		"too many requests":  {resting(pacing.CauseBusy), 20 * time.Minute, provider.Ready, WorstResting},
	} {
		s := newSetting()
		s.instances["alpha"].Since = after(-100 * time.Hour) // its health was read long before
		c.snapshot(s)
		snapshot := s.snapshot()
		d := snapshot.document(snapshot.instances["alpha"])
		if c.want == 0 && d.Since != nil || c.want != 0 && (d.Since == nil || !d.Since.Equal(after(-c.want))) {
			t.Errorf("%s: got since %v, want %s ago", name, d.Since, c.want)
		}
		if d.State != c.state || d.Worst != c.worst {
			t.Errorf("%s: the state is %s and the worst part %s, want %s and %s", name, d.State, d.Worst, c.state, c.worst)
		}
		if c.want == 0 {
			continue
		}
		g := queued(toInstance("alpha"))
		g.CreatedAt = after(-300 * time.Hour)
		if got := snapshot.waitsSince(g); !got.Equal(after(-c.want)) {
			t.Errorf("%s: a group waits for it since %v, want %s ago", name, got, c.want)
		}
	}
}

func TestSince_OfAWaitingGroupIsWhenItBeganToWait(t *testing.T) {
	t.Parallel()
	g := queued(toInstance("alpha"))
	g.CreatedAt = after(-time.Hour)
	if got := newSetting().snapshot().waitsSince(g); !got.Equal(g.CreatedAt) {
		t.Errorf("a group waits for its turn since %v, want since it was accepted", got)
	}
	g.Status, g.Error, g.UpdatedAt = group.Review, &group.Error{At: after(-time.Minute)}, noon()
	if got := newSetting().snapshot().waitsSince(g); !got.Equal(after(-time.Minute)) {
		t.Errorf("a group in review waits since %v, want since it came to review", got)
	}
}

func TestSince_OfQuietHoursIsTheirBeginning(t *testing.T) {
	t.Parallel()
	s := newSetting()
	s.instances["alpha"].Create.Zone = "America/Sao_Paulo"
	s.instances["alpha"].Create.Quiet = pacing.Quiet{From: 21 * time.Hour, To: 10 * time.Hour} // 9:00 there
	snapshot := s.snapshot()
	if got := snapshot.waitsSince(queued(toInstance("alpha"))); !got.Equal(after(-12 * time.Hour)) {
		t.Errorf("a group waits since %v, want since %v", got, after(-12*time.Hour))
	}
	if d := snapshot.document(snapshot.instances["alpha"]); d.Since != nil || d.State != provider.Ready || d.Worst != "ready" || d.Reason.String() != "no creates from 21:00 to 10:00 (America/Sao_Paulo)" {
		t.Errorf("got the instance %s (%s) since %v, worst %s; want it ready, with its quiet hours as the reason", d.State, d.Reason, d.Since, d.Worst)
	}
}
