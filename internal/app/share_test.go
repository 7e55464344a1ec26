package app_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// office is some workers that divide their instances.
type office struct {
	*rig
	instances int
	asked     []string // ids of groups
}

func newOffice(t *testing.T, instances, lanesMax int) *office {
	t.Helper()
	o := &office{rig: newRig(t), instances: instances}
	o.configure(instances)
	o.config.LanesMax = lanesMax
	return o
}

// divided waits until so many workers live that take something, and all instances but those without
// room are at one of them, at most so many at each. Chance can leave a worker nothing.
func (o *office) divided(workers, most, without int) {
	o.t.Helper()
	o.until(fmt.Sprintf("%d workers run at most %d instances each and %d are left", workers, most, without), func() bool {
		all, err := o.store.Presence.Workers(o.t.Context())
		if err != nil {
			o.t.Fatal(err)
		}
		homes, living := o.homes(), 0
		sum := homes[""]
		for _, w := range all {
			if w.Share.Leaving {
				continue
			}
			living++
			if sum += homes[w.ID]; homes[w.ID] > most {
				return false
			}
		}
		return living == workers && homes[""] == without && sum == o.instances
	})
}

// ask asks for a group of each instance.
func (o *office) ask() {
	o.t.Helper()
	for _, i := range o.config.Instances {
		out, err := o.door.Create(o.t.Context(), tasks.GroupRequest{
			GroupName: fmt.Sprintf("Turma %d", len(o.asked)), Instance: i.Name, Phones: []tasks.Phone{"+5544999999991"},
		}, enqueue.Rules{})
		if err != nil {
			o.t.Fatal(err)
		}
		o.asked = append(o.asked, out.ID)
	}
}

// open is how many of the groups asked for have not ended.
func (o *office) open() (open int) {
	o.t.Helper()
	for _, id := range o.asked {
		g := o.load(id)
		if g.Status == group.Failed || len(g.Attempts) > 1 {
			o.t.Fatalf("%s is %s after %d calls", id, g.Status, len(g.Attempts))
		}
		if !g.Status.Ended() {
			open++
		}
	}
	return open
}

func TestWorkersWithALimitDivideTheirInstancesAndTakeOverWhenOneEnds(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 6, 8) // four instances each
	first := o.hire()
	o.divided(1, 4, 2)
	second := o.hire()
	o.hire()
	o.divided(3, 4, 0)
	o.ask()
	if err := second.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.divided(2, 4, 0)
	o.ask()
	o.until("all groups have ended", func() bool { return o.open() == 0 })
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.divided(1, 4, 2)
}

func TestAWorkerThatShowsNoSignOfLifeLosesItsInstances(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 4, 6) // three each, so that both have some
	o.hire()
	line := testutil.NewProxy(t, strings.TrimSuffix(strings.TrimPrefix(o.server.URL(), "redis://"), "/0"))
	o.hire(func(a *app.Options) { a.Redis = testutil.Connect(t, "redis://"+line.Addr) })
	o.divided(2, 3, 0)
	line.Break(testutil.BlackHole, 0)
	o.ask()
	// Its sign of life has a life of 12 s, which are over.
	keys, err := o.server.Client().Keys(t.Context(), "rollcall:worker:*").Result()
	if err != nil || len(keys) != 2 {
		t.Fatal(keys, err)
	}
	if err := o.server.Client().Del(t.Context(), keys...).Err(); err != nil { // the living one's comes back
		t.Fatal(err)
	}
	o.divided(1, 3, 1)
	// The one without room may be one of those it ran before, whose group has ended already.
	o.until("the groups of those it runs have ended", func() bool { return o.open() <= 1 })
	line.Heal()
}

func TestInstancesWithoutRoomAreToldAndAnotherLimitMendsIt(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 4, 4) // two of four
	w := o.hire()
	o.divided(1, 2, 2)
	o.ask()
	o.until("half of the groups have ended", func() bool { return o.open() == 2 })
	told := 0
	instances, err := o.status.Instances(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for n, i := range instances {
		if !i.NoRoom() {
			continue
		}
		told++
		if i.Reason != "no worker has room for it" || !i.NeedsAPerson() || i.NextCreateAt != nil {
			t.Errorf("the document of %s says %+v", i.Name, i)
		}
		g, err := o.status.Group(t.Context(), o.asked[n])
		if err != nil {
			t.Fatal(err)
		}
		if want := "room in a worker: no worker has room for the instance " + i.Name; g.WaitingFor != want {
			t.Errorf("its group waits for %q, want %q", g.WaitingFor, want)
		}
		e, err := o.status.ExplainInstance(t.Context(), i.Name)
		if err != nil {
			t.Fatal(err)
		}
		if e.Answer != "no worker has room for "+i.Name || len(e.Do) == 0 || !strings.Contains(e.Do[0].Text, "lanes_max") {
			t.Errorf("its explanation is %+v", e)
		}
	}
	gauges, err := o.status.Gauges(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if told != 2 || gauges.WithoutRoom != 2 {
		t.Errorf("%d documents and %d in the metrics say so, want 2", told, gauges.WithoutRoom)
	}
	wider := *o.config
	wider.LanesMax = 8
	if err := w.Reload(t.Context(), &wider); err != nil {
		t.Fatal(err)
	}
	o.divided(1, 4, 0)
	o.until("all groups have ended", func() bool { return o.open() == 0 })
}

// Workers that do not divide with each other run the same instances, as do workers that do while
// they know different ones to be alive.
func TestWorkersThatDisagreeHarmNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 3, 6)
	o.hire()
	all := *o.config
	all.LanesMax = 0
	some := *o.config
	some.Instances = some.Instances[:2]
	for _, cfg := range []config.Config{all, some} {
		o.config = &cfg
		o.hire()
	}
	o.config = &all
	for range 5 {
		o.ask()
	}
	o.until("all groups have ended", func() bool { return o.open() == 0 })
}

func TestTheSignOfALeavingWorkerHoldsUntilItsCallsHaveEnded(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 2, 4)
	entered, leave := make(chan struct{}, 1), make(chan struct{})
	slow := httptest.NewServer(hanging(entered, leave))
	t.Cleanup(slow.Close)
	o.callAt(slow.URL)
	w := o.hire()
	o.ask()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- w.Stop(context.Background()) }()
	leaving := func() bool {
		workers, err := o.store.Presence.Workers(t.Context())
		if err != nil || len(workers) != 1 {
			t.Fatal(workers, err)
		}
		return workers[0].Share.Leaving
	}
	o.until("it says that it leaves", leaving)
	o.hire() // takes both, and must not take the first's calls for a dead one's
	o.until("the other has both", func() bool { return len(o.homes()) == 1 })
	workers, err := o.store.Presence.Workers(t.Context())
	if err != nil || len(workers) != 2 {
		t.Fatalf("the leaving one shows no life any more: %v %v", workers, err)
	}
	close(leave)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	o.until("all groups have ended", func() bool { return o.open() == 0 })
	if workers, err = o.store.Presence.Workers(t.Context()); err != nil || len(workers) != 1 {
		t.Errorf("it shows life after its end: %v %v", workers, err)
	}
}

// hanging is a provider that says of a create that it came, and answers when it may.
func hanging(entered chan<- struct{}, leave <-chan struct{}) http.HandlerFunc {
	var made atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasSuffix(r.URL.Path, "/create-group"):
			select {
			case entered <- struct{}{}:
			default:
			}
			<-leave
			_, _ = fmt.Fprintf(w, `{"phone":"120363%012d-group","invitationLink":"https://chat.whatsapp.com/A"}`, made.Add(1))
		case strings.Contains(r.URL.Path, "/light-group-metadata/"):
			_, _ = io.WriteString(w, `{"phone":"120363000000000001-group","subject":"g","participants":[{"phone":"5544999999991"}]}`)
		case strings.HasSuffix(r.URL.Path, "/phone-exists-batch"):
			_, _ = io.WriteString(w, `[{"exists":true,"inputPhone":"5544999999991","outputPhone":"5544999999991"}]`)
		case strings.HasSuffix(r.URL.Path, "/device"):
			_, _ = io.WriteString(w, `{"phone":"5511900000000"}`)
		default:
			_, _ = io.WriteString(w, `{"connected":true,"error":"You are already connected.","smartphoneConnected":true}`)
		}
	}
}
