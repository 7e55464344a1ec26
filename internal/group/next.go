package group

import (
	"time"

	"github.com/rollcallhq/rollcall/tasks"
)

// Schedule is when a group is read after its create.
type Schedule struct {
	VerifyLooks []time.Duration // counted from the end of a create whose outcome is unknown
	RollLooks   []time.Duration // counted from the end of a create that made the group
	JoinLooks   []time.Duration // counted from each invitation
	// Leaves says that every group is read at JoinLooks, counted from its create, so that the worker
	// notices a departure also where no person was invited and no webhook tells of it.
	Leaves bool
}

// Next returns the tasks that must be on the queue for a group: none for a group in review or one that will not change.
// A caller may enqueue them again, because equal tasks have equal ids.
func (l Schedule) Next(g *Group) []tasks.Task {
	switch g.Status {
	case Queued, Creating:
		t := tasks.Create(g.ID, g.Round, g.Target, g.Priority)
		t.At = g.NotBefore
		return []tasks.Task{t}
	case Verifying:
		return []tasks.Task{tasks.Verify(g.ID, g.Latest().N, g.Verify.At(l.VerifyLooks, g.Verify.Looks))}
	case Inviting:
		if !g.Called {
			return []tasks.Task{tasks.RollCall(g.ID, g.Roll.At(l.RollLooks, g.Roll.Looks))}
		}
		if g.Held() {
			return append(g.NextSetup(), g.NextReading()...)
		}
		paced := g.NextSetup()
		for i := range g.Members {
			switch m := &g.Members[i]; {
			case m.toAdd():
				paced = append(paced, tasks.Add(g.ID, i, g.Instance))
			case m.Status == InviteQueued:
				paced = append(paced, tasks.Invite(g.ID, i, g.Instance))
			}
		}
		return append(paced, g.NextReading()...)
	case Done:
		return append(g.NextSetup(), g.NextReading()...)
	default:
		return nil
	}
}
