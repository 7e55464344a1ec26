package sweep

import (
	"context"
	"errors"
	"slices"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/tasks"
)

// lines removes the tasks in lines that no group needs, for example after a crash between the end of a group and the
// removal of its task. It continues where the last pass stopped.
func (s *Sweeper) lines(ctx context.Context) error {
	var faults []error
	for seen := 0; seen < perPass; {
		standing, done, err := s.walk.Next(ctx)
		if err != nil || done {
			return errors.Join(append(faults, err)...)
		}
		seen += len(standing)
		faults = append(faults, s.needless(ctx, standing))
	}
	return errors.Join(faults...)
}

// needless removes tasks in lines that their groups do not need.
func (s *Sweeper) needless(ctx context.Context, standing []tasks.Task) error {
	groups, unreadable, err := s.Store.Records.LoadEach(ctx, groupsOf(standing))
	if err != nil {
		return err
	}
	needs := make(map[string]func(tasks.Task) bool, len(groups))
	for _, g := range groups {
		needs[g.ID] = s.needed(g)
	}
	var faults []error
	for _, t := range standing {
		id := tasks.GroupOf(t.ID)
		if unreadable[id] != nil || needs[id] != nil && needs[id](t) {
			continue
		}
		switch err := s.Queue.Remove(ctx, t); {
		case errors.Is(err, queue.ErrActive): // the step of the task finds nothing to do
		case err != nil:
			faults = append(faults, err)
		default:
			s.Log.Info().EmbedObject(event.NeedlessTaskRemoved).Str("task", t.ID).Str("group", id).Str("line", t.Line).Msg("needless task removed")
		}
	}
	return errors.Join(faults...)
}

// needed returns a function that reports whether a group needs a task. While people are being added and invited, it
// reports true for every task, because their tasks change with each person.
func (s *Sweeper) needed(g *group.Group) func(tasks.Task) bool {
	if g.Status == group.Inviting {
		return func(tasks.Task) bool { return true }
	}
	next := s.Schedule.Next(g)
	return func(t tasks.Task) bool {
		return slices.ContainsFunc(next, func(one tasks.Task) bool { return tasks.SameWork(one.ID, t.ID) })
	}
}

// groupsOf returns the ids of the groups of some tasks, each once.
func groupsOf(ts []tasks.Task) []string {
	var ids []string
	known := make(map[string]bool, len(ts))
	for _, t := range ts {
		if id := tasks.GroupOf(t.ID); !known[id] {
			known[id], ids = true, append(ids, id)
		}
	}
	return ids
}
