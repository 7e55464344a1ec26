package enqueue

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// correct handles rows with a known name or key, and rows with a new name that mean a group of the batch:
// none of them makes a second group. A row replaces a group that certainly does not exist on WhatsApp, or
// whose acceptance was interrupted. Other rows are compared once their group is recorded.
func (r *run) correct(ctx context.Context, rows []checked) error {
	if r.sum.Batch != "" && r.seen == nil {
		r.seen = map[string]bool{}
	}
	var differ []*checked
	fresh := map[string]bool{}
	for i := range rows {
		row := &rows[i]
		if row.err != nil {
			continue
		}
		id := row.entry.Group.ID
		switch {
		case row.entry.Outcome == store.Created:
			fresh[id] = true
		case fresh[id] || r.isInFlight(id): // an earlier row of this run creates the group
		default:
			r.note(id)
			if row.entry.Outcome == store.Conflict {
				differ = append(differ, row)
			}
		}
	}
	if err := r.replace(ctx, rows, differ); err != nil {
		return err
	}
	if err := r.relate(ctx, rows); err != nil {
		return err
	}
	r.markDiffering(rows)
	return nil
}

// markDiffering marks the rows whose group an earlier row of this run may change. They are compared with the changed
// group, even if they match the group as it was first requested.
func (r *run) markDiffering(rows []checked) {
	if !r.rules.Update {
		return
	}
	for i := range rows {
		row := &rows[i]
		if row.err != nil || row.held || row.entry.Outcome != store.Existed && row.entry.Outcome != store.Conflict {
			continue
		}
		id := row.entry.Group.ID
		switch {
		case r.differs[id]:
			row.entry.Outcome, row.was = store.Conflict, nil // the group is read after the earlier row
		case row.entry.Outcome == store.Conflict:
			if r.differs == nil {
				r.differs = map[string]bool{}
			}
			r.differs[id] = true
		}
	}
}

func (r *run) note(id string) {
	if r.seen != nil {
		r.seen[id] = true
	}
}

// replace replaces groups that certainly do not exist on WhatsApp with their rows: failed or cancelled groups, and
// those that were claimed but never recorded. differ are the rows that differ from a group of an earlier run.
func (r *run) replace(ctx context.Context, rows []checked, differ []*checked) error {
	recorded, err := r.load(ctx, differ)
	if err != nil {
		return err
	}
	taken := map[string]*store.Entry{} // by the group whose key it has taken
	for i := range rows {
		row := &rows[i]
		if row.err != nil { // refused, also by load
			continue
		}
		e := row.entry
		from := e.Group.ID
		if by := taken[from]; by != nil { // an earlier row took the key after this one was looked up
			e.Group.ID, e.Outcome = by.Group.ID, store.Conflict
			if e.Content == by.Content {
				e.Outcome = store.Existed
			}
			continue
		}
		if !slices.Contains(differ, row) {
			continue
		}
		switch row.was = recorded[from]; {
		case row.was == nil:
		case !row.replaces(row.was) || compare(row.was, e.Group, r.sum.Batch).none():
			continue
		default:
			if e.Group.ID, err = r.replaced(ctx, row.was); err != nil {
				if errors.Is(err, group.ErrState) { // it was retried meanwhile
					e.Group.ID = from
					continue
				}
				return err
			}
		}
		ours, err := r.c.store.Records.Takeover(ctx, e, from)
		if err != nil {
			return err
		}
		if ours {
			if row.was != nil {
				e.Group.Replaces = from
			}
			e.Outcome, row.was = store.Created, nil
			taken[from] = e
			r.note(e.Group.ID)
		}
	}
	return nil
}

// replaced records in a group that another one replaces it, and returns the new group's id. An interrupted
// run may have chosen that id already.
func (r *run) replaced(ctx context.Context, was *group.Group) (string, error) {
	by := was.ReplacedBy
	if by == "" {
		by = group.NewID()
	}
	_, err := r.c.store.Records.Update(ctx, was.ID, func(g *group.Group, now time.Time) error {
		if g.ReplacedBy != "" {
			by = g.ReplacedBy
		}
		return g.Replace(by, now)
	})
	return by, err
}

// relate finds the rows with a new name or key that mean a group of an earlier run. It releases the keys that these
// rows claimed.
func (r *run) relate(ctx context.Context, rows []checked) error {
	if r.sum.Batch == "" {
		return nil
	}
	var back []*store.Entry
	giveBack := func(e *store.Entry) {
		if e.Outcome == store.Created {
			back = append(back, &store.Entry{Group: &group.Group{ID: e.Group.ID}, Scope: e.Scope, Key: e.Key})
		}
	}
	for i := range rows {
		row := &rows[i]
		if row.err != nil {
			continue
		}
		e := row.entry
		kin, known := r.related[twinOf(e)] // an earlier row with this name or key
		if !known {
			if e.Outcome == store.Created && !r.seen[e.Group.ID] {
				var err error
				if kin, err = r.findRelated(ctx, e.Group); err != nil {
					return err
				}
				if kin.id == e.Group.ID { // another run has recorded the row since it was claimed
					e.Outcome = store.Existed
					r.note(kin.id)
					continue
				}
			}
			if r.waiting.hold(row, kin.id != "") {
				giveBack(e)
				continue
			}
			if kin.id == "" {
				continue
			}
			if r.related == nil {
				r.related = map[string]found{}
			}
			r.related[twinOf(e)] = kin
			r.note(kin.id)
		}
		giveBack(e)
		row.kin, e.Group.ID, e.Outcome = kin, kin.id, store.Conflict
	}
	if len(back) == 0 {
		return nil
	}
	return r.c.store.Records.Unclaim(ctx, back)
}

// findRelated returns the group that a row with a new name or key means.
func (r *run) findRelated(ctx context.Context, g *group.Group) (found, error) {
	if !r.kinRead {
		var err error
		if r.kin, err = readKin(ctx, r.c.store, r.sum.Batch, r.rules.Pools, r.seen); err != nil {
			return found{}, err
		}
		r.kinRead = true
	}
	if r.kin == nil {
		return found{}, nil
	}
	return r.kin.find(g), nil
}

// load reads the recorded groups of rows, by id. Groups that are not recorded or not readable are missing; the rows
// of unreadable groups are refused.
func (r *run) load(ctx context.Context, rows []*checked) (map[string]*group.Group, error) {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.entry.Group.ID
	}
	groups, lost, err := r.c.store.Records.LoadEach(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if lost[row.entry.Group.ID] != nil {
			row.err = unreadable(row)
		}
	}
	byID := make(map[string]*group.Group, len(groups))
	for _, g := range groups {
		byID[g.ID] = g
	}
	return byID, nil
}

// compare resolves the rows that conflict with their group.
func (r *run) compare(ctx context.Context, rows []checked) error {
	var unread []*checked
	for i := range rows {
		if row := &rows[i]; row.err == nil && row.entry.Outcome == store.Conflict && row.was == nil {
			unread = append(unread, row)
		}
	}
	recorded, err := r.load(ctx, unread)
	if err != nil {
		return err
	}
	for _, row := range unread {
		row.was = recorded[row.entry.Group.ID]
	}
	updated := map[string]*group.Group{}
	for i := range rows {
		row := &rows[i]
		if row.err != nil || row.entry.Outcome != store.Conflict {
			continue
		}
		if is := updated[row.entry.Group.ID]; is != nil {
			row.was = is
		}
		if err := r.resolveConflict(ctx, row, updated); err != nil {
			return err
		}
	}
	return nil
}

// resolveConflict compares one row with its group. The row becomes existed, updated or an error. If it updates the
// group, the group is added to updated.
func (r *run) resolveConflict(ctx context.Context, row *checked, updated map[string]*group.Group) error {
	code := codeOf(row)
	if row.was == nil { // another run is recording the group
		row.err = tasks.NewRowError(code, "groupName", say.Phrase{Code: say.RowAnotherRun, Name: row.entry.Group.ID})
		return nil
	}
	changes := compare(row.was, row.entry.Group, r.sum.Batch)
	if changes.none() {
		row.entry.Outcome = store.Existed
		return nil
	}
	var refused error
	if r.rules.Update && row.updatable(changes) {
		var is *group.Group
		var err error
		if is, changes, err = r.update(ctx, row, changes); err == nil {
			updated[is.ID] = is
			if row.entry.Outcome = store.Existed; !changes.none() { // otherwise another row or run came first
				row.changes = &changes
			}
			return nil
		}
		if refused = err; !errors.Is(err, group.ErrState) {
			return err
		}
	}
	row.changes, row.err = &changes, changedError(row, row.was, changes, refused)
	return nil
}

// replaces reports whether a row may replace its group, which certainly does not exist on WhatsApp. A row with an
// idempotency key never replaces: the key names one request for good.
func (row *checked) replaces(was *group.Group) bool {
	return row.entry.Scope == operate.ScopeBatch && row.kin.id == "" && was.Replaceable()
}

// updatable reports whether an update applies to the row. A row with another name only probably means this
// group, and a person in the wrong group is worse than an error, so it does not update.
func (row *checked) updatable(c Changes) bool {
	return (row.kin.id == "" || row.kin.named) && c.canUpdate()
}

// codeOf returns the error code of a row that differs from its group.
func codeOf(row *checked) tasks.Code {
	if row.entry.Scope == operate.ScopeKey && row.kin.id == "" {
		return tasks.Conflict
	}
	return tasks.Changed
}

// update adds the row's new people and people's names to its group. It returns the group, and how the row differed.
func (r *run) update(ctx context.Context, row *checked, changes Changes) (*group.Group, Changes, error) {
	e := row.entry
	g, err := r.c.control.Correct(ctx, e.Group.ID, e.Group.Members, cmp.Or(r.sum.Batch, "update"), func(g *group.Group) {
		changes = compare(g, e.Group, r.sum.Batch)
	})
	if err != nil {
		if g != nil {
			row.was = g
		}
		return g, changes, err
	}
	if row.kin.id != "" || !compare(g, e.Group, r.sum.Batch).none() {
		return g, changes, nil // the row still differs, and each run reports it
	}
	return g, changes, r.c.store.Records.Reword(ctx, e)
}
