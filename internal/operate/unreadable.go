package operate

import (
	"context"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// ExportUnreadable returns the raw bytes of a stored thing that cannot be read. They may hold phone numbers. It
// fails with store.ErrNotFound when the thing does not exist or can be read.
func (c *Control) ExportUnreadable(ctx context.Context, kind store.Kind, id string) (store.Exported, error) {
	e, err := c.Store.Export(ctx, kind, id)
	c.Audit.Did(ctx, audit.ExportUnreadable, audit.About{Subjects: []string{string(kind) + " " + id}}, err)
	return e, err
}

// RemoveUnreadable removes a stored thing that cannot be read. again lets the same request create a group again:
// see store.Remove.
func (c *Control) RemoveUnreadable(ctx context.Context, kind store.Kind, id string, again bool) (store.Unreadable, error) {
	u, err := c.Store.Remove(ctx, kind, id, again)
	about := audit.About{Subjects: []string{string(kind) + " " + id}}
	if again {
		about.Detail = say.Phrase{Code: say.AuditAgain}
	}
	c.Audit.Did(ctx, audit.RemoveUnreadable, about, err)
	return u, err
}
