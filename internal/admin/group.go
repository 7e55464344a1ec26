package admin

import (
	"net/http"
	"time"

	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/faults"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
)

// groupView is the page of one group.
type groupView struct {
	Group   group.Document
	Batch   string // the batch's name
	Line    []moment
	Setup   []setupLine
	Calls   []call
	Joins   []joinLine
	People  []person
	Clear   bool // numbers are shown unmasked
	Fault   *faultLine
	Command []command
	Notices []noticeLine
	Review  *reviewCase
	Can     abilities
}

// abilities says what the group's state allows.
type abilities struct{ Cancel, Retry, Resolve, Recreate, Edit, TakeLate bool }

// person is one member as this visitor may see them.
type person struct {
	Phone, Input string
	Name         string
	Staff, Admin bool
	Status       group.MemberStatus
	Reason       say.Phrase
	Request      *group.JoinRequest
	Proposed     bool // a member of the group made the request
	At           time.Time
	AskedBy      string // which file or person added this member later
	AskedAt      time.Time
}

func (p *Page) group(v *visit) error { return p.showGroup(v, false) }

// showPhones shows a group with its people's numbers, and writes that to the audit log. It is a POST, so that no link
// and no reload shows them.
func (p *Page) showPhones(v *visit) error { return p.showGroup(v, true) }

func (p *Page) showGroup(v *visit, inClear bool) error {
	ctx := v.ctx()
	g, err := p.Store.Records.Load(ctx, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	docs, err := v.shown().Describe(ctx, []*group.Group{g})
	if err != nil {
		return err
	}
	if inClear {
		v.saw("/groups/"+g.ID, g.ID)
	}
	view := groupView{
		Group: docs[0], Clear: inClear, Line: timeline(v.tongue(), g, docs[0], v.now), Setup: setupOf(g, v.now), Calls: callsOf(g, v.tongue().voice(v.now)), People: peopleOf(g, inClear, v.who.Role >= auth.Operator),
		Command: commandsFor(v, docs[0].ID, abilitiesOf(g, v.now)), Can: abilitiesOf(g, v.now),
	}
	if g.BatchID != "" {
		if b, err := p.Store.Index.Batch(ctx, g.BatchID); err == nil {
			view.Batch = b.Name
		}
	}
	if f := faultOf(g, v.tongue().voice(v.now)); f != nil {
		view.Fault = f
	}
	if g.Status == group.Review {
		c := v.caseOf(g, docs[0])
		view.Review = &c
	}
	if view.Joins, err = p.joinsOf(ctx, g, inClear); err != nil {
		return err
	}
	if !v.bound() { // webhook events concern the whole installation
		if view.Notices, err = p.noticesAbout(ctx, g.ID); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, say.Words(g.Name), view)
}

func abilitiesOf(g *group.Group, now time.Time) abilities {
	again := !g.Overdue(now)
	_, refused := g.Correction()
	return abilities{
		Edit: refused == nil, Cancel: g.Status == group.Queued, Retry: again && g.ReplacedBy == "" && !g.Exists() && !faults.Corrigible(faults.Of(g)) && (g.Status == group.Failed || g.Status == group.Cancelled),
		Resolve: g.Status == group.Review, Recreate: again && g.Status == group.Review && !g.Exists(),
		TakeLate: g.TakesLate(now),
	}
}

// peopleOf returns the members as a visitor may see them. Without named, names are masked like numbers.
func peopleOf(g *group.Group, inClear, named bool) []person {
	people := make([]person, len(g.Members))
	for i := range g.Members {
		m := &g.Members[i]
		people[i] = person{
			Phone: m.Number.String(), Input: phone.MaskTyped(m.Input), Name: m.Name, Staff: m.Staff, Admin: m.Admin, Status: m.Status, Reason: m.Reason, Request: m.Request,
			Proposed: m.Request != nil && m.Request.Method == group.ByMember, At: m.UpdatedAt, AskedBy: m.AskedBy, AskedAt: m.AskedAt,
		}
		if !named {
			people[i].Name = phone.MaskName(m.Name)
		}
		if m.Number == "" {
			people[i].Phone = people[i].Input
		}
		if inClear {
			people[i].Phone, people[i].Input = m.Number.E164(), m.Input
			if m.Number == "" {
				people[i].Phone = m.Input
			}
		}
	}
	return people
}

func faultOf(g *group.Group, words say.Voice) *faultLine {
	if g.Error == nil {
		return nil
	}
	line := faultLineOf(fault{Key: faultKey(g)})
	line.Sample = words.Say(wordsOf(g))
	return &line
}
