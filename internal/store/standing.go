package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/tasks"
)

// Walk reads the tasks of all lines, step by step. Only one goroutine may use it. It returns a task that stays in its
// line for the whole walk at least once.
type Walk struct {
	lines  *Lines
	left   []stretch // still to read, of the lines found so far
	cursor uint64    // of Lines.Due, for the next lines; 0 after the last ones
	begun  bool
}

// stretch is the part of one key of a line that a walk has still to read. The key holds the line's ready tasks, or
// those that are due later.
type stretch struct {
	line, key string
	cursor    uint64
}

const (
	// stretches is how many stretches one step reads, and stretchOf about how many tasks of each.
	stretches = 50
	stretchOf = 50
)

// Walk begins a walk through all lines.
func (l *Lines) Walk() *Walk { return &Walk{lines: l} }

// Next reads the next step. It returns the id and the line of each task, and no other field. After the last step it
// returns done; the call after that begins a new walk.
func (w *Walk) Next(ctx context.Context) (standing []tasks.Task, done bool, err error) {
	for len(w.left) == 0 {
		if w.begun && w.cursor == 0 {
			w.begun = false
			return nil, true, nil
		}
		due, next, err := w.lines.Due(ctx, w.cursor)
		if err != nil {
			return nil, false, err
		}
		w.cursor, w.begun = next, true
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
		return nil, false, fmt.Errorf("read the tasks in lines: %w", err)
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
