package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

// Mend repairs what can be written again from the records or by a worker's next heartbeat: entries, counters and
// lists of the index, announcements, and answers that were kept to spare a call. It returns what it repaired.
// Everything else that cannot be read is left to a person.
func (s *Store) Mend(ctx context.Context) ([]Unreadable, error) {
	if err := s.survey(ctx); err != nil {
		return nil, err
	}
	noted, err := s.CountUnreadable(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.Unreadables(ctx)
	if err != nil {
		return nil, err
	}
	var mended []Unreadable
	var faults []error
	for _, u := range found {
		if !mendable(u) {
			continue
		}
		if _, err := s.Remove(ctx, u.Kind, u.ID, false); err != nil {
			faults = append(faults, err)
			continue
		}
		mended = append(mended, u)
	}
	if noted[KindIndex] > 0 { // a write over a damaged entry does not know what the entry had counted
		s.Index.miscounted.Store(true)
	}
	if s.Index.miscounted.Load() {
		err := s.Index.recountAttention(ctx)
		s.Index.miscounted.Store(err != nil)
		faults = append(faults, err)
	}
	return mended, errors.Join(faults...)
}

// mendable reports whether removing a thing loses nothing, because it is written again.
func mendable(u Unreadable) bool {
	switch u.Kind {
	case KindIndex:
		return u.Field != ""
	case KindCounter, KindBatch, KindLead, KindWorker, KindInstance, KindHealth, KindReceiver, KindCheck, KindMet, KindCursor:
		return true
	case KindEvent:
		return u.Field == ""
	case KindList: // its content is lost already
		return true
	default:
		return false
	}
}

// survey checks the keys that exist once. A process that only writes to one would notice damage too late.
func (s *Store) survey(ctx context.Context) error {
	var once []*family
	var types []*redis.StatusCmd
	if _, err := s.pipeline(ctx, nil, func(p redis.Pipeliner) error {
		for i := range families {
			if f := &families[i]; !strings.Contains(f.keys, "*") {
				once, types = append(once, f), append(types, p.Type(ctx, f.keys))
			}
		}
		return nil
	}); err != nil {
		return fmt.Errorf("look at the keys: %w", err)
	}
	for i, f := range once {
		if is := types[i].Val(); is != f.is && is != "none" && f.keys != unreadableKey {
			_ = s.unreadable(ctx, f.kind, f.idOf(f.keys, ""), errType)
		}
	}
	return nil
}

// records calls fn for every group that the index has and whose record can be read.
func (rs *Records) records(ctx context.Context, fn func(g *group.Group)) error {
	some := func(ids []string) error {
		groups, _, err := rs.LoadEach(ctx, ids)
		for _, g := range groups {
			fn(g)
		}
		return err
	}
	var ids []string
	if err := rs.index.entries(ctx, func(id, _ string) error {
		if ids = append(ids, id); len(ids) < 500 {
			return nil
		}
		err := some(ids)
		ids = nil
		return err
	}); err != nil {
		return err
	}
	return some(ids)
}

// entries calls fn for what the index holds of every group.
func (ix *Index) entries(ctx context.Context, fn func(id, held string) error) error {
	it := ix.rdb.HScan(ctx, heldKey, 0, "", 500).Iterator()
	id := ""
	for field := true; it.Next(ctx); field = !field {
		if field {
			id = longID(it.Val())
		} else if err := fn(id, it.Val()); err != nil {
			return err
		}
	}
	return it.Err()
}

// errMoving says that counters were not counted again: the index was written during every try. The next pass of the
// sweeper tries again.
var errMoving = errors.New("the groups change faster than they are counted")

// countTries is how often fromEntries tries.
const countTries = 5

// fromEntries runs count, which counts what the index holds. If no group of the index changed meanwhile, it runs the
// write that count returned, and otherwise it begins again. It fails with errMoving.
func (ix *Index) fromEntries(ctx context.Context, count func() (write func(redis.Pipeliner), err error)) error {
	for range countTries {
		err := ix.rdb.Watch(ctx, func(tx *redis.Tx) error {
			write, err := count()
			if err != nil {
				return err
			}
			_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
				write(p)
				return nil
			})
			return err
		}, heldKey)
		if !errors.Is(err, redis.TxFailedErr) {
			return err
		}
	}
	return errMoving
}

// recount repairs a counter, or with field "" all counters of a hash, from the index's entries. A count that has no
// other source begins again at 0.
func (ix *Index) recount(ctx context.Context, key, field string) error {
	return ix.fromEntries(ctx, func() (func(redis.Pipeliner), error) {
		counts, err := ix.countOf(ctx, key)
		return func(p redis.Pipeliner) {
			if field == "" {
				p.Del(ctx, key)
			} else {
				p.HDel(ctx, key, field)
			}
			for name, n := range counts {
				if n != 0 && (field == "" || field == name) {
					p.HSet(ctx, key, name, n)
				}
			}
		}, err
	})
}

// countOf counts from the index's entries what the counters of a hash must be; nothing for counters that have another
// source.
func (ix *Index) countOf(ctx context.Context, key string) (map[string]int64, error) {
	batch, ofBatch := strings.CutPrefix(key, batchKey(""))
	pool, ofPool := strings.CutPrefix(key, poolCountsKey(""))
	attention := strings.HasPrefix(key, faultsKey("")) || strings.HasPrefix(key, waitingKey(""))
	if !ofBatch && !ofPool && !attention && key != index+"n" {
		return nil, nil
	}
	counts := map[string]int64{}
	if err := ix.entries(ctx, func(_, text string) error {
		h, ok := parseHeld(text)
		switch {
		case !ok, ofBatch && h.batch != batch, ofPool && h.pool != pool:
			return nil
		case attention:
			h.attention(func(of, name string, n int64) {
				if of == key {
					counts[name] += n
				}
			})
			return nil
		}
		heads := []string{""}
		if ofBatch && h.pool != "" {
			heads = append(heads, h.pool+"/")
		}
		for _, head := range heads {
			counts[head+"g:"+string(h.status)]++
			if ofBatch {
				counts[head+"total"]++
			}
			for i, n := range h.members {
				counts[head+"m"+strconv.Itoa(i)] += n
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if key == index+"n" {
		counts["ever:failed"] = counts["g:"+string(group.Failed)]
	}
	return counts, nil
}

// remakeBatch repairs a field of a batch, or with field "" all of it, and ends the batch if it is over.
func (ix *Index) remakeBatch(ctx context.Context, id, field string) error {
	key := batchKey(id)
	if err := ix.recount(ctx, key, field); err != nil {
		return err
	}
	set := []any{}
	if field == "" || field == "createdAt" {
		set = append(set, "createdAt", madeWhen(group.BatchIDPrefix, id))
	}
	if field == "" {
		names, err := ix.rdb.HGetAll(ctx, namesKey).Result()
		if err != nil && !wrongType(err) {
			return err
		}
		name := id
		for n, of := range names {
			if of == id {
				name = n
			}
		}
		set = append(set, "name", name)
	}
	if len(set) > 0 {
		if err := ix.rdb.HSet(ctx, key, set...).Err(); err != nil {
			return err
		}
	}
	if field == "" || field == "finishedAt" { // it counts as running until SettleBatch finds it over
		if err := ix.rdb.ZAdd(ctx, runningKey, redis.Z{Member: id}).Err(); err != nil {
			return err
		}
	}
	return ix.SettleBatch(ctx, id)
}

// isShort reports whether a text is a short id of a group.
func isShort(id string) bool { return madeAt(longID(id)) != 0 }

// DropListed removes from the list of a state those ids that are not ids of groups, and notes the list as unreadable.
func (ix *Index) DropListed(ctx context.Context, s group.Status, ids []string) error {
	strange := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return isShort(shortID(id)) })
	if len(strange) == 0 {
		return nil
	}
	members := make([]any, len(strange))
	for i, id := range strange {
		members[i] = id
	}
	key := index + "st:" + string(s)
	_ = ix.unreadable(ctx, KindList, strings.TrimPrefix(key, prefix), errForm)
	if err := ix.rdb.ZRem(ctx, key, members...).Err(); err != nil {
		return fmt.Errorf("take what is not a group out of the %s groups: %w", s, err)
	}
	return nil
}
