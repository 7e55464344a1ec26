package app_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestApp_KeepsASlowerPaceUntilItIsReset(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.configure(1)
	r.config.Instances[0].Pools = []string{"default"}
	r.hire()
	if err := r.control.SetPace(t.Context(), "i0", store.Slowing{Create: pacing.Bound{Every: time.Hour}}, operate.Ending{}); err != nil {
		t.Fatal(err)
	}
	var last string
	ask := func() {
		t.Helper()
		out, err := r.client.Create(t.Context(), tasks.GroupRequest{GroupName: "Turma", Phones: []tasks.Phone{"+5544999999991"}}, enqueue.Rules{})
		if err != nil {
			t.Fatal(err)
		}
		last = out.ID
	}
	created := func() bool { return len(r.load(last).Attempts) > 0 }
	held := func() bool { // the worker asked for a slot at the slower pace
		t.Helper()
		views, err := r.pacer.Views(t.Context(), "i0")
		if err != nil {
			t.Fatal(err)
		}
		return views[0].Create.Next.Sub(views[0].At) > 30*time.Minute
	}
	ask()
	r.until("the worker keeps the slower pace", func() bool { // until then it may create a few more groups
		if created() {
			ask()
		}
		return held()
	})
	ask()
	if created() {
		t.Error("a group was created sooner than the slower pace allows")
	}
	if err := r.control.ResetPace(t.Context(), "i0", ""); err != nil {
		t.Fatal(err)
	}
	r.until("the group is created at the configured pace", created)
}
