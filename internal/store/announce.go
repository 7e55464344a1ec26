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
	if err != nil {
		return fmt.Errorf("announce the instances: %w", err)
	}
	return nil
}

// AnnounceNoRoom tells of instances that a worker knows and has no room for, so that producers go on
// knowing them, and people learn why nothing happens there. What somebody else runs is left alone:
// elsewhere says whether an announcement of that worker holds, which may be one of an older version
// that gives no name. It returns the names of those that nobody runs.
func (pr *Presence) AnnounceNoRoom(ctx context.Context, as []Announcement, elsewhere func(worker string, seen time.Time) bool) ([]string, error) {
	if len(as) == 0 {
		return nil, nil
	}
	names := make([]string, len(as))
	for i, a := range as {
		names[i] = a.Name
	}
	known, err := pr.rdb.HMGet(ctx, announcedKey, names...).Result()
	if err != nil {
		return nil, fmt.Errorf("read the instances: %w", err)
	}
	var idle []Announcement
	names = names[:0]
	for i, a := range as {
		if text, ok := known[i].(string); ok {
			var told Announcement
			if err := json.Unmarshal([]byte(text), &told); err == nil && !told.NoRoom && elsewhere(told.By, told.SeenAt) {
				continue
			}
		}
		a.NoRoom = true
		idle, names = append(idle, a), append(names, a.Name)
	}
	return names, pr.Announce(ctx, idle)
}

// Withdraw takes back the announcement of instances that nobody runs any more.
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
