package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// SoughtSince reports whether the provider's lists were read before a create of the group after t. The looks after a create
// do not count: they read the lists of one instance, and others of the pool may have made the group.
func (g *Group) SoughtSince(t time.Time) bool { return g.SoughtAt.After(t) }

// CreatedSince reports whether the group was created by an attempt that began after t.
func (g *Group) CreatedSince(t time.Time) bool {
	a := g.Latest()
	return a != nil && a.Outcome == OutcomeCreated && a.StartedAt.After(t)
}

// Sought records that the lists were read before a create, because Redis may not know of an earlier
// one, and that no group in them could be this one.
func (g *Group) Sought(now time.Time) {
	g.saw(0, say.Phrase{}, now)
	g.SoughtAt = now
}

// Recall adopts a group from the lists as the result of this request. Redis has lost the records of the time in which
// the group was made.
func (g *Group) Recall(instance string, ans Answer, now time.Time) error {
	if g.Status != Queued {
		return g.refuse("adopt a group")
	}
	g.saw(1, say.Phrase{}, now)
	g.Instance, g.Adopted = instance, true
	g.exists(ans, now)
	return nil
}
