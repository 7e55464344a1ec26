package ledger

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/rollcallhq/rollcall/internal/phone"
)

// Suppression is a person's entry on the list, under any of their addresses; nil when there is none.
func (l *Ledger) Suppression(ctx context.Context, who phone.Identity) (*Suppression, error) {
	for _, key := range who.Keys() {
		id := hex.EncodeToString(l.person(key)[:16])
		values, err := l.rdb.HMGet(ctx, suppressedKey, id).Result()
		if err != nil {
			return nil, fmt.Errorf("read the suppression list: %w", err)
		}
		entry, ok := values[0].(string)
		if !ok {
			continue
		}
		s := &Suppression{ID: id}
		if err := json.Unmarshal([]byte(entry), s); err != nil {
			return nil, fmt.Errorf("read the suppression list: %w", err)
		}
		return s, nil
	}
	return nil, nil //nolint:nilnil // not being on the list is no fault
}
