package enqueue

import (
	"context"
	"slices"

	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// refuseForeign refuses rows whose key or name belongs to a group outside of the rules' pools. The error reveals
// nothing about that group.
func (r *run) refuseForeign(ctx context.Context, rows []checked) error {
	if len(r.rules.Pools) == 0 {
		return nil
	}
	var known []*checked
	for i := range rows {
		if row := &rows[i]; row.err == nil && row.entry.Outcome != store.Created {
			known = append(known, row)
		}
	}
	groups, err := r.load(ctx, known)
	if err != nil {
		return err
	}
	for _, row := range known {
		g := groups[row.entry.Group.ID]
		if row.err != nil || g == nil || slices.Contains(r.rules.Pools, g.Target.Pool) {
			continue
		}
		row.err = tasks.NewRowError(tasks.Conflict, "idempotencyKey", say.Phrase{Code: say.RowKeyTaken})
		if row.entry.Scope == operate.ScopeBatch {
			row.err = tasks.NewRowError(tasks.Conflict, "groupName", say.Phrase{Code: say.RowNameTaken})
		}
		row.entry = nil
	}
	return nil
}
