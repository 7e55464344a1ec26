package status

import (
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
)

func TestSceneQueuePaused_HasNoForecastAndIsTold(t *testing.T) {
	t.Parallel()
	s := newSetting().wait("create:alpha", 2).pauseQueue("create:alpha").scene()
	if end := s.over(map[group.Status]int{group.Queued: 2}, 0); !end.IsZero() {
		t.Errorf("all is foreseen to be over at %s although a queue with work is paused", end)
	}
	d := s.document(s.instances["alpha"])
	if d.EtaAt != nil || d.State != provider.Ready || !d.NeedsAPerson() || strings.Join(d.PausedQueues, " ") != "create:alpha" {
		t.Errorf("one of several queues is paused: %+v", d)
	}
	s = newSetting().pauseQueue("invite:alpha").scene()
	if d = s.document(s.instances["alpha"]); d.State != provider.Paused || d.NextInviteAt != nil || !strings.Contains(d.Reason, "invite:alpha") {
		t.Errorf("no invitation can leave: %+v", d)
	}
}
