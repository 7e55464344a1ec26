package view

import (
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestSnapshot_APausedQueueShowsItsInstancesAsPaused(t *testing.T) {
	t.Parallel()
	for _, name := range tasks.Queues() {
		s := newSetting().wait("create:alpha", 2).pauseQueue(name).snapshot()
		d := s.document(s.instances["alpha"])
		if d.EtaAt != nil && name == tasks.CallQueue || d.State != provider.Paused || !d.NeedsAPerson() || strings.Join(d.PausedQueues, " ") != name || !strings.Contains(d.Reason.String(), name) {
			t.Errorf("with the queue %s paused: got %+v, want it paused with the queue as the reason", name, d)
		}
	}
	s := newSetting().wait("create:alpha", 2).pauseQueue(tasks.CallQueue).snapshot()
	if end := s.over(map[group.Status]int{group.Queued: 2}, 0); !end.IsZero() {
		t.Errorf("got the end %s, want none while the queue is paused", end)
	}
}

func TestSnapshotUnknownTo_AnInstanceThatAWorkerDoesNotKnowWaitsForIt(t *testing.T) {
	t.Parallel()
	s := newSetting().wait("create:alpha", 1)
	s.unknown["alpha"] = "host-7"
	snapshot := s.snapshot()
	why, until := snapshot.wait(queued(toInstance("alpha")), position{})
	if !strings.Contains(why.String(), "host-7") || !strings.Contains(why.String(), "does not know it") || !until.IsZero() {
		t.Errorf("it waits for %q until %v, want that host-7 does not know it, and no time", why, until)
	}
	if d := snapshot.document(snapshot.instances["alpha"]); d.UnknownTo != "host-7" || d.NextCreateAt != nil || !d.NeedsAPerson() {
		t.Errorf("got the instance %+v, want it unknown to host-7 and without a next create", d)
	}
	if why, _ := snapshot.wait(queued(toInstance("beta")), position{}); strings.Contains(why.String(), "host-7") {
		t.Errorf("beta waits for %q, want nothing of host-7", why)
	}
}
