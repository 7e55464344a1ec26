package notify

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	queues "github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// TestDispatcher_ADeliveryWhoseTaskAsynqHasLostIsQueuedAgain loses the task of a delivery in each way that asynq allows,
// before the first try or between two.
func TestDispatcher_ADeliveryWhoseTaskAsynqHasLostIsQueuedAgain(t *testing.T) {
	t.Parallel()
	const key = "asynq:{read}:"
	for name, lose := range map[string]func(rdb redis.UniversalClient, id string) error{
		"deleted": func(rdb redis.UniversalClient, id string) error {
			return rdb.Del(t.Context(), key+"pending", key+"t:"+id).Err()
		},
		"lost from its list": func(rdb redis.UniversalClient, _ string) error { return rdb.Del(t.Context(), key+"pending").Err() },
		"taken after its key was evicted": func(rdb redis.UniversalClient, id string) error { // as asynq leaves it
			p := rdb.Pipeline()
			p.Del(t.Context(), key+"pending", key+"t:"+id)
			p.HSet(t.Context(), key+"t:"+id, "state", "active")
			p.LPush(t.Context(), key+"active", id)
			p.ZAdd(t.Context(), key+"lease", redis.Z{Member: id, Score: float64(time.Now().Add(-time.Hour).Unix())})
			_, err := p.Exec(t.Context())
			return err
		},
	} {
		for _, tried := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				rdb := testutil.Redis(t)
				in := listen(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
				r := newRig(t, rdb, to(in.URL, "group.created"))
				r.Queue = queues.New(rdb, r.Store.Lines)
				move(t, r.Store, accept(t, r.Store, nil, ana), created("1-group"))
				r.pass()
				n := r.notices()[0]
				var task tasks.Task
				for id := range n.Deliveries {
					task = tasks.Deliver(n.ID, id, 0)
				}
				if tried {
					if _, later := errors.AsType[*steps.Later](r.Do(t.Context(), task)); !later {
						t.Fatal("the failed try is not repeated")
					}
				}
				if err := lose(rdb, task.ID); err != nil {
					t.Fatal(err)
				}
				r.clock.forward(20 * time.Minute)
				for range 2 {
					r.tidied = time.Time{}
					r.pass()
				}
				tools := asynq.NewInspectorFromRedisClient(rdb)
				waiting, err := tools.ListPendingTasks(task.Queue())
				if err != nil || len(waiting) != 1 || !tasks.SameWork(waiting[0].ID, task.ID) {
					t.Errorf("the tasks %+v are pending, %v; want the delivery's alone", waiting, err)
				}
			})
		}
	}
}

func TestDispatcher_ADeliveryThatWaitsOrHasEndedIsNotLost(t *testing.T) {
	t.Parallel()
	answers := []int{http.StatusInternalServerError, http.StatusNoContent}
	in := listen(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(answers[0])
		answers = answers[1:]
	})
	r := newRig(t, testutil.Redis(t), to(in.URL, "group.created"))
	if err := r.Set(Settings{Endpoints: []Endpoint{to(in.URL, "group.created")}, Retries: []time.Duration{24 * time.Hour}}); err != nil {
		t.Fatal(err)
	}
	move(t, r.Store, accept(t, r.Store, nil, ana), created("1-group"))
	r.pass()
	task := r.queue.take()[0]
	for _, after := range []time.Duration{23 * time.Hour, time.Hour} {
		_ = r.Do(t.Context(), task)
		r.clock.forward(after)
		r.tidied = time.Time{}
		r.pass()
		if left := r.queue.take(); len(left) > 0 {
			t.Errorf("%s after a try the tasks %+v are queued again, want none", after, left)
		}
	}
	_ = r.Do(t.Context(), task)
	if n, err := r.rdb.ZCard(t.Context(), "rollcall:{hooks}:expected").Result(); err != nil || n != 0 || len(answers) > 0 {
		t.Errorf("after the delivery %d tasks are expected, %v, and %d tries are left; want none", n, err, len(answers))
	}
}

func TestDispatcher_AReplayWhileItsEventIsQueuedIsNotLost(t *testing.T) {
	t.Parallel()
	in := listen(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	r := newRig(t, testutil.Redis(t), to(in.URL, "group.created"))
	move(t, r.Store, accept(t, r.Store, nil, ana), created("1-group"))
	r.queue.fail = func() error {
		r.queue.fail = nil
		_, err := (Desk{r.Store}).Replay(t.Context(), Selection{IDs: []string{r.notices()[0].ID}})
		return err
	}
	r.pass()
	r.queue.take()
	r.clock.forward(20 * time.Minute)
	r.tidied = time.Time{}
	r.pass()
	left := r.queue.take()
	if len(left) != 1 || left[0].Payload.Run != 1 {
		t.Errorf("the queue holds %+v, want the replayed delivery", left)
	}
}
