package store

import "github.com/rollcallhq/rollcall/tasks"

// Queues are all queues that the instance takes from: its own, and those of its pools.
func (a Announcement) Queues() []string {
	return append(a.CreateQueues(), tasks.ReadQueue(a.Name), tasks.InviteQueue(a.Name))
}

// CreateQueues are those of them that hold creates.
func (a Announcement) CreateQueues() []string { return tasks.CreateQueues(a.Name, a.Pools) }
