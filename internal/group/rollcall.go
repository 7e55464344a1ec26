package group

import (
	"fmt"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
)

// Reading is one reading of who is in the group.
type Reading struct {
	People   []phone.Identity
	Self     phone.Identity // the instance's own number: never a stranger
	Complete bool           // false: the list is partial, so absence from it proves nothing
}

// reasonNotAddable is why somebody is missing, as far as anybody can know: the provider names no
// cause, and the privacy setting is the only documented one (facts/whatsapp.md A.3).
const reasonNotAddable = "WhatsApp did not add this person: the privacy settings leave it to contacts"

// CallRoll marks who was read in the group. With last, everybody missing from every reading is
// settled: invited if the request wants it, and never when they could be one of the people whose
// number WhatsApp hides. A partial reading settles nobody.
func (g *Group) CallRoll(r Reading, last bool, now time.Time) error {
	if g.Status != Inviting || g.Called {
		return g.refuse("call the roll")
	}
	present, strangers := g.recognise(r, now)
	if !r.Complete {
		g.Roll.Failures++
		g.UpdatedAt = now
		return nil
	}
	g.Roll.Looks++
	g.Roll.Failures = 0
	g.UpdatedAt = now
	if present < len(g.Members) && !last {
		return nil
	}
	g.Called, g.Strangers = true, strangers
	for i := range g.Members {
		if m := &g.Members[i]; m.Status == Pending {
			g.missing(m, now)
		}
	}
	g.settle(now)
	return nil
}

// RollFailed counts a reading that could not be had. When giveUp is over a person must decide.
func (g *Group) RollFailed(why string, giveUp time.Duration, now time.Time) error {
	if g.Status != Inviting || g.Called {
		return g.refuse("count a failed roll call")
	}
	g.Roll.Failures++
	g.UpdatedAt = now
	if now.Sub(g.Roll.From) >= giveUp {
		g.review(Error{
			Code:    CodeUnverifiable,
			Message: "the group exists, but who is in it could not be read: " + why,
			Remedy:  "mend the instance (worker check), then resolve --adopt " + g.WhatsAppID + " to call the roll again",
		}, now)
	}
	return nil
}

// recognise marks the members that the reading holds and learns what it tells of them. It returns
// how many members need no further reading, and how many people with a hidden number nothing ties
// to a member.
func (g *Group) recognise(r Reading, now time.Time) (settled, strangers int) {
	people := make(map[string]int, 2*len(r.People))
	for i, p := range r.People {
		for _, key := range p.Keys() {
			people[key] = i
		}
	}
	known := make([]bool, len(r.People))
	mark := func(id phone.Identity) (int, bool) {
		for _, key := range id.Keys() {
			if i, ok := people[key]; ok {
				known[i] = true
				return i, true
			}
		}
		return 0, false
	}
	mark(r.Self)
	for i := range g.Members {
		m := &g.Members[i]
		at, in := mark(m.Identity())
		if !in && m.WhatsApp != "" && m.Number != "" {
			at, in = mark(phone.Identity{Digits: m.Number.Digits()})
		}
		if in {
			m.Learn(r.People[at])
			switch {
			case m.Status == Pending, m.Status == InviteQueued && m.Invite == nil:
				m.set(Added, "", now)
			case m.Status == Invited:
				m.set(Joined, m.Reason, now)
			}
		}
		if m.Status != Pending {
			settled++
		}
	}
	for i, p := range r.People {
		if !known[i] && p.Digits == "" {
			strangers++
		}
	}
	return settled, strangers
}

// missing settles a member whom no reading held.
func (g *Group) missing(m *Member, now time.Time) {
	// Outside for certain: nobody in the group has a hidden number, or we know the LID this
	// person would show, or the provider itself names the person as left out.
	if g.Strangers > 0 && m.LID == "" && !g.leftOut(m) {
		m.set(Unidentified, fmt.Sprintf("the group holds %d people whose number WhatsApp hides; this may be one of them", g.Strangers), now)
		return
	}
	if !g.AutoInvite {
		m.set(NotAdded, reasonNotAddable, now)
		return
	}
	m.set(InviteQueued, reasonNotAddable, now)
}

// leftOut says that the provider's own answer names the member as not added.
func (g *Group) leftOut(m *Member) bool {
	mine := m.Identity().Keys()
	if m.Number != "" {
		mine = append(mine, phone.Fold(m.Number.Digits()))
	}
	for _, address := range g.NotAdded {
		for _, key := range phone.IdentityOf(address).Keys() {
			if slices.Contains(mine, key) {
				return true
			}
		}
	}
	return false
}
