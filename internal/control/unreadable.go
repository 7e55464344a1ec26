package control

import (
	"context"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/ledger"
)

// ExportUnreadable reads a stored thing raw that cannot be read. It may hold telephone numbers. It fails
// with ledger.ErrNotFound where there is none, or it can be read.
func (c *Control) ExportUnreadable(ctx context.Context, kind ledger.Kind, id string) (ledger.Exported, error) {
	e, err := c.Ledger.Export(ctx, kind, id)
	c.Audit.Did(ctx, audit.ExportUnreadable, audit.About{Subjects: []string{string(kind) + " " + id}}, err)
	return e, err
}

// RemoveUnreadable takes a stored thing away that cannot be read; again lets the same request make a
// group again: see ledger.Remove.
func (c *Control) RemoveUnreadable(ctx context.Context, kind ledger.Kind, id string, again bool) (ledger.Unreadable, error) {
	u, err := c.Ledger.Remove(ctx, kind, id, again)
	about := audit.About{Subjects: []string{string(kind) + " " + id}}
	if again {
		about.Detail = "the same request may make a group again"
	}
	c.Audit.Did(ctx, audit.RemoveUnreadable, about, err)
	return u, err
}
