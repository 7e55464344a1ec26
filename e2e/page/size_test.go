package page

import (
	"fmt"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// crowd makes the office one of 500 numbers, of which every tenth is logged out and every fifteenth rests, and of
// some hundred groups more.
func (o *office) crowd() {
	o.t.Helper()
	now := time.Now().UTC()
	var all []store.Announcement
	for i := range 500 {
		all = append(all, store.Announcement{
			Name: fmt.Sprintf("school-%03d", i), Provider: [...]string{"zapi", "greenapi"}[i%2], Pools: []string{fmt.Sprintf("region-%d", i%12)}, SeenAt: now,
			Create: pacing.Pace{Every: 5 * time.Minute, PerDay: 20}, Invite: pacing.Pace{Every: 45 * time.Second, PerDay: 20}, RollLook: time.Minute,
		})
	}
	o.must(o.store.Presence.Announce(o.ctx, all))
	for i := range all {
		state := provider.State{Health: provider.Ready}
		switch {
		case i%10 == 0:
			state = provider.State{Health: provider.Disconnected}
		case i%15 == 1:
			state = provider.State{Health: provider.Restricted, Reason: say.Words("WhatsApp has suspended the number for a time."), Until: now.Add(time.Hour)}
		}
		_, err := o.store.Presence.SetHealth(o.ctx, all[i].Name, state, now.Add(-time.Duration(i)*time.Minute))
		o.must(err)
	}
	enter, err := enqueue.New(o.ctx, o.rdb, enqueue.Options{}) // one that knows the pools
	o.must(err)
	rows := func(yield func(enqueue.Row, error) bool) {
		for i := range 600 {
			if !yield(enqueue.Row{N: i + 1, Request: tasks.GroupRequest{
				GroupName: fmt.Sprintf("Comunicação da escola %03d – Química", i), Phones: []tasks.Phone{"5544991230001"}, Pool: fmt.Sprintf("region-%d", i%12),
			}}, nil) {
				return
			}
		}
	}
	_, err = enter.CreateBatch(o.ctx, "escolas-2026.csv", enqueue.Rules{}, rows, func(enqueue.Result) error { return nil })
	o.must(err)
}

func TestPage_WithFiveHundredNumbersIsShortAndClean(t *testing.T) {
	t.Parallel()
	b := browser(t)
	o := newOffice(t)
	o.crowd()
	for _, look := range []struct {
		width         int64
		scheme        string
		overview, all float64 // pixels, at most
	}{{1280, "light", 2200, 3500}, {360, "dark", 3600, 8800}} {
		t.Run(fmt.Sprintf("%d %s", look.width, look.scheme), func(t *testing.T) {
			t.Parallel()
			p := open(b, t, o.base, look.width, look.scheme)
			for path, most := range map[string]float64{"/": look.overview, "/instances": look.all, "/groups": look.all, "/problems": look.all} {
				p.goTo(path)
				p.until(path+" is there", `document.querySelector("footer") !== null`)
				if high := eval[float64](p, `document.documentElement.scrollHeight`); high > most {
					t.Errorf("%s is %v pixels high, want at most %v", path, high, most)
				}
				p.clean(path)
			}
		})
	}
}
