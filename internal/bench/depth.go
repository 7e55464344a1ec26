package bench

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// depthRounds is how many times in a row each side is measured: a single second varies too much on a shared
// machine.
const depthRounds = 5

// depthRow takes as many groups off a long queue as off a short one. It measures the short one before and after
// the long one, so that a machine that becomes slower does not count against the long one.
func depthRow(ctx context.Context, o Options) (Row, error) {
	short, long := o.scaled(1000, 100), o.scaled(100_000, 1000)
	provider, err := newStand()
	if err != nil {
		return Row{}, err
	}
	defer provider.Close()
	shallow := func() (sides []Side, err error) {
		for range depthRounds {
			s, err := processOurs(ctx, o.Redis, provider.URL, o.Seed, fewInstances, short)
			if err == nil {
				err = clean(ctx, o.Redis.Client())
			}
			if err != nil {
				return nil, err
			}
			sides = append(sides, s)
		}
		return sides, nil
	}
	first, err := shallow()
	if err != nil {
		return Row{}, err
	}
	if err := accept(ctx, o.Redis.Client(), o.Seed, long, nil); err != nil {
		return Row{}, err
	}
	var deep []Side
	for range depthRounds {
		s, err := processNext(ctx, o.Redis, provider.URL, fewInstances, short)
		if err != nil {
			return Row{}, err
		}
		deep = append(deep, s)
	}
	if err := clean(ctx, o.Redis.Client()); err != nil {
		return Row{}, err
	}
	last, err := shallow()
	if err != nil {
		return Row{}, err
	}
	baseline := slices.Concat(first, last)
	row := versus(median(deep), median(baseline), Measurement{"slowest round", slices.MinFunc(deep, byRate).Rate, "groups/s"},
		Measurement{"the baseline's", slices.MinFunc(baseline, byRate).Rate, "groups/s"})
	row.Unit, row.Least, row.Aim = "groups/s", "0.8", "0.95"
	row.Against = fmt.Sprintf("itself with %d queued instead of %d", short, long)
	return row, nil
}

func byRate(a, b Side) int { return cmp.Compare(a.Rate, b.Rate) }

// median returns the side with the median rate, its processor time replaced by the median one.
func median(sides []Side) Side {
	slices.SortFunc(sides, func(a, b Side) int { return cmp.Compare(a.CPU, b.CPU) })
	cpu := sides[len(sides)/2].CPU
	slices.SortFunc(sides, byRate)
	m := sides[len(sides)/2]
	m.CPU = cpu
	return m
}
