package store

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/pacing"
)

// announcedAtOnce is how many instances are announced with one pipeline.
const announcedAtOnce = 500

// Announce records the instances that a worker runs.
func (pr *Presence) Announce(ctx context.Context, as []Announcement) error {
	return pr.AnnounceEach(ctx, slices.Values(as))
}

// AnnounceEach is Announce for instances that are made one by one, so that thousands need not be in memory together. It
// needs all instances of the worker, because it also writes what they may do a day in total.
func (pr *Presence) AnnounceEach(ctx context.Context, as iter.Seq[Announcement]) error {
	values, takes, allow := map[string]any{}, map[string]any{}, newAllowance()
	write := func() error {
		_, err := pr.pipeline(ctx, nil, func(p redis.Pipeliner) error {
			p.HSet(ctx, announcedKey, values)
			if len(takes) > 0 {
				p.HSet(ctx, takesKey, takes)
			}
			return nil
		})
		if err == nil {
			err = pr.allow(ctx, allow)
		}
		clear(values)
		clear(takes)
		return err
	}
	var err error
	for a := range as {
		var data []byte
		if data, err = json.Marshal(a); err != nil {
			break
		}
		values[a.Name] = data
		for kind, took := range a.Takes {
			if took > 0 {
				takes[takesField(a.Name, kind)] = took.Microseconds()
			}
		}
		allow.add(a)
		if len(values) < announcedAtOnce {
			continue
		}
		if err = write(); err != nil {
			break
		}
	}
	if err == nil && len(values) > 0 {
		err = write()
	}
	if err == nil && allow.any() {
		allow.sum()
		err = pr.allow(ctx, allow)
	}
	if err != nil {
		return fmt.Errorf("announce the instances: %w", err)
	}
	return nil
}

// Took records how long the calls of instances take, between two announcements.
func (pr *Presence) Took(ctx context.Context, takes map[string]map[pacing.Kind]time.Duration) error {
	values := make(map[string]any, len(takes))
	for name, kinds := range takes {
		for kind, took := range kinds {
			values[takesField(name, kind)] = took.Microseconds()
		}
	}
	if len(values) == 0 {
		return nil
	}
	if err := pr.rdb.HSet(ctx, takesKey, values).Err(); err != nil {
		return fmt.Errorf("tell how long calls take: %w", err)
	}
	return nil
}

// Announced counts the instances that all workers announce.
func (pr *Presence) Announced(ctx context.Context) (int64, error) {
	n, err := pr.rdb.HLen(ctx, announcedKey).Result()
	if err = pr.tolerate(ctx, announcedKey, err); err != nil {
		return 0, fmt.Errorf("count the instances: %w", err)
	}
	return n, nil
}

// namesAtOnce is how many names one command takes at most.
const namesAtOnce = 2000

// knowsFor is how long the names behind a digest are kept without a worker that announces them.
const knowsFor = time.Hour

// Know records the names behind a digest: the instances known to each worker that announces the digest.
func (pr *Presence) Know(ctx context.Context, digest string, names []string) error {
	told, err := pr.rdb.SCard(ctx, knowsKey(digest)).Result()
	if err = pr.tolerate(ctx, knowsKey(digest), err); err == nil && told > 0 {
		err = pr.rdb.Expire(ctx, knowsKey(digest), knowsFor).Err()
	}
	if err == nil && told == 0 && len(names) > 0 {
		_, err = pr.pipeline(ctx, nil, func(p redis.Pipeliner) error {
			p.Del(ctx, knowsKey(digest))
			for some := range slices.Chunk(names, namesAtOnce) {
				p.SAdd(ctx, knowsKey(digest), asAny(some)...)
			}
			p.Expire(ctx, knowsKey(digest), knowsFor)
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("tell which instances this worker knows: %w", err)
	}
	return nil
}

func asAny(names []string) []any {
	out := make([]any, len(names))
	for i, name := range names {
		out[i] = name
	}
	return out
}

// UnknownTo returns the instances that some worker does not know, each with the id of one such worker. A
// worker that is leaving takes no more tasks, so it does not count.
func (pr *Presence) UnknownTo(ctx context.Context, workers []Worker, instances []string) (map[string]string, error) {
	by := map[string]string{} // a worker, by digest
	for _, w := range workers {
		if !w.Leaving && w.Knows != "" {
			by[w.Knows] = w.ID
		}
	}
	unknown := map[string]string{}
	if len(by) < 2 || len(instances) == 0 {
		return unknown, nil
	}
	for digest, worker := range by {
		for some := range slices.Chunk(instances, namesAtOnce) {
			known, err := pr.rdb.SMIsMember(ctx, knowsKey(digest), asAny(some)...).Result()
			if wrongType(err) { // the key expires, and is written again
				_ = pr.tolerate(ctx, knowsKey(digest), err)
				break
			}
			if err != nil {
				return nil, fmt.Errorf("compare what workers know: %w", err)
			}
			for i, name := range some {
				if !known[i] {
					unknown[name] = worker
				}
			}
		}
	}
	return unknown, nil
}

// Withdraw takes back the announcement of instances that no worker runs any longer.
func (pr *Presence) Withdraw(ctx context.Context, names ...string) error {
	if len(names) == 0 {
		return nil
	}
	var takes []string
	for _, name := range names {
		takes = append(takes, takesField(name, pacing.Create), takesField(name, pacing.Invite))
	}
	_, err := pr.pipeline(ctx, nil, func(p redis.Pipeliner) error {
		p.HDel(ctx, announcedKey, names...)
		p.HDel(ctx, takesKey, takes...)
		return nil
	})
	return err
}
