// Package numbers checks which numbers are on WhatsApp, for plans. It asks through the instances of the caller's own
// configuration, and does not ask about a number whose answer the store still has.
package numbers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// ErrNoAnswer says that no instance answered.
var ErrNoAnswer = errors.New("the numbers could not be checked")

// memory is what checks need of the store.
type memory interface {
	RecallChecks(ctx context.Context, providerName string, addresses []string) (map[string]provider.Checked, error)
	RememberChecks(ctx context.Context, providerName string, checks map[string]provider.Checked) error
}

var _ memory = (*store.People)(nil)

// Instance is an instance that can check numbers.
type Instance struct {
	Name     string
	Pools    []string
	Provider provider.Provider
}

// Checker checks numbers. It is safe for concurrent use.
type Checker struct {
	memory    memory
	instances []Instance
}

// New makes a Checker. It needs at least one instance.
func New(m memory, instances ...Instance) *Checker {
	return &Checker{memory: m, instances: instances}
}

// Check returns which numbers, given as digits, are on WhatsApp. Numbers without an answer are missing. Only a stored
// answer has a time: when it was given. Check asks the instances that would create for the target first, and the others
// if those cannot answer. It fails with ErrNoAnswer if the store lacks some answers and no instance gave any of them.
func (c *Checker) Check(ctx context.Context, target tasks.Target, numbers []string) (map[string]provider.Checked, error) {
	found := make(map[string]provider.Checked, len(numbers))
	left := slices.Clone(numbers)
	take := func(answers map[string]provider.Checked) {
		maps.Copy(found, answers)
		left = slices.DeleteFunc(left, func(number string) bool { _, ok := found[number]; return ok })
	}
	for _, name := range c.providers() {
		known, err := c.memory.RecallChecks(ctx, name, left)
		if err != nil {
			return nil, err
		}
		take(known)
	}
	asked := len(left)
	var failures []error
	for _, i := range c.inOrder(target) {
		if len(left) == 0 {
			break
		}
		fresh, err := i.Provider.CheckPhones(ctx, left)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %s", i.Name, provider.AsError(err).Said()))
		}
		if err := c.memory.RememberChecks(context.WithoutCancel(ctx), i.Provider.Traits().Name, fresh); err != nil {
			return nil, err
		}
		take(fresh)
		if err == nil { // another one could not tell more
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
	}
	if asked > 0 && len(left) == asked && len(failures) > 0 {
		return nil, fmt.Errorf("%w: %w", ErrNoAnswer, errors.Join(failures...))
	}
	return found, nil
}

// providers returns the names under which answers may be stored. An answer to one provider also holds for the others,
// because it comes from WhatsApp.
func (c *Checker) providers() []string {
	names := map[string]bool{}
	for _, i := range c.instances {
		names[i.Provider.Traits().Name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// inOrder returns all instances, those of the target first.
func (c *Checker) inOrder(t tasks.Target) []Instance {
	serves := func(i Instance) int {
		if i.Name == t.Instance || t.Pool != "" && slices.Contains(i.Pools, t.Pool) {
			return 0
		}
		return 1
	}
	all := slices.Clone(c.instances)
	slices.SortStableFunc(all, func(a, b Instance) int { return serves(a) - serves(b) })
	return all
}
