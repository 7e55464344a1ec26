package view

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// noon is the time of the snapshots.
func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

func after(d time.Duration) time.Time { return noon().Add(d) }

// setting builds a snapshot. It begins with the instances alpha and beta in the pool default, both ready, with a create
// every 5m and 20 a day.
type setting struct {
	instances map[string]*store.Instance
	views     map[string]*pacing.View
	workers   []store.Worker
	lines     map[string]store.Line
	paused    map[string]queue.Counts
	unknown   map[string]string // the worker that does not know the instance, by instance
}

func newSetting() *setting {
	s := &setting{
		instances: map[string]*store.Instance{}, views: map[string]*pacing.View{},
		workers: []store.Worker{{ID: "w1"}}, lines: map[string]store.Line{}, paused: map[string]queue.Counts{}, unknown: map[string]string{},
	}
	for _, name := range []string{"alpha", "beta"} {
		s.instances[name] = &store.Instance{
			Announcement: store.Announcement{
				Name: name, Provider: "zapi", Pools: []string{"default"}, SeenAt: after(-5 * time.Second),
				Create: pacing.Pace{Every: 5 * time.Minute, PerDay: 20}, Invite: pacing.Pace{Every: 45 * time.Second, PerDay: 20},
			},
			HealthReport: store.HealthReport{Health: provider.Ready},
		}
		s.views[name] = &pacing.View{
			Instance: name, At: noon(), Create: pacing.KindView{Next: noon()}, Invite: pacing.KindView{Next: noon()},
		}
	}
	return s
}

// wait adds n tasks to a line.
func (s *setting) wait(name string, n int) *setting {
	l := s.lines[name]
	l.Ready += n
	s.lines[name] = l
	return s
}

func (s *setting) pauseQueue(queueName string) *setting {
	s.paused[queueName] = queue.Counts{Paused: true}
	return s
}

func (s *setting) snapshot() *snapshot {
	views := make([]pacing.View, 0, len(s.views))
	for _, v := range s.views {
		views = append(views, *v)
	}
	snapshot := newSnapshot(noon(), s.instances, views, s.workers, s.unknown)
	snapshot.lines = s.lines
	snapshot.pauses(s.paused)
	return snapshot
}

func toInstance(name string) tasks.Target { return tasks.Target{Instance: name} }
func toPool(name string) tasks.Target     { return tasks.Target{Pool: name} }

// queued is a group that waits for its create.
func queued(t tasks.Target) *group.Group {
	return &group.Group{ID: "grp_1", Status: group.Queued, Target: t, Instance: t.Instance, Priority: tasks.Normal}
}

// near fails unless got is within 30s of want: forecasts add some seconds for calls under way.
func near(t *testing.T, got, want time.Time) {
	t.Helper()
	if want.IsZero() != got.IsZero() {
		t.Fatalf("got the time %v, want %v", got, want)
	}
	if d := got.Sub(want).Abs(); d > 30*time.Second {
		t.Errorf("got the time %v, want %v", got, want)
	}
}
