package view

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

func planOf(t tasks.Target, n int) []Planned {
	return []Planned{{Target: t, Priority: tasks.Normal, Groups: n}}
}

func TestPlan_ComesAfterAllThatWaits(t *testing.T) {
	t.Parallel()
	s := newSetting().wait("create:alpha", 3).wait("create:alpha:high", 1).snapshot()
	p := s.plan(planOf(toInstance("alpha"), 2), 0)
	near(t, p.EtaAt, after(25*time.Minute+usualRollLook))
	if diff := cmp.Diff(map[string]int{"alpha": 2}, p.Instances); diff != "" {
		t.Errorf("instances (-want +got):\n%s", diff)
	}
	if p := s.plan(planOf(toInstance("alpha"), 0), 0); !p.EtaAt.IsZero() || !p.Bottleneck.Zero() {
		t.Errorf("without groups: got %+v, want no time and no bottleneck", p)
	}
}

func TestPlan_TargetsThatShareInstancesWaitForEachOther(t *testing.T) {
	t.Parallel()
	plan := append(planOf(toInstance("alpha"), 6), planOf(toPool("default"), 6)...)
	near(t, newSetting().snapshot().plan(plan, 0).EtaAt, after(25*time.Minute+usualRollLook))
}

func TestPlan_NamesItsBottleneck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		snapshot func(s *setting)
		plan     []Planned
		want     string
	}{
		{
			name: "the day cap", plan: planOf(toPool("default"), 500),
			want: "2 instances, 20 a day each: done about 2026-12-03T00:46:09Z; 2 more instances would make it 2026-11-27T00:21:04Z",
		},
		{
			name: "the floor", plan: planOf(toPool("default"), 60),
			snapshot: func(s *setting) {
				for _, i := range s.instances {
					i.Create.PerDay = 0
				}
			},
			want: "2 instances, one every 5m each: done about 2026-11-21T14:26:29Z; 2 more instances would make it 2026-11-21T13:11:14Z",
		},
		{
			name: "one instance", plan: planOf(toInstance("alpha"), 41),
			want: "1 instance, 20 a day: done about 2026-11-23T00:01:00Z; 1 more instance in a pool would make it 2026-11-22T00:01:00Z",
		},
		{
			name: "different paces", plan: planOf(toPool("default"), 500),
			snapshot: func(s *setting) { s.instances["beta"].Create.PerDay = 30 },
			want:     "2 instances, 50 a day together: done about 2026-11-30T02:26:29Z",
		},
		{name: "too short for advice", plan: planOf(toPool("default"), 4), want: "2 instances, 20 a day each: done about 2026-11-21T12:06:01Z"},
		{
			name: "no instance is able", plan: planOf(toInstance("alpha"), 4),
			snapshot: func(s *setting) { s.instances["alpha"].Pause = &store.Pause{Reason: "holiday"} },
			want:     "no estimate yet: they wait for the instance: alpha is paused (holiday)",
		},
		{
			name: "a notBefore", want: "the latest notBefore decides: done about 2026-12-01T12:01:00Z",
			plan: []Planned{{Target: toPool("default"), Priority: tasks.Normal, Groups: 1, NotBefore: after(10 * 24 * time.Hour)}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSetting()
			if c.snapshot != nil {
				c.snapshot(s)
			}
			got := s.snapshot().plan(c.plan, 0).Bottleneck.String()
			if !strings.HasPrefix(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestPlan_InvitationsAndTheirQuietHoursCanBeTheBottleneck(t *testing.T) {
	t.Parallel()
	s := newSetting()
	for _, i := range s.instances {
		i.Quiet, i.QuietZone = pacing.Quiet{From: 21 * time.Hour, To: 8 * time.Hour}, "America/Sao_Paulo"
	}
	snapshot := s.snapshot()
	snapshot.invites = 0.5
	p := snapshot.plan(planOf(toPool("default"), 10), 100)
	want := "2 instances, 20 invitations a day each: done about 2026-11-22T11:03:02Z, with no invitation sent from 21:00 to 08:00"
	if !strings.HasPrefix(p.Bottleneck.String(), want) {
		t.Errorf("got  %s\nwant %s", p.Bottleneck, want)
	}
	near(t, p.EtaAt, after(23*time.Hour+3*time.Minute))
}
