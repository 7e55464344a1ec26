package lane

import (
	"testing"

	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestSharedLanesComeAndGoWhileTheOthersWork(t *testing.T) {
	t.Parallel()
	shared := func(receivers ...string) (all []Shared) {
		for _, name := range receivers {
			all = append(all, Shared{Name: "webhook " + name, Queues: []string{tasks.WebhookQueue(name)}})
		}
		return all
	}
	r := newRig(t, testutil.Redis(t), func(o *Options) { o.Shared = shared("a") })
	if err := r.Share(nil); err == nil {
		t.Error("lanes that do not run are shared")
	}
	r.start()
	if err := r.Share(shared("a", "b")); err != nil {
		t.Fatal(err)
	}
	r.put(tasks.Deliver("evt_1", "a", 0), tasks.Deliver("evt_1", "b", 0))
	r.finished(2)
	if err := r.Share(shared("b")); err != nil {
		t.Fatal(err)
	}
	testutil.Until(t, "the lane of a is gone", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.fixed) == 1 && len(r.retiring) == 0
	})
	r.put(tasks.Deliver("evt_2", "a", 0), tasks.Deliver("evt_2", "b", 0))
	r.finished(3)
	if n := r.lengths(tasks.WebhookQueue("a")).Pending; n != 1 {
		t.Errorf("%d tasks wait for a lane that is gone, want 1", n)
	}
}
