package audit

import (
	"context"
	"sync"
)

// maxSubjects is the maximum of subjects that an entry names. Further subjects get further entries.
const maxSubjects = 100

// gather collects actions on many things, so that a retry of ten thousand groups makes a hundred entries and not
// ten thousand.
type gather struct {
	log *Log
	ctx context.Context // holds the actor of all that is gathered

	mu    sync.Mutex
	order []gathered
	held  map[gathered]About
}

// gathered is what the actions of one entry have in common.
type gathered struct {
	what   Action
	result Result
	detail string // in English
}

type gatherKey struct{}

func gatherOf(ctx context.Context) *gather {
	g, _ := ctx.Value(gatherKey{}).(*gather)
	return g
}

// Gather records together what is done under the context that it returns: one entry for each hundred things with
// the same action, result and detail. flush writes what is left, and must be called.
func (l *Log) Gather(ctx context.Context) (within context.Context, flush func()) {
	if l == nil {
		return ctx, func() {}
	}
	g := &gather{log: l, ctx: ctx, held: map[gathered]About{}}
	return context.WithValue(ctx, gatherKey{}, g), g.flush
}

func (g *gather) add(what Action, result Result, about About) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := gathered{what, result, about.Detail.String()}
	held, known := g.held[key]
	if !known {
		g.order = append(g.order, key)
	}
	held.Detail, held.Subjects = about.Detail, append(held.Subjects, about.Subjects...)
	g.held[key] = held
	if len(held.Subjects) >= maxSubjects {
		g.write(key)
	}
}

func (g *gather) flush() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, key := range g.order {
		if len(g.held[key].Subjects) > 0 {
			g.write(key)
		}
	}
	g.order, g.held = nil, map[gathered]About{}
}

func (g *gather) write(key gathered) {
	g.log.write(g.ctx, entry(g.ctx, key.what, g.held[key], key.result), 0)
	g.held[key] = About{}
}
