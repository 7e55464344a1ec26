package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Pool is the configuration that applies to the groups of a pool.
type Pool struct {
	Setup       tasks.Setup
	Always      []phone.Number // the staff in each of its groups
	InviteStaff bool
	// Organisation is what messages call the sender, InviteMessage the text of invitations; "" where the
	// pool has none of its own.
	Organisation, InviteMessage string
}

// NewSetup returns the set-up that a request asks for, or nil if it asks for none.
func NewSetup(asked tasks.Setup, now time.Time) *Setup {
	if asked.Zero() {
		return nil
	}
	s := &Setup{Asked: asked, Want: asked}
	s.plan(now)
	return s
}

// Equip applies the pool's configuration: values that the request leaves open, and the staff, who become
// members. It does so once, before the first create.
func (g *Group) Equip(p Pool, now time.Time) {
	if g.Status != Queued || g.Setup != nil && g.Setup.Equipped {
		return
	}
	if g.Setup == nil {
		g.Setup = &Setup{}
	}
	s := g.Setup
	s.Equipped, s.InviteStaff, s.Want = true, p.InviteStaff, s.Asked.Or(p.Setup)
	s.plan(now)
	usable := 0
	for i := range g.Members {
		if g.Members[i].usable() {
			usable++
		}
	}
	staff := make([]Member, len(p.Always))
	for i, n := range p.Always {
		staff[i] = Member{Number: n, Input: n.E164(), Status: Pending, Staff: true, UpdatedAt: now}
	}
	for _, m := range g.Newcomers(staff) {
		if usable++; usable > tasks.MaxPeople {
			m.set(NotAdded, say.Phrase{Code: say.StaffNoRoom, N: tasks.MaxPeople}, now)
		}
		g.Members = append(g.Members, m)
	}
	g.UpdatedAt = now
}

// unequip undoes Equip for a group that goes to another pool.
func (g *Group) unequip(now time.Time) {
	if g.Setup == nil || !g.Setup.Equipped {
		return
	}
	own := g.Members[:0:0]
	for i := range g.Members {
		if !g.Members[i].Staff {
			own = append(own, g.Members[i])
		}
	}
	g.Members, g.Setup = own, NewSetup(g.Setup.Asked, now)
}

// plan makes the steps that lead to what is wanted.
func (s *Setup) plan(now time.Time) {
	s.Steps = nil
	wants := map[StepName]bool{
		StepPhoto: s.Want.Photo != "", StepDescription: s.Want.Description != "", StepWelcome: s.Want.WelcomeMessage != "",
		StepAdmins: s.Want.Admins != nil,
	}
	s.Want.Settings.Each(func(string, bool) { wants[StepSettings] = true })
	for _, name := range StepNames {
		if wants[name] {
			s.Steps = append(s.Steps, SetupStep{Name: name, Status: StepWanted, UpdatedAt: now})
		}
	}
}
