// Package numbers asks the network who is on WhatsApp, for plans: through the instances of the
// caller's own configuration, and never twice about one person while the store remembers the answer.
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

// ErrNoAnswer says that no instance could tell anything.
var ErrNoAnswer = errors.New("the numbers could not be checked")

// memory is what checks need of the store.
type memory interface {
	RecallChecks(ctx context.Context, providerName string, addresses []string) (map[string]provider.Checked, error)
	RememberChecks(ctx context.Context, providerName string, checks map[string]provider.Checked) error
}

var _ memory = (*store.People)(nil)

// Instance is one that may be asked.
type Instance struct {
	Name     string
	Pools    []string
	Provider provider.Provider
}

// Checker asks. It is safe for concurrent use.
type Checker struct {
	memory    memory
	instances []Instance
}

// New makes a Checker. There must be an instance.
func New(m memory, instances ...Instance) *Checker {
	return &Checker{memory: m, instances: instances}
}

// Check says of numbers, in digits, whether they are on WhatsApp. Numbers without an answer are missing.
// Only a remembered answer has a time: when the network was asked. The instances that would create for
// the target are asked first, the others when those cannot answer. It fails with ErrNoAnswer when no
// instance answered about any number that is not remembered.
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

// providers are the names under which answers may be remembered. What one provider was told about a
// number the other may believe: it is the network's word.
func (c *Checker) providers() []string {
	names := map[string]bool{}
	for _, i := range c.instances {
		names[i.Provider.Traits().Name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// inOrder has the instances of the target before the others.
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
