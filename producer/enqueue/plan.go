package enqueue

import (
	"context"
	"errors"
	"hash/maphash"
	"iter"
	"maps"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// Plan is what an input would do.
type Plan struct {
	Summary
	// Pending is how many people of the new groups would be added or invited.
	Pending int                   `json:"-"`
	Places  map[string]PlaceTotal `json:"places"` // by instance, or "pool:<pool>"
}

// Numbers says which of the valid people are on WhatsApp.
type Numbers struct {
	OnWhatsApp    int `json:"onWhatsApp"`
	NotOnWhatsApp int `json:"notOnWhatsApp"`
	Unknown       int `json:"unknown"` // no instance could tell
	// Remembered is how many of the first two counts come from stored answers, which may be outdated.
	// RememberedSince is the time of the oldest; nil for none.
	Remembered      int        `json:"remembered"`
	RememberedSince *time.Time `json:"rememberedSince"`
}

// NumberCheck checks whether numbers, as digits without a plus, are on WhatsApp, through an instance of target. Numbers
// without an answer are missing from the result.
type NumberCheck func(ctx context.Context, target tasks.Target, numbers []string) (map[string]NumberAnswer, error)

// NumberAnswer is the result of a number check.
type NumberAnswer struct {
	OnWhatsApp bool
	// RememberedSince is the time of a stored answer; zero for a new one.
	RememberedSince time.Time
}

// PlaceTotal counts the groups that would wait at one instance or pool.
type PlaceTotal struct {
	Target tasks.Target `json:"-"`
	Groups int          `json:"groups"`
	// Priorities are the groups by priority, and NotBefore when the last of them may begin.
	Priorities map[tasks.Priority]int `json:"-"`
	NotBefore  time.Time              `json:"-"`
}

// PlanBatch returns what CreateBatch would do with the same rows, and writes nothing. A check that is not nil is
// called for the people's numbers. Memory grows with the input: the plan keeps the key and a digest of each group, and
// 8 bytes for each person who has a name. With a check it also keeps each number, and with Rules.Update the rows of new
// groups.
func (c *Client) PlanBatch(ctx context.Context, name string, rules Rules, rows iter.Seq2[Row, error], each func(Result) error, check NumberCheck) (Plan, error) {
	p := planning{
		run:  newRun(c, name, rules, each),
		plan: Plan{Places: map[string]PlaceTotal{}}, earlier: map[string]planned{}, seed: maphash.MakeSeed(), check: check,
	}
	if err := wrongName(name); err != nil {
		return p.plan, err
	}
	if check != nil {
		p.sum.People.Numbers, p.known = &Numbers{}, map[string]NumberAnswer{}
	}
	var some []checked
	weight := 0
	flush := func() error {
		err := p.planRows(ctx, some)
		clear(some)
		some, weight = some[:0], 0
		return err
	}
	for row, err := range rows {
		if err != nil {
			return p.plan, err
		}
		some = append(some, c.check(ctx, row, name, rules))
		if weight += weigh(row.Request); len(some) == chunkRows || weight >= chunkBytes {
			if err := flush(); err != nil {
				return p.plan, err
			}
			if p.waiting.full() {
				if err := p.planWaiting(ctx); err != nil {
					return p.plan, err
				}
			}
		}
	}
	err := flush()
	if err == nil {
		err = p.planWaiting(ctx)
	}
	p.countPeople()
	p.plan.Summary = p.sum
	return p.plan, err
}

// planning is one call of PlanBatch.
type planning struct {
	*run

	plan      Plan
	earlier   map[string]planned          // by scope and key
	seed      maphash.Seed                // of namedIn
	added     map[string][][]group.Member // what earlier rows would change: by id of a recorded group, otherwise by scope and key
	check     NumberCheck
	known     map[string]NumberAnswer // answers of check so far, by number
	endedRead bool                    // findEnded has read the batch
}

// planWaiting plans the rows that wait.
func (p *planning) planWaiting(ctx context.Context) error {
	p.waiting.decide = true
	defer func() { p.waiting.decide = false }()
	for rows := range chunks(p.waiting.take()) {
		if err := p.planRows(ctx, p.checkAll(ctx, rows)); err != nil {
			return err
		}
	}
	return nil
}

// planRows plans some rows and reports each of them that does not wait.
func (p *planning) planRows(ctx context.Context, rows []checked) error {
	var entries []*store.Entry
	for _, row := range rows {
		if row.fault != nil {
			return row.fault
		}
		if row.err == nil {
			entries = append(entries, row.entry)
		}
	}
	if err := p.c.store.Records.Known(ctx, entries); err != nil {
		return err
	}
	refuseUnreadable(rows)
	if err := p.refuseForeign(ctx, rows); err != nil {
		return err
	}
	if err := p.correct(ctx, rows); err != nil {
		return err
	}
	rows = present(rows)
	fresh := fresh(rows)
	if err := p.findEnded(ctx, len(fresh)); err != nil {
		return err
	}
	p.warnEnded(rows)
	for _, e := range fresh {
		p.sum.People.Suppressed += markSuppressed(e)
		p.countPlace(e.Group)
	}
	if err := p.checkNumbers(ctx, fresh); err != nil {
		return err
	}
	for _, row := range rows {
		res := p.count(row)
		if row.unrecorded {
			res.ID = "" // the group does not exist yet
		}
		if err := p.each(res); err != nil {
			return err
		}
	}
	return nil
}

// findEnded reads once whether the latest batch of the name has ended, so that new groups would begin another one.
func (p *planning) findEnded(ctx context.Context, fresh int) error {
	if fresh == 0 || p.sum.Batch == "" || p.endedRead {
		return nil
	}
	p.endedRead = true
	id, err := p.latest(ctx)
	if err != nil || id == "" {
		return err
	}
	b, err := p.c.store.Index.Batch(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err == nil && !b.FinishedAt.IsZero() && p.mayRead(b):
		p.ended = id
	}
	return err
}

// countPlace counts a group that would be created.
func (p *planning) countPlace(g *group.Group) {
	t := p.plan.Places[g.Target.String()]
	if t.Priorities == nil {
		t.Target, t.Priorities = g.Target, map[tasks.Priority]int{}
	}
	t.Groups++
	t.Priorities[g.Priority]++
	if g.NotBefore.After(t.NotBefore) {
		t.NotBefore = g.NotBefore
	}
	p.plan.Places[g.Target.String()] = t
	p.plan.Pending += g.Counts()[group.Pending]
}

// checkNumbers counts which people of some groups are on WhatsApp. It checks each number once.
func (p *planning) checkNumbers(ctx context.Context, entries []*store.Entry) error {
	if p.check == nil {
		return nil
	}
	asking := map[tasks.Target][]string{}
	pending := map[string]bool{}
	var people []string
	for _, e := range entries {
		for i := range e.Group.Members {
			m := &e.Group.Members[i]
			if m.Status != group.Pending {
				continue
			}
			number := m.Identity().Digits
			people = append(people, number)
			if _, known := p.known[number]; number != "" && !known && !pending[number] {
				pending[number] = true
				asking[e.Group.Target] = append(asking[e.Group.Target], number)
			}
		}
	}
	for target, numbers := range asking {
		answers, err := p.check(ctx, target, numbers)
		if err != nil {
			return err
		}
		maps.Copy(p.known, answers)
	}
	n := p.sum.People.Numbers
	for _, number := range people {
		answer, known := p.known[number]
		switch {
		case !known:
			n.Unknown++
			continue
		case answer.OnWhatsApp:
			n.OnWhatsApp++
		default:
			n.NotOnWhatsApp++
		}
		if since := answer.RememberedSince; !since.IsZero() {
			n.Remembered++
			if n.RememberedSince == nil || since.Before(*n.RememberedSince) {
				n.RememberedSince = &since
			}
		}
	}
	return nil
}
