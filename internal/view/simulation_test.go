package view

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// The forecasts are tested against a simulated installation in virtual time: instances take from their lines when
// pacing allows it, calls take a while, rolls are called, and some people need an invitation.

// played is a simulated installation.
type played struct {
	random    *rand.Rand
	now       time.Time
	names     []string
	instances map[string]*playedInstance
	queues    map[string][]int  // groups by queue, in order
	asked     int               // people of each group
	need      float64           // share of them that must be invited
	look      time.Duration     // between a create and its roll call
	starts    map[int]time.Time // of the creates, by group
	ends      time.Time         // when all calls so far are over, with their roll calls
	places    map[int]tasks.Target
	ranks     map[int]tasks.Priority
	doneBy    map[string]time.Time // the same by instance
}

type playedInstance struct {
	pools          []string
	create, invite pacing.Pace
	creates        pacing.Book
	invites        pacing.Book
	nextCreate     time.Time // not before this time
	nextInvite     time.Time
	called         []time.Time // when the people who need an invitation were found missing, in order
}

func newPlayed(seed uint64, look time.Duration) *played {
	return &played{
		random: rand.New(rand.NewPCG(seed, 1)), now: noon(), instances: map[string]*playedInstance{}, queues: map[string][]int{},
		look: look, starts: map[int]time.Time{}, places: map[int]tasks.Target{}, ranks: map[int]tasks.Priority{}, doneBy: map[string]time.Time{},
	}
}

func (p *played) instance(name string, create, invite pacing.Pace, pools ...string) {
	p.names = append(p.names, name)
	p.instances[name] = &playedInstance{pools: pools, create: create, invite: invite, nextCreate: p.now, nextInvite: p.now}
}

func (p *played) add(t tasks.Target, priority tasks.Priority, n int) {
	for range n {
		id := len(p.places)
		p.places[id], p.ranks[id] = t, priority
		q := t.Line(priority)
		p.queues[q] = append(p.queues[q], id)
	}
}

// waiting returns the first line of an instance, in its order, that is not empty.
func (p *played) waiting(name string) string {
	for _, q := range tasks.CreateLines(name, p.instances[name].pools) {
		if len(p.queues[q]) > 0 {
			return q
		}
	}
	return ""
}

// step makes the next call. It returns false when none is left.
func (p *played) step() bool {
	who, kind := "", pacing.Create
	var at time.Time
	consider := func(name string, k pacing.Kind, t time.Time) {
		if who == "" || t.Before(at) {
			who, kind, at = name, k, t
		}
	}
	for _, name := range p.names {
		i := p.instances[name]
		if p.waiting(name) != "" {
			consider(name, pacing.Create, i.nextCreate)
		}
		if len(i.called) > 0 {
			consider(name, pacing.Invite, latest(i.nextInvite, i.called[0]))
		}
	}
	if who == "" {
		return false
	}
	p.now = latest(p.now, at)
	i := p.instances[who]
	call := time.Duration((0.3 + 1.4*p.random.Float64()) * float64(time.Second))
	over := p.now.Add(call)
	if kind == pacing.Invite {
		if granted, wait := i.invites.Take(p.now, i.invite, p.random.Float64()); !granted {
			i.nextInvite = p.now.Add(wait)
			return true
		}
		i.invites.Used(p.now, call, i.invite)
		i.called, i.nextInvite = i.called[1:], over
	} else {
		if granted, wait := i.creates.Take(p.now, i.create, p.random.Float64()); !granted {
			i.nextCreate = p.now.Add(wait)
			return true
		}
		i.creates.Used(p.now, call, i.create)
		q := p.waiting(who)
		p.starts[p.queues[q][0]] = p.now
		p.queues[q], i.nextCreate = p.queues[q][1:], over
		over = over.Add(p.look)
		for range p.asked {
			if p.random.Float64() < p.need {
				i.called = append(i.called, over)
			}
		}
	}
	p.ends = latest(p.ends, over)
	p.doneBy[who] = latest(p.doneBy[who], over)
	return true
}

// snapshot returns what a reader would see now.
func (p *played) snapshot() *snapshot {
	instances := map[string]*store.Instance{}
	var views []pacing.View
	for name, i := range p.instances {
		instances[name] = &store.Instance{
			Announcement: store.Announcement{Name: name, Pools: i.pools, Create: i.create, Invite: i.invite, SeenAt: p.now, RollLook: p.look},
			HealthReport: store.HealthReport{Health: provider.Ready},
		}
		views = append(views, pacing.View{Instance: name, At: p.now, Create: i.creates.View(p.now), Invite: i.invites.View(p.now)})
	}
	s := newSnapshot(p.now, instances, views, []store.Worker{{ID: "w"}}, nil)
	for q, ids := range p.queues {
		s.lines[q] = store.Line{Ready: len(ids)}
	}
	for name, i := range p.instances {
		s.lines[tasks.InviteLine(name)] = store.Line{Ready: len(i.called)}
	}
	s.invites = inviteRate(p.need)
	return s
}

// said holds the forecasts of the documents at one moment.
type said struct {
	at        time.Time
	whole     time.Time
	batch     time.Time
	groups    map[int]time.Time
	instances map[string]time.Time
}

func (p *played) forecasts() said {
	s := p.snapshot()
	f := said{at: p.now, groups: map[int]time.Time{}, instances: map[string]time.Time{}}
	queued := 0
	var last []placed
	for q, ids := range p.queues {
		queued += len(ids)
		if len(ids) == 0 {
			continue
		}
		for _, ahead := range []int{len(ids) / 2, len(ids) - 1} {
			id := ids[ahead]
			g := &group.Group{ID: fmt.Sprint(id), Status: group.Queued, Target: p.places[id], Instance: p.places[id].Instance, Priority: p.ranks[id]}
			if g.Target.Line(g.Priority) != q {
				panic("a group is in the wrong line")
			}
			_, f.groups[id] = s.wait(g, position{ahead: ahead})
			if ahead == len(ids)-1 {
				last = append(last, placed{g, position{ahead: ahead}})
			}
		}
	}
	counts := map[group.Status]int{group.Queued: queued}
	f.whole = s.over(counts, queued*p.asked)
	f.batch = s.end(&group.Batch{Counts: counts, Members: map[group.MemberStatus]int{group.Pending: queued * p.asked}}, last)
	for _, name := range p.names {
		f.instances[name] = s.instanceOver(name)
	}
	return f
}

// worst keeps the largest error of each kind of forecast, as a share of the time that was left.
type worst map[string]float64

func (w worst) add(what string, at, said, was time.Time) {
	left := was.Sub(at)
	if left < 20*time.Minute { // the last few intervals vary mostly by jitter
		return
	}
	w[what] = max(w[what], math.Abs(float64(said.Sub(was)))/float64(left))
}

func TestForecast_StaysWithinTenPercentWhileABatchRuns(t *testing.T) {
	t.Parallel()
	usual := pacing.Pace{Every: 5 * time.Minute, Jitter: 0.2, PerDay: 20}
	invites := pacing.Pace{Every: 45 * time.Second, Jitter: 0.5, PerDay: 20}
	free := pacing.Pace{Every: 45 * time.Second, Jitter: 0.5}
	for _, c := range []struct {
		name  string
		build func(p *played)
	}{
		{"10 groups on one instance", func(p *played) {
			p.instance("alpha", usual, free, "default")
			p.add(toPool("default"), tasks.Normal, 10)
		}},
		{"100 groups, two instances with a day cap", func(p *played) {
			p.instance("alpha", usual, free, "default")
			p.instance("beta", usual, free, "default")
			p.add(toPool("default"), tasks.Normal, 100)
		}},
		{"100 groups, no cap, a long jitter", func(p *played) {
			p.instance("alpha", pacing.Pace{Every: time.Minute, Jitter: 1}, free, "default")
			p.instance("beta", pacing.Pace{Every: 3 * time.Minute, Jitter: 0.5}, free, "default")
			p.add(toPool("default"), tasks.Normal, 100)
		}},
		{"1000 groups, four instances, two pools, three priorities", func(p *played) {
			p.instance("alpha", usual, free, "default")
			p.instance("beta", usual, free, "default", "sales")
			p.instance("gamma", pacing.Pace{Every: 2 * time.Minute, Jitter: 0.2, PerDay: 60}, free, "sales")
			p.instance("delta", pacing.Pace{Every: 10 * time.Minute, Jitter: 0.5, PerDay: 40}, free, "default")
			p.add(toPool("default"), tasks.Low, 200)
			p.add(toPool("default"), tasks.Normal, 300)
			p.add(toPool("sales"), tasks.Normal, 300)
			p.add(toPool("sales"), tasks.High, 100)
			p.add(toInstance("beta"), tasks.Normal, 60)
			p.add(toInstance("delta"), tasks.High, 40)
		}},
		{"1000 groups whose invitations take longer than they do", func(p *played) {
			p.asked, p.need = 5, 0.4
			p.instance("alpha", usual, invites, "default")
			p.instance("beta", pacing.Pace{Every: 5 * time.Minute, Jitter: 0.2, PerDay: 10}, pacing.Pace{Every: 45 * time.Second, PerDay: 10}, "default")
			p.add(toPool("default"), tasks.Normal, 1000)
		}},
		{"400 groups, days and quiet hours of two zones", func(p *played) {
			night := pacing.Quiet{From: 21 * time.Hour, To: 7 * time.Hour}
			p.instance("alpha", pacing.Pace{Every: 5 * time.Minute, Jitter: 0.2, PerDay: 40, Zone: "America/Sao_Paulo", Quiet: night}, free, "default")
			p.instance("beta", pacing.Pace{Every: 30 * time.Minute, Jitter: 0.2, Zone: "Australia/Lord_Howe", Quiet: night}, free, "default")
			p.add(toPool("default"), tasks.Normal, 400)
		}},
		{"10000 groups on twelve instances", func(p *played) {
			p.asked, p.need = 10, 0.05
			for i := range 12 {
				p.instance(fmt.Sprintf("i%02d", i), pacing.Pace{Every: time.Duration(2+i%4) * time.Minute, Jitter: 0.2, PerDay: 50 + 10*(i%3)}, free, "default")
			}
			p.add(toPool("default"), tasks.Normal, 8000)
			p.add(toPool("default"), tasks.High, 1500)
			p.add(toInstance("i03"), tasks.Normal, 500)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPlayed(uint64(len(c.name)), 2*time.Minute)
			c.build(p)
			all := len(p.places)
			var forecasts []said
			for next := 0; ; {
				if made := len(p.starts); made >= next {
					forecasts = append(forecasts, p.forecasts())
					next = made + max(1, all/10)
				}
				if !p.step() {
					break
				}
			}
			w := worst{}
			for _, f := range forecasts {
				if !f.whole.IsZero() {
					w.add("whole", f.at, f.whole, p.ends)
					w.add("batch", f.at, f.batch, p.ends)
				}
				for id, at := range f.groups {
					w.add("group", f.at, at, p.starts[id])
				}
				for name, at := range f.instances {
					if p.need == 0 && !at.IsZero() {
						w.add("instance", f.at, at, p.doneBy[name])
					}
				}
			}
			for _, what := range []string{"whole", "batch", "group", "instance"} {
				t.Logf("%-8s at most %4.1f %% off, over %d moments of %s", what, 100*w[what], len(forecasts), p.ends.Sub(noon()).Round(time.Minute))
				if w[what] >= 0.1 {
					t.Errorf("the forecast for the %s was up to %.1f %% off, want less than 10 %%", what, 100*w[what])
				}
			}
		})
	}
}

// When calls take longer than the interval of the pace, their measured duration decides, and before that the pace.
func TestForecast_UsesTheMeasuredDurationOfCalls(t *testing.T) {
	t.Parallel()
	const groups = 1000
	for _, c := range []struct {
		name  string
		pace  time.Duration
		takes time.Duration // measured
		want  time.Duration // from call to call of each of the two instances
	}{
		{"a pace without a measured call", 300 * time.Millisecond, 0, 304 * time.Millisecond},
		{"calls quicker than the pace", 300 * time.Millisecond, 40 * time.Millisecond, 304 * time.Millisecond},
		{"calls slower than the pace", 300 * time.Millisecond, 700 * time.Millisecond, 700 * time.Millisecond},
		{"no pace, measured", 0, 50 * time.Millisecond, 50 * time.Millisecond},
	} {
		p := newPlayed(1, 10*time.Second)
		p.instance("alpha", pacing.Pace{Every: c.pace}, pacing.Pace{}, "default")
		p.instance("beta", pacing.Pace{Every: c.pace}, pacing.Pace{}, "default")
		p.add(toPool("default"), tasks.Normal, groups)
		s := p.snapshot()
		for _, i := range s.instances {
			i.Takes = map[pacing.Kind]time.Duration{pacing.Create: c.takes}
		}
		left := s.over(map[group.Status]int{group.Queued: groups}, 0).Sub(p.now) - p.look
		want := c.want * groups / 2
		if off := math.Abs(float64(left-want)) / float64(want); off > 0.02 {
			t.Errorf("%s: the last create starts in %v, want about %v", c.name, left, want)
		}
	}
}
