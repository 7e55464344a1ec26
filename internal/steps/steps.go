package steps

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// queue is what the steps need of asynq: every task at most once, by its id.
type queue interface {
	Put(ctx context.Context, ts ...tasks.Task) error
}

// keeper is told what a call taught about an instance's state.
type keeper interface {
	Report(ctx context.Context, instance string, s provider.State)
	Error(ctx context.Context, instance string, what say.Phrase)
	// Number is what stands for the number behind an instance, as far as is known; Learn records it.
	Number(instance string) string
	Learn(ctx context.Context, instance string, self phone.Identity) error
}

// observer is told what happened, for metrics.
type observer interface {
	Step(t tasks.Type, outcome string, took time.Duration)
	// Waited tells how long a group waited for its first create call.
	Waited(p tasks.Priority, took time.Duration)
	// Setup tells how a step of a group's set-up ended.
	Setup(step, status string)
}

// photos fetches the pictures of groups as square JPEGs.
type photos interface {
	Fetch(ctx context.Context, address string) ([]byte, error)
}

// Instance is one connected number, as the steps use it.
type Instance struct {
	Name     string
	Provider provider.Provider
	Via      provider.Via
	// Budgets are how long a call can take at most, all layers' short retries included. An intent
	// is believed to be under way for that long.
	CreateBudget, InviteBudget time.Duration
	// Invite is the pace of its invitations.
	Invite pacing.Pace

	*memory
}

// Instances are the numbers of a configuration. A delivery connects those that it needs: most of thousands have
// nothing to do most of the time.
type Instances struct {
	Names []string
	// Serves says whether an instance takes the groups of a pool.
	Serves func(name, pool string) bool
	// Connect makes what a delivery uses of an instance; nil for one that is not known here.
	Connect func(name string) *Instance
}

// instances are Instances with what the steps remember of those that had something to do.
type instances struct {
	Instances

	memories sync.Map // by name: a *memory
}

// memory is what the steps remember of an instance between deliveries.
type memory struct {
	own        atomic.Pointer[own]
	reading    atomic.Int32 // how many of its reading tasks this worker does
	checksOver atomic.Pointer[checksOver]
}

// find is an instance by its name; nil for one that is not known here.
func (is *instances) find(name string) *Instance {
	found := is.Connect(name)
	if found == nil {
		return nil
	}
	one := *found
	known, ok := is.memories.Load(name)
	if !ok {
		known, _ = is.memories.LoadOrStore(one.Name, new(memory))
	}
	one.memory = known.(*memory)
	return &one
}

// Policy is how patient the steps are; the fields are the configuration's.
type Policy struct {
	group.Schedule
	Review    bool // ask a person when no look finds the group, instead of creating it again
	Retry     Retry
	Rest      pacing.Rest
	Message   string         // the invitation, a template that the configuration has checked
	Quiet     *pacing.Quiet  // nil: invitations at any hour
	QuietZone *time.Location // nil: the recipient's
	Zone      *time.Location // the installation's, for recipients whose number tells none
	Pools     map[string]group.Pool
}

// Retry says how what surely did not happen is tried again.
type Retry struct {
	Initial     time.Duration
	Multiplier  float64
	Jitter      float64
	Max         time.Duration
	GiveUpAfter time.Duration
}

// Config is what the steps are made of. Everything is required but Observer.
type Config struct {
	Worker   string // this process, as in store.Worker
	Store    *store.Store
	Pacer    *pacing.Pacer
	Queue    queue
	Keeper   keeper
	Photos   photos
	Observer observer // Defaults to none
	Policy   Policy
	Log      zerolog.Logger
}

// Steps does what tasks ask for. It is safe for concurrent use.
type Steps struct {
	Config
	instances atomic.Pointer[instances]
}

// New makes the steps. It starts nothing.
func New(c Config) *Steps {
	s := &Steps{Config: c}
	s.SetInstances(Instances{Connect: func(string) *Instance { return nil }})
	return s
}

// SetInstances replaces the instances, also while steps run: those finish with what they have.
func (s *Steps) SetInstances(all Instances) { s.instances.Store(&instances{Instances: all}) }

// readingsAtOnce is how many reading tasks of one instance a worker does at the same time: one whose
// provider hangs must not keep the places of all others.
const readingsAtOnce = 16

// Do handles one delivery of a task. The slot is the paced right to make the call, on the instance that it
// names; a task that has none, or needs none, is its group's instance's. A slot that Do leaves open was not
// used. Do returns nil when the task is done, *Turn when it needs a slot, *Later when it must come again,
// and any other error when the infrastructure failed.
func (s *Steps) Do(ctx context.Context, t tasks.Task, slot *pacing.Slot) error {
	begun := time.Now()
	err := s.step(ctx, t, slot)
	if errors.Is(err, store.ErrUnreadable) { // a newer worker, or a person, sees to it
		err = &Later{After: askAgain, Why: say.OfError(err)}
	}
	if s.Observer != nil {
		s.Observer.Step(t.Type, Verdict(err), time.Since(begun))
	}
	return err
}

func (s *Steps) step(ctx context.Context, t tasks.Task, slot *pacing.Slot) error {
	id := tasks.GroupOf(t.ID)
	g, at, err := s.Store.Records.LoadNow(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		s.Log.Warn().EmbedObject(event.TaskWithoutRecord).Str("group", id).Str("task", string(t.Type)).Msg("task without record dropped")
		return nil
	}
	if err != nil {
		return err
	}
	d := &delivery{Steps: s, task: t, g: g, at: at, round: g.Round, person: t.Payload.Person, slot: slot}
	defer d.settling.Wait()
	if slot == nil {
		if turn := d.turn(); turn != nil {
			return turn
		}
	}
	leave, err := d.enter()
	if err != nil {
		return err
	}
	defer leave()
	switch t.Type {
	case tasks.TypeCreate:
		return d.create(ctx)
	case tasks.TypeVerify:
		return d.verify(ctx)
	case tasks.TypeRollCall:
		return d.rollCall(ctx)
	case tasks.TypeAdd:
		return d.add(ctx)
	case tasks.TypeInvite:
		return d.invite(ctx)
	case tasks.TypeJoins:
		return d.joins(ctx)
	case tasks.TypeSetup:
		return d.setup(ctx)
	case tasks.TypeWelcome:
		return d.welcome(ctx)
	default:
		return fmt.Errorf("no step is called %q", t.Type)
	}
}

// turn is what a task waits for that came without a slot and needs one; nil for one that does not.
func (d *delivery) turn() error {
	called := func() bool { return d.member().Invite != nil }
	switch d.task.Type {
	case tasks.TypeCreate:
		t := tasks.Create(d.g.ID, d.g.Round, d.g.Target, d.g.Priority)
		if d.g.Status == group.Queued && tasks.SameWork(d.task.ID, t.ID) {
			return &Turn{Line: t.Line, At: d.g.NotBefore}
		}
	case tasks.TypeAdd:
		if d.g.Adding(d.person) && !called() {
			return &Turn{Line: tasks.InviteLine(d.g.Instance)}
		}
	case tasks.TypeInvite:
		if d.g.ToInvite(d.person) && !called() {
			return &Turn{Line: tasks.InviteLine(d.g.Instance)}
		}
	case tasks.TypeWelcome:
		if d.g.ToGreet() && d.g.Step(group.StepWelcome).Intent == nil {
			return &Turn{Line: tasks.InviteLine(d.g.Instance)}
		}
	default:
	}
	return nil
}

// enter finds the instance of the delivery, and keeps a place of its readings until leave. What a create
// that was moved or is over still has to do needs no instance.
func (d *delivery) enter() (leave func(), err error) {
	name := d.g.Instance
	if d.slot != nil {
		name = d.slot.Instance()
	}
	leave = func() {}
	if name == "" {
		return leave, nil
	}
	in := d.instances.Load().find(name)
	if in == nil {
		return nil, &Later{After: 5 * time.Second, Why: say.Phrase{Code: say.SnoozeUnknown, Name: name}}
	}
	d.in = in
	if d.slot != nil {
		return leave, nil
	}
	leave = func() { in.reading.Add(-1) }
	if in.reading.Add(1) > readingsAtOnce {
		leave()
		return nil, &Later{After: time.Second, Why: say.Phrase{Code: say.SnoozeReading, Name: name}}
	}
	return leave, nil
}

// Verdict is what became of a delivery, in a word for metrics and traces: done, later or error.
func Verdict(err error) string {
	if err == nil {
		return "done"
	}
	if _, ok := errors.AsType[*Later](err); ok {
		return "later"
	}
	if _, ok := errors.AsType[*Turn](err); ok {
		return "later"
	}
	return "error"
}

// delay is the pause before try n+1 (n from 0): the configured one, lengthened by up to the jitter. The provider's
// own pause wins.
func (r Retry) delay(n int, retryAfter time.Duration) time.Duration {
	if retryAfter > 0 {
		return retryAfter
	}
	// A fresh policy each time: one that is shared is not safe for several goroutines. Its own
	// randomization would shorten pauses too, and its MaxElapsedTime would end what must not end.
	b := backoff.NewExponentialBackOff(backoff.WithInitialInterval(r.Initial), backoff.WithMultiplier(r.Multiplier),
		backoff.WithRandomizationFactor(0), backoff.WithMaxInterval(r.Max), backoff.WithMaxElapsedTime(0))
	d := b.NextBackOff()
	for range min(n, 64) {
		d = b.NextBackOff()
	}
	return d + time.Duration(rand.Float64()*r.Jitter*float64(d))
}
