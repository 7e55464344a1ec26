package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

// Takeover moves an entry's key from the group with the id from to the entry's group. The former was never recorded, or
// the entry replaces it. Takeover reports whether the key still led to the former.
func (rs *Records) Takeover(ctx context.Context, e *Entry, from string) (bool, error) {
	done, err := swapScript.Run(ctx, rs.rdb, []string{idempotencyKey(e.claim())},
		setIf(head, shortID(from), claimOf(e.Group.ID, e.Content), claimFor)...).Int()
	if err != nil {
		return false, fmt.Errorf("take over a key: %w", err)
	}
	return done == 1, nil
}

// Reword updates the content that an entry's key stands for after its group was extended, so that the
// same row is recognised again.
func (rs *Records) Reword(ctx context.Context, e *Entry) error {
	err := swapScript.Run(ctx, rs.rdb, []string{idempotencyKey(e.claim())},
		setIf(head, shortID(e.Group.ID), claimOf(e.Group.ID, e.Content), 0)...).Err()
	if err != nil {
		return fmt.Errorf("note what a key asks for: %w", err)
	}
	return nil
}

// Unclaim gives back the keys of entries that are not recorded after all.
func (rs *Records) Unclaim(ctx context.Context, entries []*Entry) error {
	_, err := rs.pipeline(ctx, []*redis.Script{swapScript}, func(p redis.Pipeliner) error {
		for _, e := range entries {
			if e.Key != "" {
				swapScript.EvalSha(ctx, p, []string{idempotencyKey(e.claim())}, deleteIf(head, claimOf(e.Group.ID, ""))...)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("give back %d keys: %w", len(entries), err)
	}
	return nil
}

// Extend is Update for a change that adds people to a group. It indexes the people first. Afterwards it brings the
// index up to the record, whether or not the change succeeded: a refused Extend takes its people out again, also those
// whom another Extend has added meanwhile. After a crash, the sweeper does this.
func (rs *Records) Extend(ctx context.Context, id string, people []group.Member, change func(g *group.Group, now time.Time) error) (*group.Group, error) {
	if len(people) == 0 {
		return rs.Update(ctx, id, change)
	}
	e := &Entry{Group: &group.Group{ID: id, Members: people}}
	ed := edit{People: slices.Concat(rs.hashed(e)...)}
	if err := rs.noteEdit(ctx, id, &ed); err != nil {
		return nil, err
	}
	if _, err := rs.each(ctx, nil, func(p redis.Pipeliner) error {
		e.people = nil // the entry may be sent again
		rs.index.indexPeople(ctx, p, []*Entry{e})
		return nil
	}); err != nil {
		return nil, fmt.Errorf("index people: %w", err)
	}
	g, err := rs.Update(ctx, id, change)
	ctx = context.WithoutCancel(ctx)
	return g, rs.concluded(ctx, ed, err, rs.settleEdit(ctx, id, ed))
}

// BatchesNamed returns the ids of the batches that have had a name, newest first. It reads them one by one, as the
// caller iterates.
func (ix *Index) BatchesNamed(ctx context.Context, name string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		id, err := ix.BatchID(ctx, name)
		for err == nil && id != "" {
			if !yield(id, nil) {
				return
			}
			of := id
			if id, err = ix.rdb.HGet(ctx, batchKey(of), "before").Result(); wrongType(err) {
				yield("", ix.unreadable(ctx, KindBatch, of, err))
				return
			}
		}
		if err != nil && !errors.Is(err, redis.Nil) && !errors.Is(err, ErrNotFound) {
			yield("", fmt.Errorf("list the batches of a name: %w", err))
		}
	}
}
