package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/phone"
)

// suppressedKey holds who must not be added or invited: keyed hash -> Suppression.
const suppressedKey = prefix + "suppressed"

// Suppression is one person who must not be added and not be invited. The number itself is not
// kept: only its keyed hash, and a masked form for people to recognise it by.
type Suppression struct {
	ID     string    `json:"-"` // the hash: tells people apart whose masked forms are equal
	Masked string    `json:"phone"`
	Reason string    `json:"reason"`
	At     time.Time `json:"since"`
	// Unreadable says that the entry cannot be read. The person must still not be contacted.
	Unreadable bool `json:"unreadable,omitempty"`
}

func (c *core) suppressionField(id phone.Identity) (string, bool) {
	keys := id.Keys()
	if len(keys) == 0 {
		return "", false
	}
	return c.field(keys[0]), true
}

// Suppress puts people on the list. A person already on it keeps the first reason and time.
func (pp *People) Suppress(ctx context.Context, people []phone.Number, reason string) error {
	ids := make([]phone.Identity, len(people))
	for i, n := range people {
		ids[i] = n.Identity()
	}
	return pp.SuppressPeople(ctx, ids, reason)
}

// SuppressPeople is Suppress for people who may have only a LID.
func (pp *People) SuppressPeople(ctx context.Context, people []phone.Identity, reason string) error {
	if len(people) == 0 {
		return nil
	}
	if err := pp.current(ctx); err != nil {
		return err
	}
	now, err := pp.Now(ctx)
	if err != nil {
		return err
	}
	people, err = pp.completed(ctx, now, people)
	if err != nil {
		return err
	}
	on, err := pp.meet(ctx, now, people)
	if err != nil {
		return err
	}
	var fields []string
	_, err = pp.pipeline(ctx, nil, func(p redis.Pipeliner) error {
		for i, id := range people {
			field, ok := pp.suppressionField(id)
			if !ok || on[i] {
				continue
			}
			fields = append(fields, field)
			masked := phone.Mask(id.LID)
			if id.Digits != "" {
				masked = phone.Number("+" + id.Digits).String()
			}
			value, err := json.Marshal(Suppression{Masked: masked, Reason: reason, At: now})
			if err != nil {
				return err
			}
			p.HSetNX(ctx, suppressedKey, field, pp.crypt.seal(field, value))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("suppress %d people: %w", len(people), err)
	}
	return pp.alias(ctx, now, fields)
}

// Unsuppress takes people off the list and reports how many were on it.
func (pp *People) Unsuppress(ctx context.Context, people []phone.Number) (int, error) {
	if err := pp.current(ctx); err != nil {
		return 0, err
	}
	gone := 0
	for _, n := range people {
		field, aliases, _, err := pp.entryOf(ctx, n.Identity())
		if err != nil {
			return gone, err
		}
		if field == "" {
			continue
		}
		if _, err := pp.pipeline(ctx, nil, func(p redis.Pipeliner) error {
			p.HDel(ctx, suppressedKey, append(aliases, field)...)
			p.Del(ctx, aliasesKey(field))
			return nil
		}); err != nil {
			return gone, fmt.Errorf("take people off the suppression list: %w", err)
		}
		gone++
	}
	return gone, nil
}

// Suppressions calls fn for every person on the list, in no order.
func (pp *People) Suppressions(ctx context.Context, fn func(Suppression) error) error {
	it := pp.rdb.HScan(ctx, suppressedKey, 0, "", 500).Iterator()
	id := ""
	for field := true; it.Next(ctx); field = !field {
		if field {
			id = it.Val()
			continue
		}
		s := entry{Suppression: Suppression{ID: id}}
		if err := pp.readEntry(ctx, id, it.Val(), &s); errors.Is(err, errKeysUnread) {
			return err
		} else if err != nil {
			s = entry{Suppression: Suppression{ID: id, Reason: pp.unreadable(ctx, KindSuppression, id, err).Error(), Unreadable: true}}
		}
		if s.Of != "" {
			continue
		}
		if err := fn(s.Suppression); err != nil {
			return err
		}
	}
	return it.Err()
}

// Suppressed reports for each person whether they are on the list, under any of their addresses.
func (pp *People) Suppressed(ctx context.Context, people []phone.Identity) ([]bool, error) {
	if err := pp.current(ctx); err != nil {
		return nil, err
	}
	return pp.suppressed(ctx, pp.rdb, people)()
}

// suppressed queues the look-up, and returns a function that reads the answer.
func (pp *People) suppressed(ctx context.Context, rdb redis.Cmdable, people []phone.Identity) func() ([]bool, error) {
	return pp.listed(ctx, rdb, pp.fieldsOf(people))
}

// fieldsOf returns the fields of each person's addresses.
func (c *core) fieldsOf(people []phone.Identity) [][]string {
	fields := make([][]string, len(people))
	for i, id := range people {
		for _, key := range id.Keys() {
			fields[i] = append(fields[i], c.field(key))
		}
	}
	return fields
}

// listed does what suppressed does, for people whose fields are known.
func (pp *People) listed(ctx context.Context, rdb redis.Cmdable, people [][]string) func() ([]bool, error) {
	var who []int
	for i, fields := range people {
		for range fields {
			who = append(who, i)
		}
	}
	listed := make([]bool, len(people))
	if len(who) == 0 {
		return func() ([]bool, error) { return listed, nil }
	}
	cmd := rdb.HMGet(ctx, suppressedKey, slices.Concat(people...)...)
	return func() ([]bool, error) {
		values, err := cmd.Result()
		if err != nil {
			return nil, fmt.Errorf("read the suppression list: %w", err)
		}
		for i, v := range values {
			if v != nil {
				listed[who[i]] = true
			}
		}
		return listed, nil
	}
}
