package store

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
	// Share is what workers tell each other, and nobody else.
	Share Share `json:"-"`
}

// Share is how a worker divides instances with others.
type Share struct {
	// Of is a digest of the instances it is configured with. Who has the same divides them.
	Of string `json:"of,omitempty"`
	// Most is how many of them it takes; 0 for one that takes all, and divides nothing.
	Most int `json:"most,omitempty"`
	// Leaving says that it takes nothing any more and finishes what it has begun.
	Leaving bool `json:"leaving,omitempty"`
}

// sign is a sign of life as it is kept.
type sign struct {
	Worker

	Share Share `json:"share,omitzero"`
}

// Beat shows that a worker lives.
func (pr *Presence) Beat(ctx context.Context, w Worker) error {
	data, err := json.Marshal(sign{w, w.Share})
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

// Gone says that a worker ended in order: what it held is free at once.
func (pr *Presence) Gone(ctx context.Context, id string) error {
	_, err := pr.each(ctx, nil, func(p redis.Pipeliner) error {
		p.Del(ctx, workerKey(id))
		p.ZRem(ctx, workersKey, id)
		return nil
	})
	if err != nil {
		return err
	}
	return pr.left(ctx)
}

// Alive says whether a worker has shown a sign of life lately.
func (pr *Presence) Alive(ctx context.Context, id string) (bool, error) {
	n, err := pr.rdb.Exists(ctx, workerKey(id)).Result()
	return n == 1, err
}

// Workers lists the workers that live, and forgets those that have not shown up for an hour.
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
	signs := make([]*redis.StringCmd, len(ids))
	_, err = pr.each(ctx, nil, func(p redis.Pipeliner) error {
		for i, id := range ids {
			signs[i] = p.Get(ctx, workerKey(id))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the workers: %w", err)
	}
	var workers []Worker
	for i, one := range signs {
		data, err := one.Bytes()
		if errors.Is(err, redis.Nil) {
			continue
		}
		var s sign
		if err == nil {
			err = json.Unmarshal(data, &s)
		}
		if err != nil { // a worker that lives replaces it within BeatEvery
			_ = pr.unreadable(ctx, KindWorker, ids[i], err)
			continue
		}
		s.Worker.Share = s.Share
		workers = append(workers, s.Worker)
	}
	return workers, nil
}

// leadScript makes a worker the leader, unless another one is. What has no end was not written here.
// KEYS[1] who leads, ARGV[1] the worker, ARGV[2] ms; returns who leads, and a second value where something
// was in the way that no leader has written.
var leadScript = redis.NewScript(`
local holder, strange = redis.pcall("GET", KEYS[1]), false
if type(holder) == "table" then
  if not string.find(holder.err, "WRONGTYPE", 1, true) then return holder end
  strange = true
elseif holder and holder ~= ARGV[1] then
  if redis.call("PTTL", KEYS[1]) >= 0 then return {holder} end
  strange = true
end
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
if strange then return {ARGV[1], "strange"} end
return {ARGV[1]}`)

// Lead makes this worker the one that does a job nobody else should do at the same time, for ttl.
func (pr *Presence) Lead(ctx context.Context, job, worker string, ttl time.Duration) (bool, error) {
	answer, err := leadScript.Run(ctx, pr.rdb, []string{leadKey(job)}, worker, ttl.Milliseconds()).StringSlice()
	if err != nil {
		return false, fmt.Errorf("lead %s: %w", job, err)
	}
	if len(answer) > 1 {
		_ = pr.unreadable(ctx, KindLead, job, errForm)
	}
	return answer[0] == worker, nil
}

// left notes that the last worker has stopped in order.
func (pr *Presence) left(ctx context.Context) error {
	workers, err := pr.Workers(ctx)
	if err != nil || len(workers) > 0 {
		return err
	}
	return leftScript.Run(ctx, pr.rdb, []string{installationKey}).Err()
}

// leftScript notes the time at which the last worker stopped. KEYS[1] the installation.
var leftScript = redis.NewScript(`
if redis.call("HEXISTS", KEYS[1], "id") == 1 then redis.call("HSET", KEYS[1], "left", redis.call("TIME")[1]) end
return 1`)
