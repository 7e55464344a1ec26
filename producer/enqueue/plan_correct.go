package enqueue

import (
	"context"
	"hash/maphash"
	"slices"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// planned is an earlier row of the plan that creates a group.
type planned struct {
	nameless string   // the content without the names of people
	named    []uint64 // the people who have a name, see namedIn
	row      Row      // with Rules.Update, to compare later rows of the same name or key with it
}

// correct decides what CreateBatch would do with corrected rows.
func (p *planning) correct(ctx context.Context, rows []checked) error {
	if p.sum.Batch != "" && p.seen == nil {
		p.seen = map[string]bool{}
	}
	var known []*checked
	for i := range rows { // as in run.correct, before the search for groups of other names
		row := &rows[i]
		if row.err != nil || row.entry.Outcome == store.Created {
			continue
		}
		p.note(row.entry.Group.ID)
		if row.entry.Outcome == store.Conflict || p.added[row.entry.Group.ID] != nil {
			known = append(known, row)
		}
	}
	recorded, err := p.load(ctx, known)
	if err != nil {
		return err
	}
	var related []*checked
	for i := range rows {
		row := &rows[i]
		if row.err != nil {
			continue
		}
		means, err := p.findExisting(ctx, row)
		switch {
		case err != nil:
			return err
		case means:
			related = append(related, row)
		case row.held, row.unrecorded, row.err != nil:
		case row.entry.Outcome == store.Conflict, p.added[row.entry.Group.ID] != nil:
			p.compareRecorded(row, recorded[row.entry.Group.ID])
		}
	}
	if recorded, err = p.load(ctx, related); err != nil {
		return err
	}
	for _, row := range related {
		if row.err == nil {
			p.compareRecorded(row, recorded[row.entry.Group.ID])
		}
	}
	return nil
}

// findExisting decides a row that has the name or key of an earlier row of the plan, and a row that creates a group. It
// reports whether the row means a recorded group that has another name or key; such a row is still to be compared.
func (p *planning) findExisting(ctx context.Context, row *checked) (means bool, err error) {
	e := row.entry
	twin := twinOf(e)
	if e.Key != "" {
		kin, known := p.related[twin]
		first, again := p.earlier[twin]
		switch {
		case known:
			row.kin, e.Group.ID, e.Outcome = kin, kin.id, store.Conflict
			return true, nil
		case again:
			p.compareEarlier(ctx, row, first)
			return false, nil
		}
	}
	var kin found
	if p.sum.Batch != "" && e.Outcome == store.Created {
		if kin, err = p.findRelated(ctx, e.Group); err != nil {
			return false, err
		}
	}
	switch {
	case p.sum.Batch != "" && p.waiting.hold(row, kin.id != ""):
		return false, nil
	case kin.id != "":
		if p.related == nil {
			p.related = map[string]found{}
		}
		p.related[twin] = kin
		p.note(kin.id)
		row.kin, e.Group.ID, e.Outcome = kin, kin.id, store.Conflict
		return true, nil
	case e.Outcome == store.Created:
		p.create(row)
	}
	return false, nil
}

// create notes that a row would create its group.
func (p *planning) create(row *checked) {
	row.entry.Outcome, row.unrecorded = store.Created, true
	first := planned{nameless: nameless(row.entry), named: p.namedIn(row.entry.Group)}
	if p.rules.Update {
		first.row = row.read()
	}
	p.earlier[twinOf(row.entry)] = first
}

// nameless returns the content of a request without the names of its people.
func nameless(e *store.Entry) string {
	named := func(m group.Member) bool { return m.Name != "" }
	if !slices.ContainsFunc(e.Group.Members, named) {
		return e.Content
	}
	g := *e.Group
	g.Members = slices.Clone(g.Members)
	for i := range g.Members {
		g.Members[i].Name = ""
	}
	return operate.EntryOf(&g, "").Content
}

// namedIn returns a hash of each person who has a name, together with the name. They are sorted.
func (p *planning) namedIn(g *group.Group) []uint64 {
	var named []uint64
	for i := range g.Members {
		m := &g.Members[i]
		if keys := m.Identity().Keys(); m.Name != "" && len(keys) > 0 {
			named = append(named, maphash.String(p.seed, keys[0]+"\x00"+m.Name))
		}
	}
	slices.Sort(named)
	return named
}

// repeats reports whether a row asks for what an earlier row asks for. The row may leave out names of people, because
// a group keeps the names that it has.
func (p *planning) repeats(row *checked, first planned) bool {
	return first.nameless == nameless(row.entry) && !slices.ContainsFunc(p.namedIn(row.entry.Group), func(person uint64) bool {
		_, same := slices.BinarySearch(first.named, person)
		return !same
	})
}

// twinOf returns the same text for rows of the same name or key.
func twinOf(e *store.Entry) string { return e.Scope + "\x00" + e.Key }

// compareEarlier compares a row with the earlier row of the plan that creates its group.
func (p *planning) compareEarlier(ctx context.Context, row *checked, first planned) {
	twin := twinOf(row.entry)
	row.entry.Outcome, row.unrecorded = store.Existed, true
	if p.added[twin] == nil && p.repeats(row, first) {
		return
	}
	if p.rules.Update {
		if was := p.c.check(ctx, first.row, p.sum.Batch, p.rules).entry; was != nil {
			if changes, _ := p.update(row, was.Group, twin); changes.none() || row.changes != nil {
				return
			}
		}
	}
	code, field := codeOf(row), "groupName"
	if code == tasks.Conflict {
		field = "idempotencyKey"
	}
	row.err = tasks.NewRowError(code, field, say.Phrase{Code: say.RowEarlier})
}

// compareRecorded decides a row that differs from a recorded group, or whose group an earlier row would change.
func (p *planning) compareRecorded(row *checked, was *group.Group) {
	if was == nil { // its acceptance was interrupted: this row would complete it
		p.create(row)
		return
	}
	changes, refused := p.update(row, was, was.ID)
	switch {
	case changes.none():
		row.entry.Outcome = store.Existed
	case row.changes != nil:
	case row.replaces(was):
		p.create(row)
	default:
		row.changes, row.err = &changes, changedError(row, was, changes, refused)
	}
}

// update returns how a row differs from its group. With Rules.Update it also changes the group as the run would, and
// stores the changes in the row. under is the key of the group in added.
func (p *planning) update(row *checked, was *group.Group, under string) (changes Changes, refused error) {
	e := row.entry
	for _, people := range p.added[under] {
		if _, err := was.Extend(people, p.sum.Batch, e.Group.CreatedAt); err != nil {
			return Changes{}, err
		}
		was.Rename(people, e.Group.CreatedAt)
	}
	changes = compare(was, e.Group, p.sum.Batch)
	if !p.rules.Update || !row.updatable(changes) || row.replaces(was) {
		return changes, nil
	}
	people := was.Newcomers(e.Group.Members)
	if slices.Contains(changes.Fields, operate.FieldNames) {
		people = e.Group.Members
	}
	if _, refused = was.Extend(people, p.sum.Batch, e.Group.CreatedAt); refused != nil {
		return changes, refused
	}
	was.Rename(people, e.Group.CreatedAt)
	if p.added == nil {
		p.added = map[string][][]group.Member{}
	}
	p.added[under] = append(p.added[under], people)
	row.changes = &changes
	return changes, nil
}
