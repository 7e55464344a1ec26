package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/say"
)

// InvalidRow is a row of a batch that was not accepted. It holds nothing of what stood in the row.
type InvalidRow struct {
	Row   int    `json:"row"`
	Line  int    `json:"line,omitempty"` // where the row begins in its file, from 1
	Field string `json:"field,omitempty"`
	Code  string `json:"code"`
	// Why is what is wrong and what to do, without what a person typed.
	Why say.Kept `json:"why,omitzero"`
}

// MaxInvalidRows is how many invalid rows of a batch are kept, the first ones.
const MaxInvalidRows = 1000

// invalidKey returns the key of the invalid rows of a batch.
func invalidKey(batch string) string { return index + "bad:" + batch }

// NoteInvalid keeps the invalid rows of the run that adds to a batch, in place of the previous run's.
func (ix *Index) NoteInvalid(ctx context.Context, a *Adding, rows []InvalidRow) error {
	key := invalidKey(a.BatchID)
	if len(rows) == 0 {
		if err := ix.rdb.Del(ctx, key).Err(); err != nil {
			return fmt.Errorf("note the invalid rows of batch %s: %w", a.BatchID, err)
		}
		return nil
	}
	data, err := json.Marshal(rows[:min(len(rows), MaxInvalidRows)])
	if err != nil {
		return err
	}
	if err := ix.rdb.Set(ctx, key, data, 0).Err(); err != nil {
		return fmt.Errorf("note the invalid rows of batch %s: %w", a.BatchID, err)
	}
	return nil
}

// InvalidRows returns the first invalid rows of a batch. If they cannot be read, it notes that and returns none.
func (ix *Index) InvalidRows(ctx context.Context, batch string) ([]InvalidRow, error) {
	data, err := ix.rdb.Get(ctx, invalidKey(batch)).Bytes()
	switch {
	case errors.Is(err, redis.Nil):
		return nil, nil
	case err != nil && !wrongType(err):
		return nil, fmt.Errorf("read the invalid rows of batch %s: %w", batch, err)
	}
	var rows []InvalidRow
	if err == nil {
		err = json.Unmarshal(data, &rows)
	}
	if err != nil {
		_ = ix.unreadable(ctx, KindInvalidRows, batch, err)
		return nil, nil
	}
	return rows, nil
}
