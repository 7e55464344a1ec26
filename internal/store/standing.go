package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/tasks"
)

// Walk is a way through all lines, for one goroutine. Each task that stands in a line all the time comes once in a
// walk at least.
type Walk struct {
	lines *Lines
	left  []stretch // of the lines that were found
	found uint64    // where the next lines are looked for
	begun bool
}

// stretch is what is left of a line's tasks that are ready, or of those that come later.
type stretch struct {
	line, key string
	cursor    uint64
}

const (
	// stretches is how many of them one step reads, and stretchOf how many tasks of each, about.
	stretches = 50
	stretchOf = 50
)

// Walk begins one.
func (l *Lines) Walk() *Walk { return &Walk{lines: l} }

// Next goes a step on. At the end it returns done, and the next step begins from the start.
func (w *Walk) Next(ctx context.Context) (standing []tasks.Task, done bool, err error) {
	for len(w.left) == 0 {
		if w.begun && w.found == 0 {
			w.begun = false
			return nil, true, nil
		}
		due, next, err := w.lines.Due(ctx, w.found)
		if err != nil {
			return nil, false, err
		}
		w.found, w.begun = next, true
		for line := range due {
			w.left = append(w.left, stretch{line, readyKey(line), 0}, stretch{line, laterKey(line), 0})
		}
	}
	some := w.left[:min(stretches, len(w.left))]
	cmds, err := w.lines.each(ctx, nil, func(p redis.Pipeliner) error {
		for _, s := range some {
			p.ZScan(ctx, s.key, s.cursor, "", stretchOf)
		}
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("look who stands in line: %w", err)
	}
	var rest []stretch
	for i, cmd := range cmds {
		found, next := cmd.(*redis.ScanCmd).Val()
		for n := 0; n < len(found); n += 2 { // a score follows each
			standing = append(standing, tasks.Task{ID: taskOf(found[n]), Line: some[i].line})
		}
		if next != 0 {
			rest = append(rest, stretch{some[i].line, some[i].key, next})
		}
	}
	w.left = slices.Concat(rest, w.left[len(some):])
	return standing, false, nil
}
