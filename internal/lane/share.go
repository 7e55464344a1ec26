package lane

import (
	"errors"
	"fmt"
	"slices"
)

// Share changes which shared lanes there are: new ones start, missing ones drain in the background.
// A lane is known by its name; one that is to have other queues needs another name.
func (l *Lanes) Share(shared []Shared) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state != running {
		return errors.New("lanes are not running")
	}
	wanted := func(one *lane) bool {
		return slices.ContainsFunc(shared, func(s Shared) bool { return s.Name == one.kind })
	}
	var stay []*lane
	for _, one := range l.fixed {
		if wanted(one) {
			stay = append(stay, one)
			continue
		}
		l.retire(one)
	}
	l.fixed = stay
	var errs []error
	for _, s := range shared {
		if slices.ContainsFunc(l.fixed, func(one *lane) bool { return one.kind == s.Name }) {
			continue
		}
		one := l.sharedLane(s)
		if err := one.start(); err != nil {
			errs = append(errs, fmt.Errorf("shared lane %s: %w", s.Name, err))
			continue
		}
		l.fixed = append(l.fixed, one)
	}
	return errors.Join(errs...)
}
