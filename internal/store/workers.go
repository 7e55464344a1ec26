package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// workersKey lists the workers by their latest heartbeat, in ms.
const workersKey = prefix + "workers"

// BeatEvery is how often a worker sends a heartbeat, and aliveFor how long a worker counts as alive after one: it may
// miss three.
const (
	BeatEvery = 3 * time.Second
	aliveFor  = 12 * time.Second
)

// Worker is one worker process.
type Worker struct {
	ID        string    `json:"id"`
	Host      string    `json:"host"`
	StartedAt time.Time `json:"startedAt"`
	Lanes     int       `json:"lanes"`
	// Knows is a digest of the names of the instances in its configuration.
	Knows string `json:"-"`
	// Leaving says that the worker takes no more tasks and finishes those that it has begun.
	Leaving bool `json:"-"`
}

// heartbeat is a worker's heartbeat as it is stored, with the fields that Worker's JSON leaves out.
type heartbeat struct {
	Worker

	Knows   string `json:"knows,omitempty"`
	Leaving bool   `json:"leaving,omitempty"`
}

// Beat stores a worker's heartbeat.
func (pr *Presence) Beat(ctx context.Context, w Worker) error {
	data, err := json.Marshal(heartbeat{w, w.Knows, w.Leaving})
	if err != nil {
		return err
	}
	now, err := pr.Now(ctx)
	if err != nil {
		return err
	}
	_, err = pr.each(ctx, nil, func(p redis.Pipeliner) error {
		p.Set(ctx, workerKey(w.ID), data, aliveFor)
		p.ZAdd(ctx, workersKey, redis.Z{Score: float64(now.UnixMilli()), Member: w.ID})
		return nil
	})
	return err
}

// Gone removes a worker that stops in order, so that others can take over from it at once. The time of its latest
// heartbeat stays known for an hour, as for a worker that crashed.
func (pr *Presence) Gone(ctx context.Context, id string) error {
	if err := pr.rdb.Del(ctx, workerKey(id)).Err(); err != nil {
		return err
	}
	return pr.left(ctx)
}

// Alive reports whether a worker has sent a heartbeat within aliveFor.
func (pr *Presence) Alive(ctx context.Context, id string) (bool, error) {
	n, err := pr.rdb.Exists(ctx, workerKey(id)).Result()
	return n == 1, err
}

// Workers lists the workers that are alive, and forgets those whose latest heartbeat is over an hour old.
func (pr *Presence) Workers(ctx context.Context) ([]Worker, error) {
	now, err := pr.Now(ctx)
	if err != nil {
		return nil, err
	}
	old := fmt.Sprint(now.Add(-time.Hour).UnixMilli())
	if err := pr.tolerate(ctx, workersKey, pr.rdb.ZRemRangeByScore(ctx, workersKey, "-inf", old).Err()); err != nil {
		return nil, fmt.Errorf("list the workers: %w", err)
	}
	ids, err := pr.rdb.ZRange(ctx, workersKey, 0, -1).Result()
	if err = pr.tolerate(ctx, workersKey, err); err != nil {
		return nil, fmt.Errorf("list the workers: %w", err)
	}
	beats := make([]*redis.StringCmd, len(ids))
	_, err = pr.each(ctx, nil, func(p redis.Pipeliner) error {
		for i, id := range ids {
			beats[i] = p.Get(ctx, workerKey(id))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the workers: %w", err)
	}
	var workers []Worker
	for i, one := range beats {
		data, err := one.Bytes()
		if errors.Is(err, redis.Nil) {
			continue
		}
		var b heartbeat
		if err == nil {
			err = json.Unmarshal(data, &b)
		}
		if err != nil { // a worker that is alive replaces it within BeatEvery
			_ = pr.unreadable(ctx, KindWorker, ids[i], err)
			continue
		}
		b.Worker.Knows, b.Worker.Leaving = b.Knows, b.Leaving
		workers = append(workers, b.Worker)
	}
	return workers, nil
}

// LeftSince reports whether a worker that is no longer alive has sent a heartbeat since a time. The instances that it
// announced seem to have no worker until another worker announces them.
func (pr *Presence) LeftSince(ctx context.Context, since time.Time) (bool, error) {
	ids, err := pr.rdb.ZRangeByScore(ctx, workersKey, &redis.ZRangeBy{Min: strconv.FormatInt(since.UnixMilli(), 10), Max: "+inf"}).Result()
	if err = pr.tolerate(ctx, workersKey, err); err != nil {
		return false, fmt.Errorf("list the workers that left: %w", err)
	}
	alive := make([]*redis.IntCmd, len(ids))
	_, err = pr.each(ctx, nil, func(p redis.Pipeliner) error {
		for i, id := range ids {
			alive[i] = p.Exists(ctx, workerKey(id))
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("list the workers that left: %w", err)
	}
	return slices.ContainsFunc(alive, func(one *redis.IntCmd) bool { return one.Val() == 0 }), nil
}

// Lead takes or renews the lease of a job for a worker, for ttl, and reports whether the worker has it. Only one worker
// does the job at a time.
func (pr *Presence) Lead(ctx context.Context, job, worker string, ttl time.Duration) (bool, error) {
	key := leadKey(job)
	lead, err := pr.rdb.SetNX(ctx, key, worker, ttl).Result()
	if err != nil {
		return false, fmt.Errorf("lead %s: %w", job, err)
	}
	if lead {
		return true, nil
	}
	if other, err := pr.ledBy(ctx, key, worker); err != nil || other {
		if err != nil {
			return false, fmt.Errorf("lead %s: %w", job, err)
		}
		return false, nil
	}
	strange := false
	err = pr.transact(ctx, key, func(tx *redis.Tx) error {
		holder, err := tx.Get(ctx, key).Result()
		lead, strange = false, wrongType(err)
		if err != nil && !strange && !errors.Is(err, redis.Nil) {
			return err
		}
		if err == nil && holder != worker {
			ends, err := tx.PTTL(ctx, key).Result()
			if strange = ends == -1; err != nil || !strange { // every leader's lease expires
				return err
			}
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error { return p.Set(ctx, key, worker, ttl).Err() })
		lead = err == nil
		return err
	})
	if err != nil {
		return false, fmt.Errorf("lead %s: %w", job, err)
	}
	if strange {
		_ = pr.unreadable(ctx, KindLead, job, errForm)
	}
	return lead, nil
}

// ledBy reports whether another worker has the lease, and the lease expires: the usual case if several workers ask.
func (pr *Presence) ledBy(ctx context.Context, key, worker string) (other bool, err error) {
	var holder *redis.StringCmd
	var ends *redis.DurationCmd
	_, err = pr.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		holder, ends = p.Get(ctx, key), p.PTTL(ctx, key)
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) && !wrongType(err) {
		return false, err
	}
	return holder.Err() == nil && holder.Val() != worker && ends.Err() == nil && ends.Val() > 0, nil
}

// left records when the last worker stopped in order. It does nothing while a worker is alive.
func (pr *Presence) left(ctx context.Context) error {
	workers, err := pr.Workers(ctx)
	if err != nil || len(workers) > 0 {
		return err
	}
	now, err := pr.Now(ctx)
	if err != nil {
		return err
	}
	return pr.transact(ctx, installationKey, func(tx *redis.Tx) error {
		if there, err := tx.HExists(ctx, installationKey, "id").Result(); err != nil || !there {
			return err
		}
		_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			return p.HSet(ctx, installationKey, "left", now.Unix()).Err()
		})
		return err
	})
}
