package bench

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
)

// Installation is an installation that Play simulates in virtual time: instances at the default pace in one pool,
// divided over workers, on one Redis, with batches that come in and people who must be invited. The real
// pacing.Book decides when each call may be made, the real pacing.Drain forecasts the end, and groups are read
// when the default configuration says. Redis and each worker are a queue with one core, in which an operation takes
// as long as it was measured to take.
type Installation struct {
	Instances int
	Workers   int // Defaults to one for every 2,000 instances, at least one
	Days      int // Work comes in during the first 80 % of them. Defaults to 3
	Seed      uint64
	Costs     Costs
}

// Cost is the processor time of one operation: of the process that runs it, and of Redis.
type Cost struct {
	Own, Redis time.Duration
	Commands   float64 // commands that Redis runs, including those in scripts
}

func (c Cost) times(f float64) Cost {
	return Cost{time.Duration(float64(c.Own) * f), time.Duration(float64(c.Redis) * f), c.Commands * f}
}

// Costs are the costs of all operations.
type Costs struct {
	Row   Cost // to accept one row
	Group Cost // from taken to done, without later readings. An invitation is assumed to cost the same
	Read  Cost // to read a group's members once
	Idle  Cost // of an instance that does nothing, each second
}

// Played is the result of Play.
type Played struct {
	Creates, Invites, Reads int
	Lasted                  time.Duration
	RateUsed                float64 // while there is work: shortest allowed intervals over actual ones, 0 to 1
	// Violations counts the calls that reach the provider sooner than Pace.Every after the one before.
	Violations          int
	ForecastOff         float64 // the largest error of a forecast, as a share of the time that was left
	Forecasts           int
	DelayP99, DelayMost time.Duration // from the moment a call may start to its start
	DelayByDay          time.Duration // the longest delay outside the ten minutes after midnight
	Redis, RedisPeak    float64       // share of its core that is busy: on average, and in the busiest minute
	Worker, WorkerPeak  float64       // the same for the busiest worker
	Commands            float64       // that Redis runs, per second
	Saturated           bool          // idle work alone takes at least 99 % of a core: nothing was simulated
}

const (
	people    = 10
	needed    = 0.08             // share of people who must be invited
	rowsOnce  = 100              // rows that one script accepts
	inviteIn  = 45 * time.Second // interval between invitations
	fill      = 0.95             // work that comes in, as a share of the days' capacity
	foreseeIn = 2 * time.Hour    // shortest time between two forecasts
)

// The kinds of events: what begins.
const (
	batchComes  = iota // the producer reads rows of a batch
	rowsReach          // Redis accepts the rows
	rowsAreIn          // the rows wait in the pool
	prepare            // the worker prepares a call
	ask                // Redis answers the worker
	start              // the call leaves for the provider, if the pace allows it
	ended              // the worker handles the answer
	settle             // Redis stores the outcome
	settled            // the turn goes on with the next call
	read               // the worker reads a group's members
	readAtRedis        // Redis stores what was read
)

// event is something that happens to a turn or a batch.
type event struct {
	at   int64 // in µs since the beginning
	kind int8
	turn int32 // index in play.turns: 2 × instance for creates, and 1 more for invitations
	n    int32 // of a reading: people to be invited; of a batch: its index in play.ahead
	look int8  // which reading of the group it is, from 0
}

// play is one run of Play.
type play struct {
	Installation
	random   *rand.Rand
	schedule group.Schedule
	begin    time.Time
	events   events
	turns    []virtualTurn
	idle     []int32 // create turns that may start and have no group
	redis    station
	workers  []station
	producer station
	ahead    []int64 // of each batch, how many rows are still to come
	toCome   int64   // the sum of ahead

	accepted, taken int
	missing         int     // people to be invited, of the groups that were made
	starts          []int64 // when the creates started, in order, in µs
	foreseen        []prediction
	delays          []int32 // from the moment a call may start to its start, in µs
	allowed, used   float64 // sums of the shortest allowed and of the actual intervals, in µs
	commands        float64 // that Redis ran
	now             int64   // µs
	played          Played
}

// virtualTurn is the state of one instance's calls of one kind. Its times are in µs.
type virtualTurn struct {
	book    pacing.Book
	pace    pacing.Pace
	queued  int     // invitations that wait
	busy    bool    // a call is being prepared or under way
	may     int64   // when the next call may start: the pace allows it and there is work
	sent    int64   // when the latest call was sent; 0 before the first
	arrived int64   // when the latest call reached the provider
	u       float64 // random number of the jitter after the latest call, 0 to 1
	took    int64   // how long the latest call took
	woke    int64   // when preparing the next call began
	lead    int64   // how long before may the preparation begins
	pending bool    // there was work when the latest call was settled
}

// prediction is a forecast of when a group's create starts.
type prediction struct {
	at, start int64 // when it was made, and what it says, in µs
	seq       int   // index of the create in play.starts
}

// Play simulates the installation until all its calls are made, or not at all if it is Saturated.
func (in Installation) Play() Played {
	if in.Days == 0 {
		in.Days = 3
	}
	if in.Workers == 0 {
		in.Workers = max(1, in.Instances/2000)
	}
	cfg := config.Default()
	p := &play{
		Installation: in, random: rand.New(rand.NewPCG(in.Seed, 3)),
		schedule: group.Schedule{RollLooks: cfg.RollCall.Looks, JoinLooks: cfg.Joins.Looks},
		begin:    time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC),
	}
	each := float64(in.Instances) / float64(in.Workers)
	p.redis.idle = in.Costs.Idle.Redis.Seconds() * float64(in.Instances)
	p.workers = make([]station, in.Workers)
	for w := range p.workers {
		p.workers[w].idle = in.Costs.Idle.Own.Seconds() * each
	}
	if p.redis.idle >= 0.99 || p.workers[0].idle >= 0.99 {
		return Played{Saturated: true, Redis: p.redis.idle, RedisPeak: p.redis.idle, Worker: p.workers[0].idle, WorkerPeak: p.workers[0].idle}
	}
	p.turns = make([]virtualTurn, 2*in.Instances)
	for i := range p.turns {
		p.turns[i].pace, p.turns[i].lead = pacing.Pace{Every: usualPace.Every, Jitter: usualPace.Jitter, PerDay: usualPace.PerDay}, 250_000
		if i%2 == 1 {
			p.turns[i].pace = pacing.Pace{Every: inviteIn, Jitter: 0.5, PerDay: 20}
		} else {
			p.idle = append(p.idle, int32(i))
		}
	}
	p.plan()
	for p.events.any() && !p.over() {
		e := p.events.pop()
		p.now = e.at
		p.happen(e)
	}
	return p.result()
}

// plan schedules batches at random moments: a few large ones and many small ones.
func (p *play) plan() {
	daily := p.Instances * usualPace.PerDay
	left := int(fill * float64(daily*p.Days))
	for left > 0 {
		rows := min(left, 1+int(float64(daily)*0.3*p.random.Float64()*p.random.Float64()))
		left -= rows
		at := p.random.Int64N(int64(p.Days) * day.Microseconds() * 8 / 10)
		p.events.push(event{at: at, kind: batchComes, n: int32(len(p.ahead))}) //nolint:gosec // few
		p.ahead, p.toCome = append(p.ahead, int64(rows)), p.toCome+int64(rows)
	}
}

const day = 24 * time.Hour

// over reports whether all calls are made, so that only readings are left.
func (p *play) over() bool {
	return p.toCome == 0 && p.played.Creates == p.accepted && p.played.Invites == p.missing
}

func (p *play) wall(at int64) time.Time { return p.begin.Add(time.Duration(at) * time.Microsecond) }

func (p *play) since(t time.Time) int64 { return t.Sub(p.begin).Microseconds() }

// foresee notes a forecast of when the last waiting group starts, if at least two wait for each instance and the latest
// forecast is old enough.
func (p *play) foresee() {
	left := p.accepted - p.played.Creates
	if n := len(p.foreseen); left < 2*p.Instances || n > 0 && p.now-p.foreseen[n-1].at < foreseeIn.Microseconds() {
		return
	}
	pool := make([]pacing.Outlook, 0, p.Instances)
	for i := 0; i < len(p.turns); i += 2 {
		l := &p.turns[i]
		view := l.book.View(p.wall(p.now))
		pool = append(pool, pacing.Outlook{Now: p.wall(p.now), Pace: l.pace, Next: view.Next, Today: view.Today, Call: time.Second})
	}
	at, _ := pacing.Drain(pool, left)
	p.foreseen = append(p.foreseen, prediction{at: p.now, start: p.since(at), seq: p.accepted - 1})
}

func (p *play) result() Played {
	r := p.played
	r.Lasted = time.Duration(p.now) * time.Microsecond
	if p.used > 0 {
		r.RateUsed = p.allowed / p.used
	}
	for _, f := range p.foreseen {
		left := p.starts[f.seq] - f.at
		if left < (20 * time.Minute).Microseconds() {
			continue // jitter decides about the last few intervals
		}
		r.Forecasts++
		r.ForecastOff = max(r.ForecastOff, float64(max(f.start-p.starts[f.seq], p.starts[f.seq]-f.start))/float64(left))
	}
	if slices.Sort(p.delays); len(p.delays) > 0 {
		r.DelayP99 = time.Duration(p.delays[len(p.delays)*99/100]) * time.Microsecond
	}
	r.Redis, r.RedisPeak = p.redis.shares(p.now)
	for w := range p.workers {
		mean, peak := p.workers[w].shares(p.now)
		r.Worker, r.WorkerPeak = max(r.Worker, mean), max(r.WorkerPeak, peak)
	}
	r.Commands = p.commands/r.Lasted.Seconds() + float64(p.Instances)*p.Costs.Idle.Commands
	return r
}
