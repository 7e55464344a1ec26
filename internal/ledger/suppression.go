package ledger

import (
	"context"

	"github.com/rollcallhq/rollcall/internal/phone"
)

// Suppression is a person's entry on the list, under any of their addresses; nil when there is none.
func (l *Ledger) Suppression(ctx context.Context, who phone.Identity) (*Suppression, error) {
	field, _, s, err := l.entryOf(ctx, who)
	if field == "" || err != nil {
		return nil, err
	}
	return &s.Suppression, nil
}
