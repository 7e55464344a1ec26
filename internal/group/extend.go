package group

import (
	"fmt"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Newcomers returns the usable people of a list who are not in the group under any of their addresses.
func (g *Group) Newcomers(people []Member) []Member {
	have := g.people()
	var fresh []Member
	for i := range people {
		if m := &people[i]; m.usable() && !have.Has(m.Identity()) {
			have.Add(m.Identity())
			fresh = append(fresh, *m)
		}
	}
	return fresh
}

// people returns the set of usable members, under every known address.
func (g *Group) people() phone.Set {
	have := make(phone.Set, 2*len(g.Members))
	for i := range g.Members {
		if m := &g.Members[i]; m.usable() {
			have.Add(m.Identity())
			have.Add(m.Number.Identity())
		}
	}
	return have
}

// MemberOf returns the member whom an address names, or nil.
func (g *Group) MemberOf(who phone.Identity) *Member {
	for i := range g.Members {
		if m := &g.Members[i]; m.usable() && m.Is(who) {
			return m
		}
	}
	return nil
}

// Copied returns a copy of a group, with members and askers of its own.
func (g *Group) Copied() *Group {
	c := *g
	c.Members, c.Askers = append([]Member(nil), g.Members...), append([]Asker(nil), g.Askers...)
	return &c
}

// usable reports whether a member has an address.
func (m *Member) usable() bool { return !m.Identity().Zero() }

// Extend adds the people of a list who are not in the group, and returns how many there were. by says which file or
// person asked for them. People who were already requested keep their state. A queued group is created with the new
// people. In a group that exists they are late, and a group that was done is inviting again until they have ended.
func (g *Group) Extend(people []Member, by string, now time.Time) (int, error) {
	fresh := g.Newcomers(people)
	if len(fresh) == 0 {
		return 0, nil
	}
	if g.Status != Queued && g.Status != Inviting && g.Status != Done {
		return 0, fmt.Errorf("%w: %s", g.refuse("add people"), BeforeExtending(g.Status).Said(say.Voice{}))
	}
	n := len(fresh)
	for i := range g.Members {
		if g.Members[i].usable() {
			n++
		}
	}
	if n > tasks.MaxPeople {
		return 0, fmt.Errorf("add %d people: %w", len(fresh), ErrFull)
	}
	pending := false
	for _, m := range fresh {
		m.AskedBy, m.AskedAt, m.UpdatedAt, m.Late = by, now, now, g.Exists()
		if r := g.RequestOf(m.Identity()); r != nil { // the person asked to join before being requested
			m.Request = &JoinRequest{At: r.At, Method: r.Method, Answer: r.Answer}
			g.dropAskers(m.Is)
		}
		pending = pending || m.Status == Pending
		g.Members = append(g.Members, m)
	}
	g.UpdatedAt = now
	if g.Status == Done && pending {
		g.move(Inviting, now)
	}
	return len(fresh), nil
}

// Correct is Extend with the new people of a corrected row. They take the places of unusable entries that the
// row no longer has. The other members keep their indexes, by which tasks name them.
func (g *Group) Correct(row, fresh []Member, by string, now time.Time) error {
	n, err := g.Extend(fresh, by, now)
	if err != nil {
		return err
	}
	kept := map[string]bool{}
	for i := range row {
		kept[row[i].Input] = true
	}
	old := len(g.Members) - n
	for i := range old {
		if m := &g.Members[i]; len(g.Members) > old && !m.usable() && !kept[m.Input] {
			*m = g.Members[old]
			g.Members = slices.Delete(g.Members, old, old+1)
		}
	}
	return nil
}

// BeforeExtending says what a person must do first if the status of a group does not allow adding people.
func BeforeExtending(s Status) say.Code {
	switch s {
	case Creating, Verifying:
		return say.ExtendLater
	case Review:
		return say.ExtendReview
	default:
		return say.ExtendRetry
	}
}

// Rename gives the group's members their names from a list, and returns how many differed. A person without
// a name in the list keeps the old one.
func (g *Group) Rename(people []Member, now time.Time) int {
	named := make(map[string]string)
	for i := range people {
		if m := &people[i]; m.Name != "" && m.usable() {
			for _, key := range m.Identity().Keys() {
				named[key] = m.Name
			}
		}
	}
	changed := 0
	for i := range g.Members {
		m := &g.Members[i]
		for _, key := range append(m.Identity().Keys(), m.Number.Identity().Keys()...) {
			if name, ok := named[key]; ok && name != m.Name {
				m.Name = name
				changed++
			}
		}
	}
	if changed > 0 {
		g.UpdatedAt = now
	}
	return changed
}

// Replace notes that a corrected row takes the place of a group that certainly does not exist: that group is never
// tried again. by is the id of the row's own group; another call with the same id changes nothing.
func (g *Group) Replace(by string, now time.Time) error {
	switch {
	case g.ReplacedBy == by:
		return nil
	case g.ReplacedBy != "":
		return ErrReplaced
	case !g.Replaceable():
		return g.refuse("replace")
	}
	g.ReplacedBy, g.UpdatedAt = by, now
	return nil
}

// Replaceable reports whether a corrected row may take the group's place: it certainly does not exist.
func (g *Group) Replaceable() bool {
	return !g.Exists() && len(g.Strays) == 0 && !g.undecided() && (g.Status == Failed || g.Status == Cancelled)
}
