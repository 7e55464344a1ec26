package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator/instant"
)

const (
	lanesEach = 2 // an instance creates in one, and reads and invites in the other
	// paced is the floor of instances that make groups while workers come and go.
	paced = 2 * time.Second
)

// instancesRow runs very many instances: all of a fifth of them in one worker, and all in five that
// divide them. Workers are processes of their own.
func instancesRow(ctx context.Context, o Options) (Row, error) {
	one, err := o.employ(ctx, o.scaled(2000, 10), 1)
	if err == nil {
		err = clean(ctx, o.Redis.Client())
	}
	if err != nil {
		return Row{}, err
	}
	five, err := o.employ(ctx, o.scaled(10_000, 50), 5)
	if err != nil {
		return Row{}, err
	}
	return Row{
		Unit:   fmt.Sprintf("KB a sleeping lane, %d instances in one worker and %d in five", one.instances, five.instances),
		Ours:   one.lane / 1000,
		Least:  "runs, pace kept",
		Detail: append(one.tell("one"), five.tell("five")...),
	}, nil
}

// employed is what was seen of workers with many instances.
type employed struct {
	instances, workers int

	bare, memory float64 // the largest worker's, with one instance of them and with its share; bytes
	lane         float64 // what a sleeping lane takes of that
	connections  float64

	own, redis float64 // shares of a core while idle: all workers', and Redis'

	started, killed, came, stopped time.Duration // until all lanes ran where they belong

	groups int
	gaps   gaps
}

func (e employed) tell(who string) []Measurement {
	all := []Measurement{
		{"started after", e.started.Seconds(), "s"},
		{"a worker's memory", e.memory / 1e6, "MB"},
		{"with one instance of that configuration", e.bare / 1e6, "MB"},
		{"connections", e.connections, ""},
		{"idle, each", 100 * e.own / float64(e.workers), "% of a core"},
		{"idle, Redis", 100 * e.redis, "% of a core"},
		{"groups", float64(e.groups), ""},
	}
	all = append(all, e.gaps.tell(paced)...)
	if e.workers > 1 {
		all = append(all,
			Measurement{"a sleeping lane", e.lane / 1000, "KB"},
			Measurement{"a killed worker's run elsewhere after", e.killed.Seconds(), "s"},
			Measurement{"a new worker has its share after", e.came.Seconds(), "s"},
			Measurement{"a stopped worker's run elsewhere after", e.stopped.Seconds(), "s"})
	}
	for i := range all {
		all[i].Name = fmt.Sprintf("%s: %s", who, all[i].Name)
	}
	return all
}

// employ lets workers run instances: first idle, then with groups at some of them. If there are
// several, one is killed meanwhile, one comes, and one is stopped.
func (o Options) employ(ctx context.Context, instances, workers int) (e employed, err error) {
	e = employed{instances: instances, workers: workers}
	provider, err := newStand()
	if err != nil {
		return e, err
	}
	defer provider.Close()
	var creates arrivals
	provider.Arrived = creates.note
	if e.bare, err = o.bare(ctx, provider.URL, instances); err != nil {
		return e, err
	}
	// All but one are able to carry all.
	most := instances * lanesEach
	if workers > 1 {
		most = instances*lanesEach/(workers-1) + lanesEach
	}
	c, err := o.hire(ctx, manyOf(provider.URL, instances, most))
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, c.end()) }()
	for range workers {
		if _, err := c.start(ctx); err != nil {
			return e, err
		}
	}
	if e.started, err = c.running(ctx, instances*lanesEach); err != nil {
		return e, err
	}
	if err := o.rest(ctx, c, &e); err != nil {
		return e, err
	}
	busy := min(instances, max(10, instances*3/100))
	e.groups = busy * o.scaled(20, 5)
	if err := accept(ctx, o.Redis.Client(), o.Seed, e.groups, func(i int) string { return nameOf(i % busy * (instances / busy)) }); err != nil {
		return e, err
	}
	if workers > 1 {
		if err := creates.from(ctx, busy); err != nil { // all are at it
			return e, err
		}
		if err := o.change(ctx, c, &e); err != nil {
			return e, err
		}
	}
	if err := until(ctx, o.Redis.Client(), e.groups); err != nil {
		return e, err
	}
	if e.gaps = creates.gaps(); len(e.gaps) != e.groups-busy {
		return e, fmt.Errorf("%w: %d groups of %d instances were created %d times", errNotOnce, e.groups, busy, len(e.gaps)+busy)
	}
	return e, nil
}

// errNotOnce says that a group was created twice, or not at all.
var errNotOnce = errors.New("a group was not created once")

// bare is the memory of a worker with such a configuration that takes a single instance of it.
func (o Options) bare(ctx context.Context, url string, instances int) (float64, error) {
	c, err := o.hire(ctx, manyOf(url, instances, lanesEach))
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.end() }()
	if _, err := c.start(ctx); err != nil {
		return 0, err
	}
	if _, err := c.running(ctx, lanesEach); err != nil {
		return 0, err
	}
	memory, _, err := c.use()
	if err != nil {
		return 0, err
	}
	return slices.Max(memory), nil
}

// rest looks at idle workers for a while.
func (o Options) rest(ctx context.Context, c *crew, e *employed) error {
	lasts := time.Duration(o.scaled(15, 2)) * time.Second
	if err := pause(ctx, lasts/3); err != nil { // until all have been read
		return err
	}
	_, before, err := c.use()
	if err != nil {
		return err
	}
	begun := time.Now()
	s, err := side(ctx, o.Redis.Client(), 1, func() error { return pause(ctx, lasts) })
	if err != nil {
		return err
	}
	memory, after, err := c.use()
	if err != nil {
		return err
	}
	passed := time.Since(begun).Seconds()
	e.own, e.redis = (after-before)/passed, s.Redis/1e6/passed
	e.memory = slices.Max(memory)
	e.lane = (e.memory - e.bare) / float64(lanesEach*e.instances) * float64(e.workers)
	text, err := infoOf(ctx, o.Redis.Client(), "clients", "connected_clients")
	if err != nil {
		return err
	}
	e.connections, err = strconv.ParseFloat(text, 64)
	return err
}

// change kills a worker, lets one come, and stops one.
func (o Options) change(ctx context.Context, c *crew, e *employed) (err error) {
	lanes := e.instances * lanesEach
	if err := c.dismiss(c.working[0], syscall.SIGKILL); err != nil {
		return err
	}
	if e.killed, err = c.running(ctx, lanes); err != nil {
		return err
	}
	if _, err := c.start(ctx); err != nil {
		return err
	}
	if e.came, err = c.running(ctx, lanes); err != nil {
		return err
	}
	if err := c.dismiss(c.working[0], syscall.SIGTERM); err != nil {
		return err
	}
	e.stopped, err = c.running(ctx, lanes)
	return err
}

// manyOf is the configuration of numbers at the stand-in.
func manyOf(url string, instances, lanesMax int) map[string]any {
	all := make([]map[string]any, instances)
	for i := range all {
		all[i] = map[string]any{
			"name": nameOf(i), "provider": instant.Provider, "base_url": url, "instance_id": nameOf(i), "token": "T",
			"pacing": map[string]any{"create": map[string]any{"every": paced.String(), "jitter": 0, "per_day": 0}},
		}
	}
	return map[string]any{"lanes_max": lanesMax, "rollcall": map[string]any{"looks": []string{"0s"}}, "instances": all}
}
