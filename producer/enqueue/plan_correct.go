package enqueue

import (
	"context"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// correct says of corrected rows what CreateBatch would make of them.
func (p *planning) correct(ctx context.Context, rows []checked) error {
	if p.sum.Batch != "" && p.seen == nil {
		p.seen = map[string]bool{}
	}
	for i := range rows {
		row := &rows[i]
		if row.err != nil {
			continue
		}
		if err := p.meet(ctx, row); err != nil {
			return err
		}
	}
	return p.judge(ctx, rows)
}

// meet finds the group that a row means, among those of this plan and those that are recorded.
func (p *planning) meet(ctx context.Context, row *checked) error {
	e := row.entry
	twin := e.Scope + "\x00" + e.Key
	if e.Outcome != store.Created {
		p.note(e.Group.ID)
		return nil
	}
	if kin, known := p.related[twin]; known && e.Key != "" {
		row.kin, e.Group.ID, e.Outcome = kin, kin.id, store.Conflict
		return nil
	}
	if content, again := p.earlier[twin]; again && e.Key != "" {
		row.unborn = true
		return p.again(row, content)
	}
	if p.sum.Batch != "" {
		kin, err := p.relative(ctx, e.Group)
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
	row.unborn = true
	p.earlier[twin] = e.Content
	return nil
}

// again judges a row of the same name or key as an earlier one of the plan.
func (p *planning) again(row *checked, content string) error {
	e := row.entry
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
	return nil
}

// judge says of rows that differ from a recorded group what would become of them.
func (p *planning) judge(ctx context.Context, rows []checked) error {
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
		p.judgeOne(row, recorded[row.entry.Group.ID])
	}
	return nil
}

func (p *planning) judgeOne(row *checked, was *group.Group) {
	if was == nil { // its acceptance was cut: it is made whole
		row.entry.Outcome, row.unborn = store.Created, true
		return
	}
	changes := compare(was, row.entry.Group, p.sum.Batch)
	switch {
	case changes.none():
		row.entry.Outcome = store.Existed
		return
	case row.replaces(was):
		row.entry.Outcome, row.unborn = store.Created, true
		return
	}
	var refused error
	if p.rules.Update && row.updatable(changes) {
		if _, refused = was.Extend(row.entry.Group.Members, p.sum.Batch, row.entry.Group.CreatedAt); refused == nil {
			row.changes = &changes
			return
		}
	}
	row.changes, row.err = &changes, changedError(codeOf(row), was, changes, row.entry.Group.Name, refused)
}
