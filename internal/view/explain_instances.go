package view

import (
	"fmt"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// mostExplained is how many instances of a pool are told one by one.
const mostExplained = 10

func unknownInstance(name string) error {
	return fmt.Errorf("instance %q: %w", name, store.ErrNotFound)
}

// serving tells of each instance that may take a group how it stands, and what opens those that are
// shut when none of them is open.
func (e *explainer) serving(t tasks.Target) {
	names := e.of(t)
	if len(names) == 0 {
		e.fact("instances", "no worker has announced %s", targetText(t))
		e.do("Start a worker that serves "+targetText(t)+", or ask for the group anew with another.", "rollcall-worker run", "")
		return
	}
	for n, name := range names {
		if n == mostExplained {
			e.fact("instances", "and %d more", len(names)-n)
			break
		}
		i := e.instances[name]
		e.calls(i, pacing.Create, "create")
		e.lastError(i)
	}
	if e.obstacle(t).Zero() {
		return
	}
	for n, name := range names {
		if n == mostExplained {
			return
		}
		e.open(e.instances[name])
	}
}

// calls tells when an instance may make its next call of a kind, and what holds it.
func (e *explainer) calls(i *seat, kind pacing.Kind, what string) {
	view, pace := i.view(kind), i.paceOf(kind)
	text := fmt.Sprintf("%s: %s, %d today", i.Name, rhythm(pace), view.Today)
	if why := e.shut(i, kind); !why.Zero() {
		text += "; shut: " + why.String()
	} else if view.Reason != "" {
		text += fmt.Sprintf("; the next %s at %s, after %s", what, clockText(view.Next), heldFor(view.Reason))
	} else {
		text += fmt.Sprintf("; the next %s may be made now", what)
	}
	e.fact(what+"s", "%s", text)
}

func (e *explainer) lastError(i *seat) {
	if i.LastError != "" {
		e.fact("last error", "%s at %s: %s", i.Name, clockText(i.ErrorAt), i.LastError)
	}
}
