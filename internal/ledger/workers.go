package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// workersKey lists the workers by their latest sign of life, in ms.
const workersKey = prefix + "workers"

// BeatEvery is how often a worker shows a sign of life, and aliveFor how long one is believed:
// four missed beats.
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
}

// Beat shows that a worker lives.
func (l *Ledger) Beat(ctx context.Context, w Worker) error {
	data, err := json.Marshal(w)
	if err != nil {
		return err
	}
	now, err := l.Now(ctx)
	if err != nil {
		return err
	}
	_, err = l.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, workerKey(w.ID), data, aliveFor)
		p.ZAdd(ctx, workersKey, redis.Z{Score: float64(now.UnixMilli()), Member: w.ID})
		return nil
	})
	return err
}

// Gone says that a worker ended in order: what it held is free at once.
func (l *Ledger) Gone(ctx context.Context, id string) error {
	_, err := l.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Del(ctx, workerKey(id))
		p.ZRem(ctx, workersKey, id)
		return nil
	})
	return err
}

// Alive says whether a worker has shown a sign of life lately.
func (l *Ledger) Alive(ctx context.Context, id string) (bool, error) {
	n, err := l.rdb.Exists(ctx, workerKey(id)).Result()
	return n == 1, err
}

// Workers lists the workers that live, and forgets those that have not shown up for an hour.
func (l *Ledger) Workers(ctx context.Context) ([]Worker, error) {
	now, err := l.Now(ctx)
	if err != nil {
		return nil, err
	}
	old := fmt.Sprint(now.Add(-time.Hour).UnixMilli())
	if err := l.rdb.ZRemRangeByScore(ctx, workersKey, "-inf", old).Err(); err != nil {
		return nil, fmt.Errorf("list the workers: %w", err)
	}
	ids, err := l.rdb.ZRange(ctx, workersKey, 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("list the workers: %w", err)
	}
	var workers []Worker
	for _, id := range ids {
		data, err := l.rdb.Get(ctx, workerKey(id)).Bytes()
		if errors.Is(err, redis.Nil) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list the workers: %w", err)
		}
		var w Worker
		if err := json.Unmarshal(data, &w); err != nil {
			return nil, fmt.Errorf("list the workers: %w", err)
		}
		workers = append(workers, w)
	}
	return workers, nil
}

// Lead makes this worker the one that does a job nobody else should do at the same time, for ttl.
func (l *Ledger) Lead(ctx context.Context, job, worker string, ttl time.Duration) (bool, error) {
	holder, err := l.reserve(ctx, prefix+"lead:"+job, worker, ttl)
	return err == nil && holder == worker, err
}
