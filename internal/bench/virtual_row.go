package bench

import (
	"context"
	"fmt"
	"math"
	"time"
)

// virtualRow measures what each operation costs on this machine, and simulates an installation with these costs
// in virtual time.
func virtualRow(ctx context.Context, o Options) (Row, error) {
	costs, err := measureCosts(ctx, o)
	if err != nil {
		return Row{}, err
	}
	in := Installation{Instances: o.scaled(10_000, 10), Seed: o.Seed, Costs: costs}
	if o.Scale <= 1 {
		in.Workers = 5
	}
	p := in.Play()
	row := Row{
		Unit: fmt.Sprintf("of the allowed rate, %d instances", in.Instances), Ours: p.RateUsed,
		Least: "0.98, no violations, forecasts 10 % off", Aim: "0.995",
		Detail: []Measurement{
			{"violations", float64(p.Violations), ""},
			{"forecasts off at most", 100 * p.ForecastOff, fmt.Sprintf("%% of what was left, of %d", p.Forecasts)},
			{"groups", float64(p.Creates), ""},
			{"invitations", float64(p.Invites), ""},
			{"readings", float64(p.Reads), ""},
			{"time played", p.Lasted.Hours(), "h"},
			{"Redis", 100 * p.Redis, "% of its core"},
			{"in its busiest minute", 100 * p.RedisPeak, "%"},
			{"Redis commands", p.Commands, "a second"},
			{"busiest worker", 100 * p.Worker, "% of a core"},
			{"in its busiest minute", 100 * p.WorkerPeak, "%"},
			{"from may start to started, p99", p.DelayP99.Seconds(), "s"},
			{"longest", p.DelayMost.Seconds(), "s"},
			{"but for the ten minutes after midnight", p.DelayByDay.Seconds(), "s"},
		},
	}
	for _, c := range []struct {
		name string
		Cost
	}{{"a row", costs.Row}, {"a group", costs.Group}, {"a reading", costs.Read}, {"an idle instance a second", costs.Idle}} {
		row.Detail = append(row.Detail,
			Measurement{c.name + " takes", float64(c.Own) / float64(time.Microsecond), "µs"},
			Measurement{"of Redis", float64(c.Redis) / float64(time.Microsecond), "µs"},
			Measurement{"commands", math.Round(c.Commands), ""})
	}
	return row, nil
}

// readPart is the cost of reading a group's members as a share of the whole group's: one of its three calls, and
// about that share of the scripts.
const readPart = 0.3

func measureCosts(ctx context.Context, o Options) (c Costs, err error) {
	_, rows, _, err := Enqueue(ctx, o.Redis.Client(), o.Seed, 3000)
	if err == nil {
		err = clean(ctx, o.Redis.Client())
	}
	if err != nil {
		return c, err
	}
	_, groups, err := Process(ctx, o.Redis, o.Seed, fewInstances, 600)
	if err == nil {
		err = clean(ctx, o.Redis.Client())
	}
	if err != nil {
		return c, err
	}
	c = Costs{Row: rows.cost(1), Group: groups.cost(1), Read: groups.cost(readPart)}
	c.Idle, err = idling(ctx, o, 1000, 8*time.Second)
	return c, err
}
