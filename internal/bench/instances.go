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
	kindsEach = 2 // of calls that an instance makes
	// paced is the floor of instances that make groups while workers come and go.
	paced = 2 * time.Second
	// usually is the floor of instances that all have work.
	usually = 5 * time.Minute
)

// crowd is the row that is measured only when it is named.
const crowd = "crowd"

// employment is what workers are to do.
type employment struct {
	instances, workers int
	floor              time.Duration
	busy               int  // of the instances: how many have groups
	each               int  // groups
	change             bool // the first worker is killed, one comes, and one is stopped
}

// instancesRow runs very many instances: in one worker, and half as many in three, of which the first, which
// leads, is killed, one comes and one is stopped. Workers are processes of their own.
func instancesRow(ctx context.Context, o Options) (Row, error) {
	some := func(instances, workers int) employment {
		return employment{instances, workers, paced, min(instances, max(10, instances*3/100)), o.scaled(20, 5), workers > 1}
	}
	one, err := o.employ(ctx, some(o.scaled(20_000, 50), 1))
	if err == nil {
		err = clean(ctx, o.Redis.Client())
	}
	if err != nil {
		return Row{}, err
	}
	three, err := o.employ(ctx, some(o.scaled(10_000, 50), 3))
	if err != nil {
		return Row{}, err
	}
	return Row{
		Unit:   fmt.Sprintf("KB an instance, beyond the first of %d in one worker", one.instances),
		Ours:   one.each / 1000,
		Least:  "4",
		Aim:    "1",
		Detail: append(one.tell("one"), three.tell("three")...),
	}, nil
}

// crowdRow gives every one of very many instances groups, at the usual floor.
func crowdRow(ctx context.Context, o Options) (Row, error) {
	n := o.scaled(100_000, 10)
	all, err := o.employ(ctx, employment{instances: n, workers: 3, floor: usually, busy: n, each: 3})
	if err != nil {
		return Row{}, err
	}
	return Row{
		Unit:   fmt.Sprintf("%% of the allowed rate, %d instances in three workers, all with work", n),
		Ours:   all.used(),
		Least:  "98, and no floor undercut",
		Detail: all.tell("three"),
	}, nil
}

// employed is what was seen of workers with many instances.
type employed struct {
	instances, workers int

	floor time.Duration

	bare, memory float64 // the largest worker's, with one instance and with all; bytes
	each         float64 // what an instance that sleeps takes, beyond the first
	busy         float64 // the largest worker's memory after the work; bytes
	connections  float64

	own, redis float64 // shares of a core while idle: all workers', and Redis'

	started time.Duration // until every worker told of all
	read    time.Duration // from then on until all states were read

	groups int
	worked time.Duration // until all groups were done
	gaps   gaps
}

// used is how much of the allowed rate was used, in %.
func (e employed) used() float64 { return 100 * e.floor.Seconds() / e.gaps.mean().Seconds() }

func (e employed) tell(who string) []Measurement {
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
	all = append(all, e.gaps.tell(e.floor)...)
	all = append(all, Measurement{"allowed rate used", e.used(), "%"})
	for i := range all {
		all[i].Name = fmt.Sprintf("%s: %s", who, all[i].Name)
	}
	return all
}

// employ lets workers run instances: first idle, then with groups at some of them.
func (o Options) employ(ctx context.Context, w employment) (e employed, err error) {
	e = employed{instances: w.instances, workers: w.workers, floor: w.floor, groups: w.busy * w.each}
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
	c, err := o.hire(ctx, manyOf(provider.URL, w.instances, w.floor))
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, c.end()) }()
	for range w.workers {
		if _, err := c.start(ctx); err != nil {
			return e, err
		}
	}
	if e.started, err = c.running(ctx, w.instances*kindsEach); err != nil {
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
		if err := creates.from(ctx, w.busy); err != nil { // all are at it
			return e, err
		}
		if err := change(ctx, c, w.instances); err != nil {
			return e, err
		}
	}
	timeout := time.Minute + w.floor
	if w.change { // a create that the killed worker had not sent is only sent again after the last look for it
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

// bare is the memory of a worker with a single instance.
func (o Options) bare(ctx context.Context, url string) (float64, error) {
	c, err := o.hire(ctx, manyOf(url, 1, paced))
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.end() }()
	if _, err := c.start(ctx); err != nil {
		return 0, err
	}
	if _, err := c.running(ctx, kindsEach); err != nil {
		return 0, err
	}
	if err := c.read(ctx, 1); err != nil { // as it is with all
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

// resting is how long idle workers are left alone.
func (o Options) resting() time.Duration { return time.Duration(o.scaled(15, 2)) * time.Second }

// rest looks at idle workers for a while.
func (o Options) rest(ctx context.Context, c *crew, e *employed) error {
	lasts := o.resting()
	begun := time.Now()
	if err := c.read(ctx, e.instances); err != nil {
		return err
	}
	e.read = time.Since(begun)
	if err := pause(ctx, lasts); err != nil { // what reading them has used is given back
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

// change kills a worker, lets one come, and stops one.
func change(ctx context.Context, c *crew, instances int) error {
	if err := c.dismiss(c.working[0], syscall.SIGKILL); err != nil {
		return err
	}
	if _, err := c.start(ctx); err != nil {
		return err
	}
	if _, err := c.running(ctx, instances*kindsEach); err != nil {
		return err
	}
	return c.dismiss(c.working[0], syscall.SIGTERM)
}

// manyOf is the configuration of numbers at the stand-in.
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
