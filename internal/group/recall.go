package group

import (
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// SoughtSince says that the provider's lists were read for this group after a time, or that a create
// of it was begun then.
func (g *Group) SoughtSince(t time.Time) bool {
	for i := range g.Attempts {
		if g.Attempts[i].StartedAt.After(t) {
			return true
		}
	}
	for _, s := range g.Seen {
		if s.At.After(t) && s.Error.Zero() {
			return true
		}
	}
	return false
}

// CreatedSince says that the group was created by an attempt that began after a time.
func (g *Group) CreatedSince(t time.Time) bool {
	a := g.Latest()
	return a != nil && a.Outcome == OutcomeCreated && a.StartedAt.After(t)
}

// Sought records that the lists were read before a create, because Redis may not know of an earlier
// one, and that no group in them could be this one.
func (g *Group) Sought(now time.Time) { g.saw(0, say.Phrase{}, now) }

// Recall takes a group that the lists hold as the one this request made at a time of which Redis
// knows nothing.
func (g *Group) Recall(instance string, ans Answer, now time.Time) error {
	if g.Status != Queued {
		return g.refuse("adopt a group")
	}
	g.saw(1, say.Phrase{}, now)
	g.Instance, g.Adopted = instance, true
	// The answer of its create may have come while Redis did not know of the attempt any more.
	g.Strays = slices.DeleteFunc(g.Strays, func(id string) bool { return id == ans.GroupID })
	g.exists(ans, now)
	return nil
}
