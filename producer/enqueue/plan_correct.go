package enqueue

import (
	"context"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// correct decides what CreateBatch would do with corrected rows.
func (p *planning) correct(ctx context.Context, rows []checked) error {
	if p.sum.Batch != "" && p.seen == nil {
		p.seen = map[string]bool{}
	}
	for _, row := range rows { // as in run.correct, before the search for groups of other names
		if row.err == nil && row.entry.Outcome != store.Created {
			p.note(row.entry.Group.ID)
		}
	}
	for i := range rows {
		row := &rows[i]
		if row.err != nil || row.entry.Outcome != store.Created {
			continue
		}
		if err := p.findExisting(ctx, row); err != nil {
			return err
		}
	}
	return p.compareRecorded(ctx, rows)
}

// findExisting finds the group that a row with a new name or key means, in this plan or in the store.
func (p *planning) findExisting(ctx context.Context, row *checked) error {
	e := row.entry
	twin := twinOf(e)
	if kin, known := p.related[twin]; known && e.Key != "" {
		row.kin, e.Group.ID, e.Outcome = kin, kin.id, store.Conflict
		return nil
	}
	if content, again := p.earlier[twin]; again && e.Key != "" {
		p.compareEarlier(row, content)
		return nil
	}
	if p.sum.Batch != "" {
		kin, err := p.findRelated(ctx, e.Group)
		if err != nil {
			return err
		}
		if kin.id != "" {
			if p.related == nil {
				p.related = map[string]found{}
			}
			p.related[twin] = kin
			p.note(kin.id)
			row.kin, e.Group.ID, e.Outcome = kin, kin.id, store.Conflict
			return nil
		}
	}
	row.unrecorded = true
	p.earlier[twin] = e.Content
	return nil
}

// twinOf is what rows of the same name or key have in common.
func twinOf(e *store.Entry) string { return e.Scope + "\x00" + e.Key }

// compareEarlier compares a row with an earlier row of the plan that has the same name or key.
func (p *planning) compareEarlier(row *checked, content string) {
	e := row.entry
	row.unrecorded = true
	switch {
	case content == e.Content:
		e.Outcome = store.Existed
	case p.rules.Update:
		e.Outcome, row.changes = store.Existed, &Changes{New: []string{}, Gone: []string{}, Fields: []string{}}
	default:
		code, field := codeOf(row), "groupName"
		if code == tasks.Conflict {
			field = "idempotencyKey"
		}
		row.err = tasks.NewRowError(code, field, say.Phrase{Code: say.RowEarlier})
	}
}

// compareRecorded decides the outcome of rows that differ from a recorded group.
func (p *planning) compareRecorded(ctx context.Context, rows []checked) error {
	var differ []*checked
	for i := range rows {
		if row := &rows[i]; row.err == nil && row.entry.Outcome == store.Conflict {
			differ = append(differ, row)
		}
	}
	recorded, err := p.load(ctx, differ)
	if err != nil {
		return err
	}
	for _, row := range differ {
		twin := twinOf(row.entry)
		if content, again := p.earlier[twin]; again { // an earlier row creates the group
			p.compareEarlier(row, content)
			continue
		}
		if p.compareOne(row, recorded[row.entry.Group.ID]); row.unrecorded {
			p.earlier[twin] = row.entry.Content
		}
	}
	return nil
}

func (p *planning) compareOne(row *checked, was *group.Group) {
	if was == nil { // its acceptance was interrupted: this row would complete it
		row.entry.Outcome, row.unrecorded = store.Created, true
		return
	}
	changes := compare(was, row.entry.Group, p.sum.Batch)
	switch {
	case changes.none():
		row.entry.Outcome = store.Existed
		return
	case row.replaces(was):
		row.entry.Outcome, row.unrecorded = store.Created, true
		return
	}
	var refused error
	if p.rules.Update && row.updatable(changes) {
		if _, refused = was.Extend(row.entry.Group.Members, p.sum.Batch, row.entry.Group.CreatedAt); refused == nil {
			row.changes = &changes
			return
		}
	}
	row.changes, row.err = &changes, changedError(row, was, changes, refused)
}
