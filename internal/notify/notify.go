package notify

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/outbound"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// queue is the part of asynq that the package needs. It queues each task at most once, by its id.
type queue interface {
	Put(ctx context.Context, ts ...tasks.Task) error
	PutMissing(ctx context.Context, ts ...tasks.Task) ([]tasks.Task, error)
	Hasten(ctx context.Context, t tasks.Task) (replaced bool, err error)
}

// observer counts the result of each delivery, for metrics.
type observer interface {
	Step(t tasks.Type, outcome string, took time.Duration)
}

// Config is what New needs.
type Config struct {
	Store     *store.Store // Required.
	Queue     queue        // Required.
	Documents documents    // Required.
	Worker    string       // this process, as in store.Worker. Required.
	Settings  Settings
	Observer  observer         // Defaults to none.
	Now       func() time.Time // Defaults to time.Now.
	Random    func() float64   // in [0, 1), for the jitter. Defaults to math/rand.
	Log       zerolog.Logger
}

// Settings are what a new configuration can change at run time.
type Settings struct {
	Endpoints []Endpoint
	Timeout   time.Duration // of one try. Defaults to 15s.
	// Retries are the pauses before each further try. Nil means none.
	Retries []time.Duration
}

// plan is Settings, ready for use.
type plan struct {
	settings  Settings
	receivers receivers
	timeout   time.Duration
	retries   []time.Duration
}

// Webhooks sends events to receivers: Start runs the dispatcher, Do carries out deliveries.
type Webhooks struct {
	Config
	plan   atomic.Pointer[plan]
	client *outbound.Clients
	stop   context.CancelFunc
	done   chan struct{}

	tidied     time.Time // only the dispatcher uses it
	tidiedPlan *plan
}

// New checks the configuration and returns Webhooks. It starts nothing and writes nothing.
func New(c Config) (*Webhooks, error) {
	if c.Store == nil || c.Queue == nil || c.Documents == nil || c.Worker == "" {
		return nil, errors.New("webhooks: Store, Queue, Documents and Worker are required")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	w := &Webhooks{Config: c, client: outbound.New()}
	return w, w.Set(c.Settings)
}

// Reload is Set at run time. If the settings name no receiver, events that happen until they name one are never sent.
// On an error the old receivers stay.
func (w *Webhooks) Reload(ctx context.Context, s Settings) (err error) {
	before := w.plan.Load()
	if err := w.Set(s); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			w.plan.Store(before)
		}
	}()
	if len(s.Endpoints) == 0 {
		if err := w.Store.Presence.Resign(ctx, job, w.Worker); err != nil {
			return err
		}
	}
	return w.prepare(ctx)
}

// Set changes the receivers, the timeout and the retries. Deliveries under way finish with the old ones.
func (w *Webhooks) Set(s Settings) error {
	p, err := w.planFor(s)
	if err == nil {
		w.plan.Store(p)
	}
	return err
}

// Rekey gives the receivers other ids if the installation has another secret, because a person started it over. Under
// the former ids, no other worker would make the deliveries.
func (w *Webhooks) Rekey() error {
	p := w.plan.Load()
	for id, r := range p.receivers {
		if w.Store.Outbox.ReceiverID(r.url) == id {
			continue
		}
		again, err := w.planFor(p.settings)
		if err == nil {
			w.plan.CompareAndSwap(p, again) // a reload in between has the new ids
		}
		return err
	}
	return nil
}

func (w *Webhooks) planFor(s Settings) (*plan, error) {
	p := &plan{settings: s, receivers: make(receivers, len(s.Endpoints)), timeout: s.Timeout, retries: slices.Clone(s.Retries)}
	if p.timeout == 0 {
		p.timeout = 15 * time.Second
	}
	for _, e := range s.Endpoints {
		r, err := newReceiver(w.Store, e)
		if err != nil {
			return nil, err
		}
		if p.receivers[r.id] != nil {
			return nil, errors.New("webhooks: two of them have the same address (" + r.host + "); write their events into one")
		}
		p.receivers[r.id] = r
	}
	return p, nil
}
