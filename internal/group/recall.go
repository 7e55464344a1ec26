package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// SoughtSince reports whether, after t, the provider's lists were read for this group or a create of
// it began.
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

// CreatedSince reports whether the group was created by an attempt that began after t.
func (g *Group) CreatedSince(t time.Time) bool {
	a := g.Latest()
	return a != nil && a.Outcome == OutcomeCreated && a.StartedAt.After(t)
}

// Sought records that the lists were read before a create, because Redis may not know of an earlier
// one, and that no group in them could be this one.
func (g *Group) Sought(now time.Time) { g.saw(0, say.Phrase{}, now) }

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
