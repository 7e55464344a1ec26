package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/rollcallhq/rollcall/internal/phone"
)

// Suppression returns a person's entry on the suppression list, under any of their addresses, or nil if there is no
// entry.
func (pp *People) Suppression(ctx context.Context, who phone.Identity) (*Suppression, error) {
	if err := pp.current(ctx); err != nil {
		return nil, err
	}
	field, _, s, err := pp.entryOf(ctx, who)
	if field == "" || err != nil {
		return nil, err
	}
	return &s.Suppression, nil
}

// readEntry decodes into s what the suppression list holds under an address.
func (c *core) readEntry(ctx context.Context, field, value string, s *entry) error {
	plain, err := c.crypt.unseal(ctx, field, []byte(value))
	if err == nil {
		err = json.Unmarshal(plain, s)
	}
	if err != nil {
		return fmt.Errorf("read the suppression list: %w", err)
	}
	return nil
}
