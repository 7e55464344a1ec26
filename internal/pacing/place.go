package pacing

import (
	"context"
	"fmt"
	"time"
)

// Numbers returns what stands for the number of each instance, in the same order.
type Numbers func(ctx context.Context, instances ...string) ([]string, error)

// WithNumbers stores floors, day counts and rests by number instead of by instance: a new number begins with its own,
// and instances of one number share them. Read rates stay with the instance. Defaults to the instances' names.
func WithNumbers(of Numbers) Option { return func(p *Pacer) { p.numbers = of } }

// placeFor is how long NewGrant uses an answer of Numbers.
const placeFor = time.Second

// place is where an instance's pace is stored, and when that was read.
type place struct {
	number string
	at     time.Duration
}

// places reads where the paces of instances are stored.
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

// placeOf returns what places returns for one instance, and caches it for placeFor.
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
