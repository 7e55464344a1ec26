package pacing

import (
	"context"
	"fmt"
	"time"
)

// Numbers tells what stands for the numbers behind instances, in their order.
type Numbers func(ctx context.Context, instances ...string) ([]string, error)

// WithNumbers lets floors, day counts and rests belong to the number behind an instance: another
// number begins with its own, and instances of one number share theirs. Read rates stay with the
// instance. Defaults to the instances' names.
func WithNumbers(of Numbers) Option { return func(p *Pacer) { p.numbers = of } }

// placeFor is how long Take believes in an answer of Numbers.
const placeFor = time.Second

// place is where an instance's pace is kept, and when that was read.
type place struct {
	number string
	at     time.Duration
}

// places reads where the paces of instances are kept.
func (p *Pacer) places(ctx context.Context, instances ...string) ([]string, error) {
	if p.numbers == nil {
		return instances, nil
	}
	numbers, err := p.numbers(ctx, instances...)
	if err == nil && len(numbers) != len(instances) {
		err = fmt.Errorf("%d numbers for %d instances", len(numbers), len(instances))
	}
	if err != nil {
		return nil, fmt.Errorf("pacing: %w", err)
	}
	return numbers, nil
}

// placeOf is places for one, as it was within the last second.
func (p *Pacer) placeOf(ctx context.Context, instance string) (string, error) {
	if p.numbers == nil {
		return instance, nil
	}
	p.mu.Lock()
	known, ok := p.known[instance]
	p.mu.Unlock()
	if ok && p.now()-known.at < placeFor {
		return known.number, nil
	}
	at := p.now()
	numbers, err := p.places(ctx, instance)
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	p.known[instance] = place{numbers[0], at}
	p.mu.Unlock()
	return numbers[0], nil
}
