package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
)

// show does what LoadAll does, for lists: in the place of a record that cannot be read it returns a stand-in.
func (rs *Records) show(ctx context.Context, ids []string) ([]*group.Group, error) {
	groups, unreadable, err := rs.LoadEach(ctx, ids)
	if err != nil || len(unreadable) == 0 {
		return groups, err
	}
	all := make(map[string]*group.Group, len(ids))
	for id, why := range unreadable {
		if all[id], err = rs.standIn(ctx, id, why); err != nil {
			return nil, err
		}
	}
	for _, g := range groups {
		all[g.ID] = g
	}
	shown := make([]*group.Group, 0, len(all))
	for _, id := range ids {
		if g := all[id]; g != nil {
			shown = append(shown, g)
			delete(all, id)
		}
	}
	return shown, nil
}

// Show reads one group. If its record cannot be read, Show returns a stand-in instead: what the index holds of the
// group, with the reason as its error. It fails with ErrNotFound.
func (rs *Records) Show(ctx context.Context, id string) (*group.Group, error) {
	g, err := rs.Load(ctx, id)
	if errors.Is(err, ErrUnreadable) {
		return rs.standIn(ctx, id, err)
	}
	return g, err
}

func (rs *Records) standIn(ctx context.Context, id string, why error) (*group.Group, error) {
	made, reason := moment(madeAt(id)), Damaged
	if e, ok := errors.AsType[*UnreadableError](why); ok {
		reason = e.Reason
	}
	g := &group.Group{
		ID: id, CreatedAt: made, UpdatedAt: made, Status: group.Unreadable, Error: &group.Error{
			Code: group.CodeUnreadable, Message: say.Phrase{Code: say.ErrorUnreadable, Kind: string(reason)},
			Remedy: say.Phrase{Code: say.RemedyUnreadable, Why: []say.Phrase{reason.Said()}},
		},
	}
	held, err := rs.rdb.HGet(ctx, heldKey, shortID(id)).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("read what the index holds of %s: %w", id, err)
	}
	if h, ok := parseHeld(held); ok {
		g.Was, g.BatchID = h.status, h.batch
		if g.Target.Pool = h.pool; h.place != g.Target.String() {
			g.Instance = h.place
		}
	}
	return g, nil
}
