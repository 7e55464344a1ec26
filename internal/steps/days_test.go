package steps_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// day is a rig with two instances of a pool, on which everything happens in an order that a seed draws: calls fail or
// lose their answers, workers die, groups are made by hand, and people decide about requests, also while a call is
// under way.
type day struct {
	*rig

	rng     *rand.Rand
	control *operate.Control
	serving []*steps.Instance
	ids     []string
	byHand  map[string]int // groups that were made by hand, by name
	adopted int            // how often a person has adopted another group for a request
	silent  map[string]int // messages that a person had got when the person was suppressed
	redis   *lossy
	log     []string
}

// desk is the queue as operate needs it.
type desk struct{ *agenda }

func (desk) Wake(context.Context, ...string) error          { return nil }
func (desk) Unpause(context.Context) ([]string, error)      { return nil, nil }
func (d desk) Remove(_ context.Context, t tasks.Task) error { d.done(t, time.Time{}); return nil }

// lossy loses the answers to some scripts, whether Redis has run them or not.
type lossy struct {
	within *atomic.Bool // only then are answers lost

	mu  sync.Mutex
	rng *rand.Rand
}

func (*lossy) DialHook(next redis.DialHook) redis.DialHook { return next }

func (*lossy) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (l *lossy) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() != "evalsha" || !l.within.Load() {
			return next(ctx, cmd)
		}
		l.mu.Lock()
		n := l.rng.IntN(100)
		l.mu.Unlock()
		if n > 0 {
			if err := next(ctx, cmd); err != nil || n > 1 {
				return err
			}
		}
		err := errors.New("read tcp: i/o timeout")
		cmd.SetErr(err)
		return err
	}
}

// mortal is a provider whose calls sometimes kill the worker, before the request has left or before the answer comes.
type mortal struct {
	provider.Provider

	*day
}

func (m mortal) over(call func() error) error {
	switch m.rng.IntN(30) {
	case 0:
		panic(died{})
	case 1:
		_ = call()
		panic(died{})
	}
	return call()
}

func (m mortal) CreateGroup(ctx context.Context, r provider.CreateRequest) (created provider.Created, err error) {
	err = m.over(func() (err error) { created, err = m.Provider.CreateGroup(ctx, r); return err })
	return created, err
}

func (m mortal) AddMember(ctx context.Context, groupID, address string) error {
	return m.over(func() error { return m.Provider.AddMember(ctx, groupID, address) })
}

func (m mortal) Invite(ctx context.Context, i provider.Invitation) (sent provider.Sent, err error) {
	err = m.over(func() (err error) { sent, err = m.Provider.Invite(ctx, i); return err })
	return sent, err
}

func (d *day) say(what string) { d.log = append(d.log, d.clock.Now().Format("15:04:05 ")+what) }

func pick[T any](d *day, from ...T) T { return from[d.rng.IntN(len(from))] }

// happens does one unplanned thing.
func (d *day) happens() {
	id := pick(d, d.ids...)
	pick(d,
		func() { d.fails(pick(d, "create", "create", "members", "list", "send", "add")) },
		func() { d.fails("create") },
		func() { d.decides(id) },
		func() { d.decides(id) },
		func() { d.makes(d.load(id)) },
		func() { d.extends(id) },
		func() { d.asks() },
		func() { d.suppresses(pick(d, ana, bia, caz)) },
		func() { d.connects(pick(d, d.serving...).Name, "disconnected") },
		func() { d.connectsAll() },
		func() { d.connectsAll() },
		func() { d.freezes() },
		func() { d.interrupts(func() { d.decides(id) }) },
		func() { d.clock.forward(d.clock.Now().Add(time.Duration(d.rng.IntN(600)) * time.Second)) },
	)()
}

// asks accepts one more request, up to eight.
func (d *day) asks() {
	if n := len(d.ids) + 1; n <= 8 {
		d.ids = append(d.ids, d.askFor(tasks.Setup{WelcomeMessage: "Welcome"}, "", tasks.Target{Pool: d.pool}, fmt.Sprint("Turma ", n), ana, bia))
	}
}

// interrupts does something during one of the next requests to the provider.
func (d *day) interrupts(do func()) {
	var left atomic.Int32 // requests may come at the same time
	left.Store(1 + d.rng.Int32N(4))
	d.asked.mu.Lock()
	defer d.asked.mu.Unlock()
	d.asked.during = func(string) {
		if left.Add(-1) == 0 {
			defer d.elsewhere()()
			do()
		}
	}
}

// elsewhere interrupts a step until the function that it returns is called.
func (d *day) elsewhere() func() {
	was := d.within.Swap(false)
	return func() { d.within.Store(was) }
}

// freezes freezes the worker at its next look at the number, for as long as another one works.
func (d *day) freezes() {
	d.keeper.asked = func() {
		d.keeper.asked = nil
		defer d.elsewhere()()
		d.say("frozen")
		frozen := d.steps
		c := frozen.Config
		c.Worker = "w2"
		d.steps = steps.New(c)
		set(d.steps, d.serving)
		for range 1 + d.rng.IntN(6) {
			d.clock.forward(d.clock.Now().Add(time.Duration(d.rng.IntN(20)) * time.Second))
			d.goesOn()
		}
		d.steps = frozen
		d.say("thawed")
	}
}

func (d *day) connectsAll() {
	for _, in := range d.serving {
		d.connects(in.Name, "connected")
	}
}

func (d *day) connects(name, state string) {
	d.say(name + " " + state)
	if err := d.sim.SetState(instanceOf(name).ID, simulator.State{State: state}); err != nil {
		d.t.Error(err)
	}
}

func (d *day) fails(method string) {
	fault := pick(d, "500", "500-not-created", "500-but-created", "502-but-created", "429", "429-retry-after", "reset-before", "reset-after",
		"torn-body", "empty-200", "empty-200-not-created", "200-error-body", "200-error-body-but-created", "no", "499")
	d.say("next " + method + " " + fault)
	if err := d.sim.Script(simulator.Script{Method: method, Fault: fault, Times: 1 + d.rng.IntN(3)}); err != nil {
		d.t.Error(err)
	}
}

func (d *day) messages(number string) (n int) {
	l := d.sim.Ledger()
	for _, g := range l.Groups {
		n += len(l.Invites(g.ID, number))
	}
	return n
}

func (d *day) suppresses(number string) {
	if _, known := d.silent[number]; known {
		return
	}
	d.say("suppressed " + number)
	if err := d.store.People.SuppressPeople(d.t.Context(), []phone.Identity{{Digits: number}}, "asked us"); err != nil {
		d.t.Error(err)
	}
	d.silent[number] = d.messages(number)
}

// makes makes a group of the request's name and people by hand.
func (d *day) makes(g *group.Group) {
	in := pick(d, d.serving...)
	before := len(d.sim.Ledger().GroupsNamed(g.Name))
	_, err := in.Provider.(mortal).Provider.CreateGroup(d.t.Context(), provider.CreateRequest{Name: g.Name, Addresses: []string{ana, bia}})
	d.byHand[g.Name] += len(d.sim.Ledger().GroupsNamed(g.Name)) - before
	d.say(fmt.Sprintf("by hand %s %s %v", g.Name, in.Name, err))
}

func (d *day) extends(id string) {
	late := []group.Member{{Number: phone.Number("+" + caz), Input: caz, Status: group.Pending}}
	_, err := d.control.Add(d.t.Context(), id, late, "late.csv", func(*group.Group) {})
	d.say(fmt.Sprintf("extended %s: %v", id, err))
}

// decides does what a person may do about a request. Who creates it again has looked on the phones.
func (d *day) decides(id string) {
	ctx, g := d.t.Context(), d.load(id)
	var err error
	what := "nothing about"
	switch g.Status {
	case group.Queued:
		switch d.rng.IntN(4) {
		case 0:
			what = "cancelled"
			_, err = d.control.Cancel(ctx, id)
		case 1:
			to := pick(d, tasks.Target{Instance: pick(d, d.serving...).Name}, tasks.Target{Pool: d.pool})
			what = "moved to " + to.String()
			_, err = d.control.Move(ctx, id, to)
		}
	case group.Failed, group.Cancelled:
		what = "retried"
		_, err = d.control.Retry(ctx, id)
	case group.Review:
		candidates := d.candidates(g)
		switch {
		case len(candidates) > 0:
			one := pick(d, candidates...)
			what = "adopted " + one + " for"
			if !group.SameWhatsApp(one, g.WhatsAppID) {
				d.adopted++
			}
			if _, err = d.control.Adopt(ctx, id, one); errors.Is(err, operate.ErrTaken) {
				_, err = d.control.Abandon(ctx, id)
			}
		case len(d.sim.Ledger().GroupsNamed(g.Name)) == 0 && d.rng.IntN(2) == 0:
			what = "created again"
			_, err = d.control.Recreate(ctx, id)
		default:
			what = "abandoned"
			_, err = d.control.Abandon(ctx, id)
		}
	default:
	}
	if err != nil {
		what += " (" + err.Error() + ")"
	}
	d.say(what + " " + g.Name)
}

func (d *day) candidates(g *group.Group) (all []string) {
	for _, c := range g.Error.Candidates {
		all = append(all, c.GroupID)
	}
	if g.WhatsAppID != "" {
		all = append(all, g.WhatsAppID)
	}
	for _, made := range d.sim.Ledger().GroupsNamed(g.Name) { // a person sees these on the instance's phone
		if g.Instance != "" && made.Owner == instanceOf(g.Instance).ID {
			all = append(all, made.ID)
		}
	}
	return all
}

// goesOn delivers the next task. The slots of the pool belong to both instances.
func (d *day) goesOn() bool {
	d.reached.Name = pick(d, d.serving...).Name
	next, _ := d.queue.next()
	some, err := d.try()
	if some {
		note := next.ID
		if err != nil {
			note += " ended with " + err.Error()
		}
		d.say(note)
	}
	return some
}

// settles lets everything end, as the sweeper and a person who decides do.
func (d *day) settles() {
	d.redis.within = new(atomic.Bool)
	d.connectsAll()
	for range 5000 {
		if d.goesOn() {
			continue
		}
		idle := true
		for _, id := range d.ids {
			if g := d.load(id); !g.Status.Ended() {
				idle = false
				if g.Status == group.Review {
					d.decides(id)
				} else if err := d.queue.Put(d.t.Context(), d.steps.Policy.Next(g)...); err != nil {
					d.t.Fatal(err)
				}
			}
		}
		if idle {
			return
		}
	}
	d.t.Error("after 5000 tasks there is still work")
}

func (d *day) judge() {
	l := d.sim.Ledger()
	for _, id := range d.ids {
		g := d.load(id)
		if made := len(l.GroupsNamed(g.Name)) - d.byHand[g.Name]; made > 1 {
			d.t.Errorf("the request for %s made %d groups", g.Name, made)
		}
		if !g.Status.Ended() {
			d.t.Errorf("%s is still %s", g.Name, g.Status)
		}
		for i := range g.Members {
			m := &g.Members[i]
			if g.Status == group.Done && (m.Status == group.Pending || m.Status == group.InviteQueued) {
				d.t.Errorf("%s is done, and %s is still %s", g.Name, m.Number, m.Status)
			}
			for _, made := range l.Groups {
				if n := len(l.Invites(made.ID, m.Number.Digits())); n > 1 {
					d.t.Errorf("%s was invited to %s %d times", m.Number, made.ID, n)
				}
			}
		}
	}
	posts := map[string]int{}
	for _, m := range d.posted() {
		if posts[m.GroupID]++; posts[m.GroupID] > 1 {
			d.t.Errorf("%s got %d welcomes", m.GroupID, posts[m.GroupID])
		}
	}
	for _, number := range []string{ana, bia, caz} {
		if n, most := d.messages(number), len(d.ids)+d.adopted; n > most {
			d.t.Errorf("%s was invited %d times, to %d requests, after %d adoptions", number, n, len(d.ids), d.adopted)
		}
	}
	for number, had := range d.silent {
		if n := d.messages(number); n > had {
			d.t.Errorf("%s was suppressed and got %d more messages", number, n-had)
		}
	}
}

// trying draws how much trouble the provider and the people make.
func trying(rng *rand.Rand) option {
	return func(p *steps.Policy, q *simulator.Quirks) {
		p.Review, p.Retry.GiveUpAfter = rng.IntN(3) == 0, time.Duration(5+rng.IntN(60))*time.Minute
		share := func(most float64) float64 { return most * rng.Float64() * float64(rng.IntN(2)) }
		upTo := func(most time.Duration) simulator.Duration {
			return simulator.Duration(rng.Int64N(int64(most))) * simulator.Duration(rng.IntN(2))
		}
		q.Blocked, q.NoAccount, q.ListedAsLID, q.LIDUntold, q.OldForm = share(0.6), share(0.2), share(0.5), share(0.3), share(1)
		q.Joins, q.JoinMin, q.JoinMax = rng.Float64(), simulator.Duration(30*time.Second), simulator.Duration(20*time.Minute)
		q.ChatsLag, q.ContactsLag, q.GroupsLag = upTo(time.Minute), upTo(5*time.Minute), upTo(time.Minute)
		q.EmptyNames, q.EmptyLists, q.LateMembers, q.MemberLag = share(0.3), share(0.1), share(0.3), upTo(20*time.Second)
		q.SendFailures, q.LateChanges, q.ChangeLag = share(0.1), share(0.3), upTo(time.Minute)
		names, left, echo, exists := []string{"", "nfc", "nfd", "plain"}, []string{"listed", "mixed", "absent"}, []string{"input", "output"}, []string{"array", "mixed"}
		q.Names, q.NotAdded = names[rng.IntN(len(names))], left[rng.IntN(len(left))]
		q.NotAddedEcho, q.PhoneExists = echo[rng.IntN(len(echo))], exists[rng.IntN(len(exists))]
	}
}

var (
	days     = flag.Uint64("days", 10, "how many days TestSteps_WhateverHappensOnADay draws")
	firstDay = flag.Uint64("day", 0, "the seed of the first of them")
)

// Run more days with -days, and one again with -days=1 -day=SEED. Its providers, people, faults and decisions are the
// same again; which of Redis' answers are lost may differ.
func TestSteps_WhateverHappensOnADayNothingIsMadeTwiceOrLost(t *testing.T) {
	t.Parallel()
	for n := range *days {
		seed := *firstDay + n
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			d := newDay(t, seed)
			defer d.tells()
			for range 120 {
				for d.rng.IntN(2) == 0 {
					d.happens()
				}
				d.goesOn()
			}
			d.settles()
			d.judge()
		})
	}
}

func newDay(t *testing.T, seed uint64) *day {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	of := slices.Clone(providers)
	rng.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
	d := &day{rig: start(t, of[0], trying(rng), joinLooks), rng: rng, byHand: map[string]int{}, silent: map[string]int{}}
	d.say(fmt.Sprintf("seed %d, with %s and %s", seed, of[0], of[1]))
	d.control = operate.New(operate.Config{Store: d.store, Queue: desk{d.queue}, Pacer: d.pacer, Schedule: d.steps.Policy.Schedule})
	first := &steps.Instance{Name: of[0], Provider: d.provider, Via: provider.ViaText, CreateBudget: time.Second, InviteBudget: time.Second}
	d.serving = []*steps.Instance{first, d.serves(of[1])}
	d.pool = tasks.DefaultPool
	for _, in := range d.serving {
		in.Provider = mortal{in.Provider, d}
		if err := d.store.Presence.Announce(t.Context(), []store.Announcement{{Name: in.Name, Provider: in.Name, Pools: []string{d.pool}, SeenAt: d.clock.Now()}}); err != nil {
			t.Fatal(err)
		}
	}
	set(d.steps, d.serving)
	for _, p := range []string{bia, caz} {
		if rng.IntN(2) == 0 {
			d.person(outside(p))
		}
	}
	d.asks()
	d.redis = &lossy{within: &d.within, rng: rand.New(rand.NewPCG(seed, 2))}
	d.rdb.AddHook(d.redis)
	return d
}

// tells prints the day if something was wrong with it.
func (d *day) tells() {
	if d.t.Failed() {
		d.t.Log("\n" + strings.Join(d.log, "\n"))
	}
}
