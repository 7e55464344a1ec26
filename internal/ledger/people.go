package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// suppressedKey holds who must not be added or invited: keyed hash -> Suppression.
const suppressedKey = prefix + "suppressed"

// Suppression is one person who must not be added and not be invited. The number itself is not
// kept: only its keyed hash, and a masked form for people to recognise it by.
type Suppression struct {
	ID     string    `json:"-"` // the hash: tells apart who looks alike when masked
	Masked string    `json:"phone"`
	Reason string    `json:"reason"`
	At     time.Time `json:"since"`
	// Unreadable says that the entry cannot be read. The person must not be called all the same.
	Unreadable bool `json:"unreadable,omitempty"`
}

func (l *Ledger) suppressionField(id phone.Identity) (string, bool) {
	keys := id.Keys()
	if len(keys) == 0 {
		return "", false
	}
	return l.field(keys[0]), true
}

// Suppress puts people on the list. Somebody already on it keeps the first reason and time.
func (l *Ledger) Suppress(ctx context.Context, people []phone.Number, reason string) error {
	ids := make([]phone.Identity, len(people))
	for i, n := range people {
		ids[i] = n.Identity()
	}
	return l.SuppressPeople(ctx, ids, reason)
}

// SuppressPeople is Suppress for people of whom perhaps only the LID is known.
func (l *Ledger) SuppressPeople(ctx context.Context, people []phone.Identity, reason string) error {
	if len(people) == 0 {
		return nil
	}
	now, err := l.Now(ctx)
	if err != nil {
		return err
	}
	people, err = l.completed(ctx, people)
	if err != nil {
		return err
	}
	on, err := l.Meet(ctx, people)
	if err != nil {
		return err
	}
	var fields []string
	_, err = l.pipeline(ctx, nil, func(p redis.Pipeliner) error {
		for i, id := range people {
			field, ok := l.suppressionField(id)
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
			p.HSetNX(ctx, suppressedKey, field, l.crypt.seal(field, value))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("suppress %d people: %w", len(people), err)
	}
	return l.alias(ctx, fields)
}

// Unsuppress takes people off the list and reports how many were on it.
func (l *Ledger) Unsuppress(ctx context.Context, people []phone.Number) (int, error) {
	gone := 0
	for _, n := range people {
		field, aliases, _, err := l.entryOf(ctx, n.Identity())
		if err != nil {
			return gone, err
		}
		if field == "" {
			continue
		}
		if _, err := l.pipeline(ctx, nil, func(p redis.Pipeliner) error {
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

// Suppressions calls fn for everybody on the list, in no order.
func (l *Ledger) Suppressions(ctx context.Context, fn func(Suppression) error) error {
	it := l.rdb.HScan(ctx, suppressedKey, 0, "", 500).Iterator()
	id := ""
	for field := true; it.Next(ctx); field = !field {
		if field {
			id = it.Val()
			continue
		}
		s := entry{Suppression: Suppression{ID: id}}
		if err := l.readEntry(ctx, id, it.Val(), &s); err != nil {
			s = entry{Suppression: Suppression{ID: id, Reason: l.unreadable(ctx, KindSuppression, id, err).Error(), Unreadable: true}}
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

// Suppressed says of each person whether they are on the list, under any of their addresses.
func (l *Ledger) Suppressed(ctx context.Context, people []phone.Identity) ([]bool, error) {
	return l.suppressed(ctx, l.rdb, people)()
}

// suppressed asks, and returns how to read the answer, so that it fits into a pipeline.
func (l *Ledger) suppressed(ctx context.Context, rdb redis.Cmdable, people []phone.Identity) func() ([]bool, error) {
	var fields []string
	var who []int
	for i, id := range people {
		for _, key := range id.Keys() {
			fields = append(fields, l.field(key))
			who = append(who, i)
		}
	}
	listed := make([]bool, len(people))
	if len(fields) == 0 {
		return func() ([]bool, error) { return listed, nil }
	}
	cmd := rdb.HMGet(ctx, suppressedKey, fields...)
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

// How long the network's answer about a number is believed: accounts come more often than they go.
const (
	knownFor   = 30 * 24 * time.Hour
	unknownFor = 24 * time.Hour
)

// RememberChecks keeps what a provider said about addresses, so that nobody is asked about twice
// (a check may count against a monthly quota).
func (l *Ledger) RememberChecks(ctx context.Context, providerName string, checks map[string]provider.Checked) error {
	if len(checks) == 0 {
		return nil
	}
	now, err := l.Now(ctx)
	if err != nil {
		return err
	}
	checks = maps.Clone(checks)
	for number, c := range checks {
		if c.At.IsZero() {
			c.At = now
			checks[number] = c
		}
	}
	_, err = l.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		return l.RememberingChecks(providerName, checks).fill(ctx, p)
	})
	if err != nil {
		return fmt.Errorf("remember %d number checks: %w", len(checks), err)
	}
	var met []phone.Identity
	for number, c := range checks {
		if c.Identity.LID != "" {
			met = append(met, phone.Identity{Digits: number, LID: c.Identity.LID})
		}
	}
	_, err = l.Meet(ctx, met)
	return err
}

// RememberingChecks is RememberChecks as a rider, of checks that tell when they were made.
func (l *Ledger) RememberingChecks(providerName string, checks map[string]provider.Checked) Rider {
	return Rider{fill: func(ctx context.Context, p redis.Pipeliner) error {
		for address, c := range checks {
			value, err := json.Marshal(c)
			if err != nil {
				return err
			}
			ttl := unknownFor
			if c.Exists {
				ttl = knownFor
			}
			key := l.checkKey(providerName, address)
			p.Set(ctx, key, l.crypt.seal(key, value), ttl)
		}
		return nil
	}}
}

// RecallChecks finds the answers that are remembered.
func (l *Ledger) RecallChecks(ctx context.Context, providerName string, addresses []string) (map[string]provider.Checked, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	var recalled func() (map[string]provider.Checked, error)
	_, err := l.each(ctx, nil, func(p redis.Pipeliner) error {
		recalled = l.recall(ctx, p, providerName, addresses)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("recall %d number checks: %w", len(addresses), err)
	}
	return recalled()
}

func (l *Ledger) recall(ctx context.Context, p redis.Pipeliner, providerName string, addresses []string) func() (map[string]provider.Checked, error) {
	cmds := make([]*redis.StringCmd, len(addresses))
	for i, a := range addresses {
		cmds[i] = p.Get(ctx, l.checkKey(providerName, a))
	}
	return func() (map[string]provider.Checked, error) {
		checks := make(map[string]provider.Checked, len(addresses))
		for i, cmd := range cmds {
			key := l.checkKey(providerName, addresses[i])
			value, err := cmd.Bytes()
			if err == nil {
				var c provider.Checked
				if c, err = l.openCheck(ctx, key, value); err == nil {
					checks[addresses[i]] = c
				}
			}
			if err != nil && !errors.Is(err, redis.Nil) { // it is asked again
				_ = l.unreadable(ctx, KindCheck, strings.TrimPrefix(key, prefix+"check:"), err)
			}
		}
		return checks, nil
	}
}

func (l *Ledger) openCheck(ctx context.Context, key string, value []byte) (c provider.Checked, err error) {
	if value, err = l.crypt.unseal(ctx, key, value); err == nil {
		err = json.Unmarshal(value, &c)
	}
	return c, err
}

func (l *Ledger) checkKey(providerName, address string) string {
	return prefix + "check:" + providerName + ":" + l.field(address)
}
