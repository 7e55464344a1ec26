package enqueue

import (
	"context"
	"iter"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/tasks"
)

// Plan is what an input would do.
type Plan struct {
	Summary
	People People                `json:"people"`
	Places map[string]PlaceTotal `json:"places"` // by instance, or "pool:<pool>"
}

// People counts the requested people of the rows that would be created.
type People struct {
	Valid      int `json:"valid"`
	Invalid    int `json:"invalid"`
	Suppressed int `json:"suppressed"`
}

// PlaceTotal is what would wait at one instance or pool.
type PlaceTotal struct {
	Target tasks.Target `json:"-"`
	Groups int          `json:"groups"`
}

// PlanBatch says what CreateBatch would do with the same rows, and writes nothing.
func (c *Client) PlanBatch(ctx context.Context, name string, rules Rules, rows iter.Seq2[Row, error], each func(Result) error) (Plan, error) {
	p := Plan{Places: map[string]PlaceTotal{}}
	r := &run{c: c, rules: rules, each: each, sum: Summary{Batch: name}}
	seen := map[string]bool{}
	var some []checked
	flush := func() error {
		if err := r.plan(ctx, some, seen, &p); err != nil {
			return err
		}
		some = some[:0]
		return nil
	}
	for row, err := range rows {
		if err != nil {
			return p, err
		}
		if some = append(some, c.check(ctx, row, name, rules)); len(some) == together {
			if err := flush(); err != nil {
				return p, err
			}
		}
	}
	err := flush()
	p.Summary = r.sum
	return p, err
}

func (r *run) plan(ctx context.Context, rows []checked, seen map[string]bool, p *Plan) error {
	var entries []*ledger.Entry
	for _, row := range rows {
		if row.fault != nil {
			return row.fault
		}
		if row.err == nil {
			entries = append(entries, row.entry)
		}
	}
	if err := r.c.ledger.Known(ctx, entries); err != nil {
		return err
	}
	var fresh []*ledger.Entry
	for _, e := range entries {
		twin := e.Scope + "\x00" + e.Key
		if e.Outcome == ledger.Created && e.Key != "" && seen[twin] {
			e.Outcome = ledger.Existed
		}
		seen[twin] = true
		if e.Outcome == ledger.Created {
			fresh = append(fresh, e)
		}
	}
	if err := r.atTheDoor(ctx, fresh); err != nil {
		return err
	}
	for _, e := range fresh {
		t := p.Places[e.Group.Target.String()]
		t.Target = e.Group.Target
		t.Groups++
		p.Places[e.Group.Target.String()] = t
		counts := e.Group.Counts()
		p.People.Valid += counts[group.Pending]
		p.People.Invalid += counts[group.Invalid]
		p.People.Suppressed += counts[group.OptedOut]
	}
	for _, row := range rows {
		res := r.count(row)
		if res.Outcome == Created {
			res.ID = "" // it has none yet
		}
		if err := r.each(res); err != nil {
			return err
		}
	}
	return nil
}
