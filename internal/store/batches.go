package store

import (
	"context"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

var (
	//go:embed batch_join.lua
	joinSource string
	//go:embed batch_close.lua
	closeSource string

	joinScript  = redis.NewScript(countersSource + joinSource)
	closeScript = redis.NewScript(countersSource + closeSource)
)

const (
	namesKey   = index + "names"
	batchesKey = index + "batches"
	runningKey = index + "running"
)

// Adding is one run that adds rows to a batch. While the run lives, the batch cannot end, even if its first groups end
// quickly. A run that crashed counts as over after addingFor.
type Adding struct {
	BatchID string
	// Audience is who may see the run's invalid rows.
	Audience group.Audience
	name     string
	token    string
}

const addingFor = 30 * time.Second

// JoinBatch begins adding to the running batch of this name, or to a new one.
func (ix *Index) JoinBatch(ctx context.Context, name string, a *Adding) error {
	if a.token == "" {
		a.token, a.name = token(), name
	}
	answer := joinScript.Run(ctx, ix.rdb, []string{namesKey}, index, name, group.NewBatchID(), a.token, addingFor.Milliseconds())
	if _, err := ix.broken(ctx, answer); err != nil {
		return fmt.Errorf("join batch: %w", err)
	}
	a.BatchID, _ = answer.Val().([]any)[0].(string)
	return nil
}

// KeepAdding sends a run's heartbeat. Unlike JoinBatch it begins no batch.
func (ix *Index) KeepAdding(ctx context.Context, a *Adding) error {
	now, err := ix.Now(ctx)
	if err != nil {
		return err
	}
	key := addingKey(a.BatchID)
	_, err = ix.each(ctx, nil, func(p redis.Pipeliner) error {
		p.ZAddXX(ctx, key, redis.Z{Score: float64(now.Add(addingFor).UnixMilli()), Member: a.token})
		p.PExpire(ctx, key, 2*addingFor)
		return nil
	})
	if err = ix.tolerate(ctx, key, err); err != nil {
		return fmt.Errorf("keep adding to batch %s: %w", a.BatchID, err)
	}
	return nil
}

// NoteComma stores the separator of the batch's file, for the export of the batch.
func (ix *Index) NoteComma(ctx context.Context, id string, comma byte) error {
	if err := ix.rdb.HSet(ctx, batchKey(id), "comma", string(rune(comma))).Err(); err != nil {
		return fmt.Errorf("note the form of batch %s: %w", id, err)
	}
	return nil
}

// CloseBatch ends a run. invalid is how many of its rows were not accepted.
func (ix *Index) CloseBatch(ctx context.Context, a *Adding, invalid int) error {
	return ix.closeBatch(ctx, a.BatchID, a.token, strconv.Itoa(invalid), "", a.Audience)
}

// LeaveBatch ends a run that did not read rows; the batch's number of invalid rows stays. A batch without a group stays
// open for emptyFor, as after SettleBatch: the run may have added one that is not written yet.
func (ix *Index) LeaveBatch(ctx context.Context, a *Adding) error {
	return ix.closeBatch(ctx, a.BatchID, a.token, "", untilEmpty, "")
}

// ForsakeBatch ends a run that added nothing. A batch that it began is removed again.
func (ix *Index) ForsakeBatch(ctx context.Context, a *Adding) error {
	return ix.closeBatch(ctx, a.BatchID, a.token, "", "0", "")
}

// emptyFor is how long a batch that a crashed run left without a group stays open. Until then an edit that was cut may
// still add a group.
const emptyFor = time.Hour

var untilEmpty = strconv.FormatInt(emptyFor.Milliseconds(), 10)

// SettleBatch ends a batch that a crashed run left open, if no other run adds to it and all its groups have ended. It
// removes a batch without a group, but not before the batch is emptyFor old.
func (ix *Index) SettleBatch(ctx context.Context, id string) error {
	return ix.closeBatch(ctx, id, "", "", untilEmpty, "")
}

func (ix *Index) closeBatch(ctx context.Context, id, token, invalid, empty string, who group.Audience) error {
	_, err := ix.broken(ctx, closeScript.Run(ctx, ix.rdb, []string{batchKey(id)}, index, id, token, invalid, keepEvents, empty, string(who)))
	if err != nil {
		return fmt.Errorf("close batch %s: %w", id, err)
	}
	return nil
}

// RunningBatches lists the batches that have not ended, oldest first.
func (ix *Index) RunningBatches(ctx context.Context) ([]string, error) {
	ids, err := ix.rdb.ZRange(ctx, runningKey, 0, -1).Result()
	return ids, ix.tolerate(ctx, runningKey, err)
}

// BatchID returns the id of the latest batch of a name, or an id as it is. It fails with ErrNotFound.
func (ix *Index) BatchID(ctx context.Context, idOrName string) (string, error) {
	if strings.HasPrefix(idOrName, group.BatchIDPrefix) {
		return idOrName, nil
	}
	id, err := ix.rdb.HGet(ctx, namesKey, idOrName).Result()
	if wrongType(err) {
		return "", ix.unreadable(ctx, KindList, strings.TrimPrefix(namesKey, prefix), err)
	}
	if errors.Is(err, redis.Nil) || err == nil && !strings.HasPrefix(id, group.BatchIDPrefix) {
		return "", fmt.Errorf("batch %q: %w", idOrName, ErrNotFound)
	}
	return id, err
}

// Batch reads one batch by its id or name. It fails with ErrNotFound, or with ErrUnreadable.
func (ix *Index) Batch(ctx context.Context, idOrName string) (*group.Batch, error) {
	id, err := ix.BatchID(ctx, idOrName)
	if err != nil {
		return nil, err
	}
	fields, err := ix.rdb.HGetAll(ctx, batchKey(id)).Result()
	if wrongType(err) {
		return nil, ix.unreadable(ctx, KindBatch, id, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read batch %s: %w", id, err)
	}
	if fields["createdAt"] == "" {
		return nil, fmt.Errorf("batch %q: %w", idOrName, ErrNotFound)
	}
	return ix.batchOf(ctx, id, fields), nil
}

// Batches lists batches, newest first: those with groups of the given pools, or all if there are no pools.
func (ix *Index) Batches(ctx context.Context, cursor string, limit int, pools ...string) (batches []*group.Batch, next string, err error) {
	to := "+"
	if cursor != "" {
		last, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil || !strings.HasPrefix(string(last), group.BatchIDPrefix) {
			return nil, "", ErrCursor
		}
		to = "(" + string(last)
	}
	keys := []string{batchesKey}
	if len(pools) > 0 {
		keys = nil
		for _, pool := range pools {
			keys = append(keys, poolBatchesKey(pool))
		}
	}
	cmds, err := ix.each(ctx, nil, func(p redis.Pipeliner) error {
		for _, key := range keys {
			p.ZRangeArgs(ctx, redis.ZRangeArgs{Key: key, Start: to, Stop: "-", ByLex: true, Rev: true, Count: int64(limit + 1)})
		}
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("list batches: %w", err)
	}
	var ids []string
	for k, cmd := range cmds {
		ix.listRead(ctx, keys[k], cmd)
		ids = append(ids, cmd.(*redis.StringSliceCmd).Val()...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	slices.Reverse(ids)
	if len(ids) > limit {
		ids = ids[:limit]
		next = base64.RawURLEncoding.EncodeToString([]byte(ids[limit-1]))
	}
	batches, err = ix.LoadBatches(ctx, ids)
	return batches, next, err
}

// LoadBatches reads many batches in one round trip. A batch that cannot be read is marked Unreadable.
func (ix *Index) LoadBatches(ctx context.Context, ids []string) ([]*group.Batch, error) {
	cmds, err := ix.each(ctx, nil, func(p redis.Pipeliner) error {
		for _, id := range ids {
			p.HGetAll(ctx, batchKey(id))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %d batches: %w", len(ids), err)
	}
	batches := make([]*group.Batch, len(ids))
	for i, cmd := range cmds {
		fields, err := cmd.(*redis.MapStringStringCmd).Result()
		if wrongType(err) {
			_ = ix.unreadable(ctx, KindBatch, ids[i], err)
			batches[i] = &group.Batch{ID: ids[i], Unreadable: true}
			continue
		}
		batches[i] = ix.batchOf(ctx, ids[i], fields)
	}
	return batches, nil
}

func (ix *Index) batchOf(ctx context.Context, id string, fields map[string]string) *group.Batch {
	b := &group.Batch{ID: id, Name: fields["name"]}
	numbers := ix.numbers(ctx, KindBatch, id, fields)
	b.Counts, b.Members = countsOf(numbers, "")
	b.Total, b.Invalid = int(numbers["total"]), map[group.Audience]int{}
	if n := numbers["invalid"]; n > 0 {
		b.Invalid[""] = int(n)
	}
	for field, n := range numbers {
		if who, ok := strings.CutPrefix(field, "invalid:"); ok && n > 0 {
			b.Invalid[group.Audience(who)] = int(n)
		}
		if pool, ok := strings.CutSuffix(field, "/total"); ok {
			p := group.BatchPart{Total: int(n)}
			p.Counts, p.Members = countsOf(numbers, pool+"/")
			if b.Pools == nil {
				b.Pools = map[string]group.BatchPart{}
			}
			b.Pools[pool] = p
		}
	}
	b.CreatedAt, b.FinishedAt = moment(numbers["createdAt"]), moment(numbers["finishedAt"])
	if comma := fields["comma"]; len(comma) == 1 {
		b.Comma = comma[0]
	}
	return b
}

// batchTexts are the fields of a batch that are not numbers.
var batchTexts = map[string]bool{"name": true, "before": true, "comma": true}

// numbers reads the counters of a hash. A counter that is not a number is noted as unreadable, and read as 0.
func (c *core) numbers(ctx context.Context, kind Kind, id string, fields map[string]string) map[string]int64 {
	numbers := make(map[string]int64, len(fields))
	for field, text := range fields {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil && !batchTexts[field] {
			_ = c.unreadable(ctx, kind, id+"/"+field, errForm)
		}
		numbers[field] = n
	}
	return numbers
}

// ForgetBatches removes the batches that ended longer than the retention ago and whose groups are
// forgotten. It lists n at a time, and none that began within the retention.
func (ix *Index) ForgetBatches(ctx context.Context, n int) error {
	now, err := ix.Now(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for from := "-"; ; {
		ids, err := ix.rdb.ZRangeArgs(ctx, redis.ZRangeArgs{Key: batchesKey, Start: from, Stop: "+", ByLex: true, Count: int64(n)}).Result()
		if err = ix.tolerate(ctx, batchesKey, err); err != nil {
			return errors.Join(append(faults, fmt.Errorf("list batches: %w", err))...)
		}
		faults = append(faults, ix.forgetEnded(ctx, ids, now))
		if len(ids) < n {
			return errors.Join(faults...)
		}
		last := ids[len(ids)-1]
		if madeWhen(group.BatchIDPrefix, last) > now.Add(-ix.retention).UnixMilli() {
			return errors.Join(faults...)
		}
		from = "(" + last
	}
}

// forgetEnded does what ForgetBatches does, for the given batches.
func (ix *Index) forgetEnded(ctx context.Context, ids []string, now time.Time) error {
	var faults []error
	for _, id := range ids {
		b, err := ix.Batch(ctx, id)
		if err != nil || b.FinishedAt.IsZero() || now.Sub(b.FinishedAt) < ix.retention {
			continue
		}
		if lives, err := ix.hasGroups(ctx, id); err != nil || lives {
			faults = append(faults, err)
			continue
		}
		if err := ix.forgetBatch(ctx, id, b.Name, b.Pools); err != nil {
			faults = append(faults, fmt.Errorf("forget batch %s: %w", id, err))
		}
	}
	return errors.Join(faults...)
}

// hasGroups reports whether groups of a batch are kept. A group to which people were added later outlives the
// batch's own retention, and still counts in it.
func (ix *Index) hasGroups(ctx context.Context, id string) (bool, error) {
	for _, s := range group.Statuses {
		n, err := ix.rdb.ZCard(ctx, index+"ba:"+id+":"+string(s)).Result()
		if err = ix.tolerate(ctx, index+"ba:"+id+":"+string(s), err); err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, nil
}

func (ix *Index) forgetBatch(ctx context.Context, id, name string, pools map[string]group.BatchPart) error {
	if err := ix.transact(ctx, namesKey, func(tx *redis.Tx) error {
		latest, err := tx.HGet(ctx, namesKey, name).Result()
		if err = ix.tolerate(ctx, namesKey, err); err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Del(ctx, batchKey(id), addingKey(id), invalidKey(id), invalidPartsKey(id))
			p.ZRem(ctx, batchesKey, id)
			for pool := range pools {
				p.ZRem(ctx, poolBatchesKey(pool), id)
			}
			if latest == id { // no later batch has the name
				p.HDel(ctx, namesKey, name)
			}
			return nil
		})
		return err
	}); err != nil {
		return err
	}
	return ix.rdb.Del(ctx, toldKey(id)).Err()
}
