package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/provider/simulator/instant"
)

const (
	lanesEach = 2 // lanes of an instance: creates and invitations
	// quickFloor is the floor of instances that make groups while workers come and go.
	quickFloor = 2 * time.Second
	// usualFloor is the floor of instances that all have work.
	usualFloor = 5 * time.Minute
)

// crowd is the row that is measured only if it is named.
const crowd = "crowd"

// workload is what the workers of a measurement have to do.
type workload struct {
	instances, workers int
	floor              time.Duration
	busy               int  // how many instances have groups
	each               int  // groups of each of these
	change             bool // kill the first worker, start another, and stop one
}

// instancesRow runs very many instances in one worker, then half as many in three. Of these three it kills the
// first, which leads, starts another, and stops one. Each worker is a process.
func instancesRow(ctx context.Context, o Options) (Row, error) {
	some := func(instances, workers int) workload {
		return workload{instances, workers, quickFloor, min(instances, max(10, instances*3/100)), o.scaled(20, 5), workers > 1}
	}
	one, err := o.runWorkload(ctx, some(o.scaled(20_000, 50), 1))
	if err == nil {
		err = clean(ctx, o.Redis.Client())
	}
	if err != nil {
		return Row{}, err
	}
	three, err := o.runWorkload(ctx, some(o.scaled(10_000, 50), 3))
	if err != nil {
		return Row{}, err
	}
	return Row{
		Unit:   fmt.Sprintf("KB an instance, beyond the first of %d in one worker", one.instances),
		Ours:   one.each / 1000,
		Least:  "4",
		Aim:    "1",
		Detail: append(one.figures("one"), three.figures("three")...),
	}, nil
}

// crowdRow runs very many instances at the usual floor, all of which have groups.
func crowdRow(ctx context.Context, o Options) (Row, error) {
	n := o.scaled(100_000, 10)
	all, err := o.runWorkload(ctx, workload{instances: n, workers: 3, floor: usualFloor, busy: n, each: 3})
	if err != nil {
		return Row{}, err
	}
	return Row{
		Unit:   fmt.Sprintf("%% of the allowed rate, %d instances in three workers, all with work", n),
		Ours:   all.used(),
		Least:  "98, and no floor undercut",
		Detail: all.figures("three"),
	}, nil
}

// workloadResult is what was measured of a workload.
type workloadResult struct {
	instances, workers int

	floor time.Duration

	bare, memory float64 // of the largest worker, with one instance and with all; bytes
	each         float64 // of an idle instance beyond the first; bytes
	busy         float64 // of the largest worker after the work; bytes
	connections  float64

	own, redis float64 // shares of a core while idle, of all workers and of Redis

	started time.Duration // until every worker reported all lanes
	read    time.Duration // from then on until all states were read

	groups int
	worked time.Duration // until all groups were done
	gaps   gaps
}

// used returns how much of the allowed rate was used, in %.
func (e workloadResult) used() float64 { return 100 * e.floor.Seconds() / e.gaps.mean().Seconds() }

func (e workloadResult) figures(prefix string) []Measurement {
	all := []Measurement{
		{"started after", e.started.Seconds(), "s"},
		{"states read after", e.read.Seconds(), "s"},
		{"a worker's memory", e.memory / 1e6, "MB"},
		{"with one instance", e.bare / 1e6, "MB"},
		{"an instance", e.each / 1000, "KB"},
		{"a worker's memory after the work", e.busy / 1e6, "MB"},
		{"connections", e.connections, ""},
		{"idle, each", 100 * e.own / float64(e.workers), "% of a core"},
		{"idle, Redis", 100 * e.redis, "% of a core"},
		{"groups", float64(e.groups), ""},
		{"done after", e.worked.Seconds(), "s"},
	}
	all = append(all, e.gaps.figures(e.floor)...)
	all = append(all, Measurement{"allowed rate used", e.used(), "%"})
	for i := range all {
		all[i].Name = fmt.Sprintf("%s: %s", prefix, all[i].Name)
	}
	return all
}

// runWorkload has workers run instances: first idle, then with groups for some of them.
func (o Options) runWorkload(ctx context.Context, w workload) (e workloadResult, err error) {
	e = workloadResult{instances: w.instances, workers: w.workers, floor: w.floor, groups: w.busy * w.each}
	provider, err := newStand()
	if err != nil {
		return e, err
	}
	defer provider.Close()
	var creates arrivals
	provider.Arrived = creates.note
	if e.bare, err = o.bare(ctx, provider.URL); err != nil {
		return e, err
	}
	c, err := o.newCrew(ctx, manyOf(provider.URL, w.instances, w.floor))
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, c.end()) }()
	for range w.workers {
		if _, err := c.start(ctx); err != nil {
			return e, err
		}
	}
	if e.started, err = c.running(ctx, w.instances*lanesEach); err != nil {
		return e, err
	}
	if err := o.rest(ctx, c, &e); err != nil {
		return e, err
	}
	begun := time.Now()
	if err := accept(ctx, o.Redis.Client(), o.Seed, e.groups, func(i int) string { return nameOf(i % w.busy * (w.instances / w.busy)) }); err != nil {
		return e, err
	}
	if w.change {
		if err := creates.from(ctx, w.busy); err != nil { // all busy ones have begun
			return e, err
		}
		if err := change(ctx, c, w.instances); err != nil {
			return e, err
		}
	}
	timeout := time.Minute + w.floor
	if w.change { // a create that the killed worker may have sent is sent again only after the last look for it
		looks := config.Default().Verify.Looks
		timeout += looks[len(looks)-1]
	}
	if err := untilWithin(ctx, o.Redis.Client(), e.groups, timeout); err != nil {
		return e, err
	}
	e.worked = time.Since(begun)
	memory, _, err := c.use()
	if err != nil {
		return e, err
	}
	e.busy = slices.Max(memory)
	if e.gaps = creates.gaps(); len(e.gaps) != e.groups-w.busy {
		return e, fmt.Errorf("%w: %d groups of %d instances were created %d times", errNotOnce, e.groups, w.busy, len(e.gaps)+w.busy)
	}
	return e, nil
}

// errNotOnce says that a group was created twice, or not at all.
var errNotOnce = errors.New("a group was not created once")

// bare returns the memory of a worker with a single instance, in bytes.
func (o Options) bare(ctx context.Context, url string) (float64, error) {
	c, err := o.newCrew(ctx, manyOf(url, 1, quickFloor))
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
	if err := c.read(ctx, 1); err != nil { // rest waits for that too
		return 0, err
	}
	if err := pause(ctx, o.resting()); err != nil {
		return 0, err
	}
	memory, _, err := c.use()
	if err != nil {
		return 0, err
	}
	return slices.Max(memory), nil
}

// resting returns how long idle workers are watched, and how long they settle before that.
func (o Options) resting() time.Duration { return time.Duration(o.scaled(15, 2)) * time.Second }

// rest measures idle workers for a while.
func (o Options) rest(ctx context.Context, c *crew, e *workloadResult) error {
	lasts := o.resting()
	begun := time.Now()
	if err := c.read(ctx, e.instances); err != nil {
		return err
	}
	e.read = time.Since(begun)
	if err := pause(ctx, lasts); err != nil { // until the memory that reading took is given back
		return err
	}
	_, before, err := c.use()
	if err != nil {
		return err
	}
	begun = time.Now()
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
	e.each = (e.memory - e.bare) / float64(e.instances-1)
	text, err := infoOf(ctx, o.Redis.Client(), "clients", "connected_clients")
	if err != nil {
		return err
	}
	e.connections, err = strconv.ParseFloat(text, 64)
	return err
}

// change kills a worker, starts another, and stops one when that one runs.
func change(ctx context.Context, c *crew, instances int) error {
	if err := c.signal(c.working[0], syscall.SIGKILL); err != nil {
		return err
	}
	if _, err := c.start(ctx); err != nil {
		return err
	}
	if _, err := c.running(ctx, instances*lanesEach); err != nil {
		return err
	}
	return c.signal(c.working[0], syscall.SIGTERM)
}

// manyOf returns a configuration of so many instances at a stand-in provider.
func manyOf(url string, instances int, floor time.Duration) map[string]any {
	all := make([]map[string]any, instances)
	for i := range all {
		all[i] = map[string]any{
			"name": nameOf(i), "provider": instant.Provider, "base_url": url, "instance_id": nameOf(i), "token": "T",
			"pacing": map[string]any{"create": map[string]any{"every": floor.String(), "jitter": 0, "per_day": 0}},
		}
	}
	return map[string]any{"rollcall": map[string]any{"looks": []string{"0s"}}, "instances": all}
}
