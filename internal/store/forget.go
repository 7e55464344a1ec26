package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Forget removes a group and everything that leads to it, at the end of its retention.
func (rs *Records) Forget(ctx context.Context, id string) error {
	g, err := rs.Load(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return rs.forgetTrace(ctx, id)
	}
	if err != nil {
		return err
	}
	var forgotten *redis.Cmd
	var named []*redis.Cmd
	_, err = rs.each(ctx, []*redis.Script{forgetScript, namesScript, swapScript}, func(p redis.Pipeliner) error {
		rs.index.forgetPeople(ctx, p, g)
		named = queueEntries(ctx, p, "out", nameEntries(g))
		if g.ExternalRef != "" {
			p.ZRem(ctx, refsKey, g.ExternalRef+"\x00"+shortID(id))
		}
		if g.WhatsAppID != "" {
			swapScript.EvalSha(ctx, p, []string{whatsAppKey(g.WhatsAppID)}, deleteIf(whole, id)...)
		}
		for _, claim := range claimsOf(g) {
			swapScript.EvalSha(ctx, p, []string{idempotencyKey(claim)}, deleteIf(head, claimOf(id, ""))...)
		}
		p.Del(ctx, toldKey(id))
		forgotten = forgetScript.EvalSha(ctx, p, []string{heldKey}, index, shortID(id), g.BatchID, "", keepEvents)
		p.Del(ctx, recordKey(id))
		return nil
	})
	if err == nil {
		rs.brokenAll(ctx, named)
		_, err = rs.broken(ctx, forgotten)
	}
	if err != nil {
		return fmt.Errorf("forget %s: %w", id, err)
	}
	return nil
}

// ForgetCut takes a group out of the index whose acceptance was cut before it was recorded. If the same request was
// sent again and its record is written meanwhile, the group stays.
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

// forgetTrace takes a group out of the index whose acceptance was cut before it was recorded. Its
// people, its reference and its key are unknown, so their entries stay and lead to nothing; the next
// request with the key gets the same id.
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

// Expired lists groups whose retention is over, from number skip on, at most n.
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
