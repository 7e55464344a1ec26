package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/pacing"
)

// Announce tells what a worker runs.
func (pr *Presence) Announce(ctx context.Context, as []Announcement) error {
	if len(as) == 0 {
		return nil
	}
	values, takes := make(map[string]any, len(as)), map[string]any{}
	for _, a := range as {
		data, err := json.Marshal(a)
		if err != nil {
			return err
		}
		values[a.Name] = data
		for kind, took := range a.Takes {
			if took > 0 {
				takes[takesField(a.Name, kind)] = took.Microseconds()
			}
		}
	}
	_, err := pr.pipeline(ctx, nil, func(p redis.Pipeliner) error {
		p.HSet(ctx, announcedKey, values)
		if len(takes) > 0 {
			p.HSet(ctx, takesKey, takes)
		}
		return nil
	})
	if err == nil {
		err = pr.allow(ctx, as)
	}
	if err != nil {
		return fmt.Errorf("announce the instances: %w", err)
	}
	return nil
}

// knowsFor is how long the names behind a digest are kept without a worker that announces them.
const knowsFor = time.Hour

// Know tells which instances the workers know whose digest of names is this one.
func (pr *Presence) Know(ctx context.Context, digest string, names []string) error {
	told, err := pr.rdb.SCard(ctx, knowsKey(digest)).Result()
	if err = pr.tolerate(ctx, knowsKey(digest), err); err == nil && told > 0 {
		err = pr.rdb.Expire(ctx, knowsKey(digest), knowsFor).Err()
	}
	if err == nil && told == 0 && len(names) > 0 {
		_, err = pr.pipeline(ctx, nil, func(p redis.Pipeliner) error {
			p.Del(ctx, knowsKey(digest))
			p.SAdd(ctx, knowsKey(digest), asAny(names)...)
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

// UnknownTo says of some instances which worker does not know them, of those that every worker knows
// nothing. A worker that leaves takes nothing any more, so it need not know any.
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
		known, err := pr.rdb.SMIsMember(ctx, knowsKey(digest), asAny(instances)...).Result()
		if wrongType(err) { // it lapses, and is told again
			_ = pr.tolerate(ctx, knowsKey(digest), err)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("compare what workers know: %w", err)
		}
		for i, name := range instances {
			if !known[i] {
				unknown[name] = worker
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
