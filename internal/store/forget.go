package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

// ForgetExpired removes a group whose retention is over, and everything that leads to it. It keeps a group that was
// opened again since Expired listed it, and reports whether it removed the group.
func (rs *Records) ForgetExpired(ctx context.Context, id string) (bool, error) {
	return rs.forgetIf(ctx, id, func(g *group.Group, now time.Time) bool {
		return !g.FinishedAt.IsZero() && now.Sub(g.FinishedAt) >= rs.retention
	})
}

// ForgetCut removes from the index a group whose acceptance was cut before the group was recorded. If the same request
// was sent again and its record is written meanwhile, the group stays.
func (rs *Records) ForgetCut(ctx context.Context, id string) error {
	if _, err := rs.Load(ctx, id); !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := rs.forgetTrace(ctx, id); err != nil {
		return err
	}
	g, err := rs.Load(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return rs.index.Refresh(ctx, g)
}

// forgetIf removes a group if over returns true for its record. It brings the index up to a record that stays.
func (rs *Records) forgetIf(ctx context.Context, id string, over func(g *group.Group, now time.Time) bool) (bool, error) {
	for {
		g, at, err := rs.LoadNow(ctx, id)
		if errors.Is(err, ErrNotFound) {
			return true, rs.forgetTrace(ctx, id)
		}
		if err != nil {
			return false, err
		}
		if !over(g, at.Now()) {
			return false, rs.index.Refresh(ctx, g)
		}
		if gone, err := rs.forget(ctx, g); gone || err != nil {
			return gone, err
		}
	}
}

// forget removes a group if its record is still the one that was loaded, and reports whether it did. It removes the
// record first, so that a writer that was quicker keeps the whole group.
func (rs *Records) forget(ctx context.Context, g *group.Group) (bool, error) {
	gone, err := swapScript.Run(ctx, rs.rdb, []string{recordKey(g.ID)}, deleteIf(head, headOfRecord(g))...).Int()
	if err != nil {
		return false, fmt.Errorf("forget %s: %w", g.ID, err)
	}
	if gone == 0 {
		return false, nil
	}
	var forgotten *redis.Cmd
	var named []*redis.Cmd
	_, err = rs.each(ctx, []*redis.Script{forgetScript, namesScript, swapScript}, func(p redis.Pipeliner) error {
		rs.index.forgetPeople(ctx, p, g)
		named = queueEntries(ctx, p, "out", nameEntries(g))
		if g.ExternalRef != "" {
			p.ZRem(ctx, refsKey, g.ExternalRef+"\x00"+shortID(g.ID))
		}
		for _, groupID := range append(g.StrayIDs(), g.WhatsAppID) {
			if groupID != "" {
				swapScript.EvalSha(ctx, p, []string{whatsAppKey(groupID)}, deleteIf(whole, g.ID)...)
			}
		}
		for _, claim := range claimsOf(g) {
			swapScript.EvalSha(ctx, p, []string{idempotencyKey(claim)}, deleteIf(head, claimOf(g.ID, ""))...)
		}
		p.Del(ctx, toldKey(g.ID))
		forgotten = forgetScript.EvalSha(ctx, p, []string{heldKey}, index, shortID(g.ID), g.BatchID, "", keepEvents)
		return nil
	})
	if err == nil {
		rs.brokenAll(ctx, named)
		_, err = rs.broken(ctx, forgotten)
	}
	if err != nil {
		return false, fmt.Errorf("forget %s: %w", g.ID, err)
	}
	return true, nil
}

// forgetTrace removes from the index a group whose acceptance was cut before the group was recorded. Its people, its
// reference and its key are unknown, so their entries stay and lead to nothing; the next request with the key gets the
// same id.
func (rs *Records) forgetTrace(ctx context.Context, id string) error {
	held, err := rs.rdb.HGet(ctx, heldKey, shortID(id)).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("forget %s: %w", id, err)
	}
	h, _ := parseHeld(held)
	_, err = rs.broken(ctx, forgetScript.Run(ctx, rs.rdb, []string{heldKey}, index, shortID(id), h.batch, "out", keepEvents))
	if err != nil {
		return fmt.Errorf("forget %s: %w", id, err)
	}
	return nil
}

// Expired lists at most n groups whose retention is over. It passes over the first skip of them.
func (rs *Records) Expired(ctx context.Context, skip, n int) ([]string, error) {
	now, err := rs.Now(ctx)
	if err != nil {
		return nil, err
	}
	before := now.Add(-rs.retention).UnixMilli()
	ids, err := rs.rdb.ZRangeArgs(ctx, redis.ZRangeArgs{
		Key: index + "fin", Start: "-inf", Stop: before, ByScore: true, Offset: int64(skip), Count: int64(n),
	}).Result()
	return longIDs(ids), rs.tolerate(ctx, index+"fin", err)
}
