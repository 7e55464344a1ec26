package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
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

// MaxInvalidRows is how many invalid rows of a run are kept, the first ones.
const MaxInvalidRows = 1000

// invalidKey returns the key of the invalid rows of runs that are not limited to pools.
func invalidKey(batch string) string { return index + "bad:" + batch }

// invalidPartsKey returns the key of the invalid rows of the other runs, by audience.
func invalidPartsKey(batch string) string { return index + "badof:" + batch }

// NoteInvalid keeps the invalid rows of the run that adds to a batch, in place of those of the previous run with the same
// audience.
func (ix *Index) NoteInvalid(ctx context.Context, a *Adding, rows []InvalidRow) error {
	data, err := json.Marshal(rows[:min(len(rows), MaxInvalidRows)])
	if err != nil {
		return err
	}
	switch key, parts := invalidKey(a.BatchID), invalidPartsKey(a.BatchID); {
	case a.Audience == "" && len(rows) == 0:
		err = ix.rdb.Del(ctx, key).Err()
	case a.Audience == "":
		err = ix.rdb.Set(ctx, key, data, 0).Err()
	case len(rows) == 0:
		err = ix.rdb.HDel(ctx, parts, string(a.Audience)).Err()
	default:
		err = ix.rdb.HSet(ctx, parts, string(a.Audience), data).Err()
	}
	if err = ix.tolerate(ctx, invalidPartsKey(a.BatchID), err); err != nil {
		return fmt.Errorf("note the invalid rows of batch %s: %w", a.BatchID, err)
	}
	return nil
}

// InvalidRows returns the first invalid rows of each audience that the batch shows. Rows that cannot be read are noted
// and left out.
func (ix *Index) InvalidRows(ctx context.Context, b *group.Batch) ([]InvalidRow, error) {
	var all []InvalidRow
	for _, who := range slices.Sorted(maps.Keys(b.Invalid)) {
		id, key, read := b.ID, invalidKey(b.ID), ix.rdb.Get
		if who != "" {
			id, key = b.ID+"/"+string(who), invalidPartsKey(b.ID)
			read = func(ctx context.Context, key string) *redis.StringCmd { return ix.rdb.HGet(ctx, key, string(who)) }
		}
		data, err := read(ctx, key).Bytes()
		if err = ix.tolerate(ctx, key, err); err != nil && !errors.Is(err, redis.Nil) {
			return nil, fmt.Errorf("read the invalid rows of batch %s: %w", b.ID, err)
		}
		if len(data) == 0 {
			continue
		}
		var rows []InvalidRow
		if err := json.Unmarshal(data, &rows); err != nil {
			_ = ix.unreadable(ctx, KindInvalidRows, id, err)
			continue
		}
		all = append(all, rows...)
	}
	return all, nil
}
