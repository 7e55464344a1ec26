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

// keeper receives what a call shows of an instance's state.
type keeper interface {
	// Open reports whether an instance may make calls that change something, as far as this worker knows.
	Open(instance string) bool
	Report(ctx context.Context, instance string, s provider.State)
	Error(ctx context.Context, instance string, what say.Phrase)
	// Number returns what stands for the number of an instance, if it is known. Learn asks for it and records it.
	Number(instance string) string
	Learn(ctx context.Context, instance string, ask func(ctx context.Context) (phone.Identity, error)) (phone.Identity, error)
}

// observer counts what happens, for metrics.
type observer interface {
	Step(t tasks.Type, outcome string, took time.Duration)
	// Waited records how long a group waited for its first create call.
	Waited(p tasks.Priority, took time.Duration)
	// Setup records how a step of a group's set-up ended.
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
	// The budgets are the longest that a call can take, including the short retries of all layers. For that long
	// after its intent a call may be under way.
	CreateBudget, InviteBudget time.Duration
	// Invite is the pace of its invitations.
	Invite pacing.Pace

	*memory
}

// Instances are the instances of a configuration. A delivery connects only those that it needs: there may be thousands,
// and most of them are idle.
type Instances struct {
	Names []string
	// Serves reports whether an instance takes the groups of a pool.
	Serves func(name, pool string) bool
	// Connect returns an instance ready for use, or nil if the configuration lacks it.
	Connect func(name string) *Instance
}

// instances are Instances, with the memory of those that were used.
type instances struct {
	Instances

	memories sync.Map // by name: a *memory
}

// memory is what the steps remember of an instance between deliveries.
type memory struct {
	own        atomic.Pointer[own]
	reading    atomic.Int32 // reading tasks under way on this worker
	checksOver atomic.Pointer[checksOver]
	looks      looks
}

// find returns an instance by its name, or nil if the configuration lacks it.
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

// Policy is the configuration of the steps: pauses, limits and texts.
type Policy struct {
	group.Schedule
	Review    bool // if no look finds the group, put it to review instead of creating it again
	Retry     Retry
	Rest      pacing.Rest
	Message   string         // the invitation, a template that the configuration has checked
	Quiet     *pacing.Quiet  // nil: invitations at any hour
	QuietZone *time.Location // nil: the recipient's
	Zone      *time.Location // the installation's, for recipients whose number has no known zone
	Pools     map[string]group.Pool
}

// Retry is the backoff for what was not sent.
type Retry struct {
	Initial     time.Duration
	Multiplier  float64
	Jitter      float64
	Max         time.Duration
	GiveUpAfter time.Duration
}

// Config is what New needs. Only Observer is optional.
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

// Steps carries out tasks. It is safe for concurrent use.
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

// SetInstances replaces the instances. Steps that are running finish with the old ones.
func (s *Steps) SetInstances(all Instances) { s.instances.Store(&instances{Instances: all}) }

// readingsAtOnce is how many reading tasks of one instance a worker runs at the same time, so that an instance whose
// provider hangs does not take the places of all others.
const readingsAtOnce = 16

// Do handles one delivery of a task. The slot is the right to make the call, on the slot's instance; without a slot the
// task runs on its group's instance. After nil, *Turn or *Later a slot that Do leaves open was not used. Do returns
// nil when the task is done, *Turn when it needs a slot, *Later when it must run again, and any other error when the
// infrastructure failed.
func (s *Steps) Do(ctx context.Context, t tasks.Task, slot *pacing.Slot) error {
	begun := time.Now()
	err := s.step(ctx, t, slot)
	if errors.Is(err, store.ErrUnreadable) { // a newer worker or a person must handle it
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
	if slot == nil || t.Type != tasks.TypeCreate && slot.Instance() != g.Instance { // a group of another instance was adopted
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

// turn returns the Turn of a task that came without a slot of its instance and needs one, or nil.
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

// enter finds the instance of the delivery. A delivery without a slot also takes one of the instance's places for
// readings, which leave returns. A create that was moved or is over needs no instance.
func (d *delivery) enter() (leave func(), err error) {
	name := d.g.Instance
	if d.slot != nil && d.task.Type == tasks.TypeCreate {
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

// Verdict returns a delivery's result for metrics and traces: done, later or error.
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

// delay returns the pause before try n+1 (n from 0): the configured one, lengthened by up to the jitter. A pause that
// the provider asks for takes precedence.
func (r Retry) delay(n int, retryAfter time.Duration) time.Duration {
	if retryAfter > 0 {
		return retryAfter
	}
	// A new backoff for each call, because one is not safe for concurrent use. RandomizationFactor would shorten pauses
	// too, and MaxElapsedTime would end the retries.
	b := backoff.NewExponentialBackOff(backoff.WithInitialInterval(r.Initial), backoff.WithMultiplier(r.Multiplier),
		backoff.WithRandomizationFactor(0), backoff.WithMaxInterval(r.Max), backoff.WithMaxElapsedTime(0))
	d := b.NextBackOff()
	for range min(n, 64) {
		d = b.NextBackOff()
	}
	return d + time.Duration(rand.Float64()*r.Jitter*float64(d))
}
