package store

import "github.com/rollcallhq/rollcall/tasks"

// CreateLines returns the lines from which the instance creates, most urgent first.
func (a Announcement) CreateLines() []string { return tasks.CreateLines(a.Name, a.Pools) }
