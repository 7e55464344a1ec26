package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/phone"
)

// A person has two addresses, a number and a LID, and is suppressed under the one that was known. So the store keeps
// the pair that a number check reports, as two keyed hashes. A person on the list under one address gets an alias under
// the other address: an entry that names the first.

// entry is what the list holds under an address: a person's entry, or an alias of it.
type entry struct {
	Suppression

	Of string `json:"of,omitempty"` // of an alias: where the person's entry is
}

// aliasesKey returns the key of the further addresses under which an entry of the suppression list is found.
func aliasesKey(field string) string { return prefix + "suppressed:" + field }

func (c *core) field(key string) string { return fieldOf(c.person(key)) }

// fieldOf returns the field of a person whose keyed hash is known.
func fieldOf(person []byte) string { return hex.EncodeToString(person[:16]) }

// Meet notes that a number and a LID are one person's, and reports for each person whether they are on the suppression
// list under either address.
func (pp *People) Meet(ctx context.Context, people []phone.Identity) ([]bool, error) {
	if len(people) == 0 {
		return nil, nil
	}
	now, err := pp.Now(ctx)
	if err != nil {
		return nil, err
	}
	return pp.meet(ctx, now, people)
}

// meet does what Meet does, at the given time by Redis' clock. In the same round trip it writes number checks, given as
// fields and values.
func (pp *People) meet(ctx context.Context, now time.Time, people []phone.Identity, checks ...any) ([]bool, error) {
	fields := pp.fieldsOf(people)
	pairs := make([]any, 0, 4*len(fields))
	for _, of := range fields {
		if len(of) == 2 {
			pairs = append(pairs, of[0], of[1], of[1], of[0])
		}
	}
	this := months(now, 0)[0]
	var asked func() ([]bool, error)
	err := pp.mending(ctx, []string{checksKey(this), alsoKey(this)}, func() error {
		_, err := pp.pipeline(ctx, nil, func(p redis.Pipeliner) error {
			if len(checks) > 0 {
				p.HSet(ctx, checksKey(this), checks...)
			}
			if len(pairs) > 0 {
				p.HSet(ctx, alsoKey(this), pairs...)
			}
			// A suppression from now on finds the pair; an earlier suppression is on the list by now.
			asked = pp.listed(ctx, p, fields)
			return nil
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("note the addresses of %d people: %w", len(people), err)
	}
	listed, err := asked()
	if err != nil {
		return nil, err
	}
	var both []string
	for i, of := range fields {
		if listed[i] && len(of) == 2 {
			both = append(both, of...)
		}
	}
	return listed, pp.alias(ctx, now, both)
}

// maxGroupsRead is how many of a person's groups are read for their other address.
const maxGroupsRead = 20

// completed adds the other address of people with only one, if a group knows it: a noted pair expires, and a group can
// wait for longer.
func (pp *People) completed(ctx context.Context, now time.Time, people []phone.Identity) ([]phone.Identity, error) {
	var alone []int
	var fields []string
	for i, who := range people {
		if keys := who.Keys(); len(keys) == 1 {
			alone, fields = append(alone, i), append(fields, pp.field(keys[0]))
		}
	}
	others, err := pp.others(ctx, now, fields)
	if err != nil {
		return nil, fmt.Errorf("look up the addresses of %d people: %w", len(people), err)
	}
	all := slices.Clone(people)
	for n, i := range alone {
		if others[n] != "" {
			continue
		}
		who := people[i]
		groups, _, err := pp.index.List(ctx, Filter{Person: who}, "", maxGroupsRead)
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			for m := range g.Members {
				if id := g.Members[m].Identity(); len(id.Keys()) == 2 && phone.SamePerson(id, who) {
					all[i] = id
				}
			}
		}
	}
	return all, nil
}

// others returns the other address of each; "" where it is unknown.
func (pp *People) others(ctx context.Context, now time.Time, fields []string) ([]string, error) {
	var asked func() []said
	if _, err := pp.each(ctx, nil, func(p redis.Pipeliner) error {
		asked = pp.latest(ctx, p, alsoKey, months(now, pp.metFor()), fields)
		return nil
	}); err != nil {
		return nil, err
	}
	others := make([]string, len(fields))
	for i, v := range asked() {
		if v.value == "" {
			continue
		}
		if err := readAddress(ctx, pp.core, v.key, fields[i], v.value); err != nil {
			_ = pp.unreadable(ctx, KindAddress, familyOf(v.key).idOf(v.key, fields[i]), err)
			continue
		}
		others[i] = v.value
	}
	return others, nil
}

// alias adds the entries under people's other addresses, where these are known.
func (pp *People) alias(ctx context.Context, now time.Time, fields []string) error {
	if len(fields) == 0 {
		return nil
	}
	others, err := pp.others(ctx, now, fields)
	if err != nil {
		return fmt.Errorf("complete the suppression list: %w", err)
	}
	entries, err := pp.rdb.HMGet(ctx, suppressedKey, fields...).Result()
	if err != nil {
		return fmt.Errorf("complete the suppression list: %w", err)
	}
	_, err = pp.each(ctx, nil, func(p redis.Pipeliner) error {
		for i, field := range fields {
			var s entry
			value, listed := entries[i].(string)
			other := others[i]
			if !listed || other == "" {
				continue
			}
			if err := pp.readEntry(ctx, field, value, &s); errors.Is(err, errKeysUnread) {
				return err
			} else if err != nil {
				_ = pp.unreadable(ctx, KindSuppression, field, err)
				continue
			}
			if s.Of != "" { // the other one is the entry
				continue
			}
			s.Of = field
			alias, err := json.Marshal(s)
			if err != nil {
				return err
			}
			p.SAdd(ctx, aliasesKey(field), other)
			p.HSetNX(ctx, suppressedKey, other, pp.crypt.seal(other, alias))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("complete the suppression list: %w", err)
	}
	return nil
}

// entryOf returns the field of a person's entry, and its aliases; "" when the person is not on the list.
func (pp *People) entryOf(ctx context.Context, who phone.Identity) (field string, aliases []string, s entry, err error) {
	for _, key := range who.Keys() {
		field = pp.field(key)
		value, err := pp.rdb.HGet(ctx, suppressedKey, field).Result()
		if err == redis.Nil { //nolint:errorlint // go-redis returns it bare
			continue
		}
		if err != nil {
			return "", nil, s, fmt.Errorf("read the suppression list: %w", err)
		}
		if err := pp.readEntry(ctx, field, value, &s); errors.Is(err, errKeysUnread) {
			return "", nil, s, err
		} else if err != nil { // the person is on the list nevertheless
			s = entry{Suppression: Suppression{Reason: pp.unreadable(ctx, KindSuppression, field, err).Error(), Unreadable: true}}
		}
		if s.Of != "" {
			field = s.Of
		}
		s.ID = field
		aliases, err = pp.rdb.SMembers(ctx, aliasesKey(field)).Result()
		if wrongType(err) {
			err = pp.unreadable(ctx, KindList, strings.TrimPrefix(aliasesKey(field), prefix), err)
		}
		return field, aliases, s, err
	}
	return "", nil, s, nil
}
