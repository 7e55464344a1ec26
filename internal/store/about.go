package store

import (
	"context"
	"fmt"
	"slices"
)

// NoticesAbout lists the ids of the notices about a group or a batch, oldest first.
func (ob *Outbox) NoticesAbout(ctx context.Context, of string) ([]string, error) {
	ids, err := ob.rdb.HVals(ctx, toldKey(of)).Result()
	if err != nil {
		return nil, fmt.Errorf("list the notices about %s: %w", of, err)
	}
	slices.Sort(ids)
	return ids, nil
}
