package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// What providers say about people is kept in one hash for each period of thirty days, called a month. The answers about
// a group's people are then one write, and ForgetChecks drops a whole month at once. All these keys share one slot of
// Redis Cluster.
const (
	people = prefix + "{people}:"
	month  = 30 * 24 * time.Hour
)

// How long a provider's answer about a number is valid. "No account" is valid for a shorter time, because accounts are
// opened more often than closed.
const (
	knownFor   = 30 * 24 * time.Hour
	unknownFor = 24 * time.Hour
)

// checksKey returns the key of the hash of what providers said in a month: checkField -> provider.Checked, sealed.
func checksKey(month string) string { return people + "checks:" + month }

// alsoKey returns the key of the hash that maps one address of a person to the other, as learnt in a month. Both are
// hashed.
func alsoKey(month string) string { return people + "also:" + month }

// checkField returns the field of a provider's answer about an address; field is that of the address itself.
func checkField(providerName, field string) string { return providerName + ":" + field }

// months lists the months whose entries can be younger than life, the latest first.
func months(now time.Time, life time.Duration) []string {
	last := now.Unix() / int64(month.Seconds())
	names := make([]string, 0, 2+life/month)
	for first := now.Add(-life).Unix() / int64(month.Seconds()); last >= first; last-- {
		names = append(names, strconv.FormatInt(last, 10))
	}
	return names
}

// ForgetChecks drops the months whose answers are no longer valid. It looks back two years.
func (pp *People) ForgetChecks(ctx context.Context) error {
	now, err := pp.Now(ctx)
	if err != nil {
		return err
	}
	var over []string
	for _, name := range months(now, 2*365*24*time.Hour)[len(months(now, knownFor)):] {
		over = append(over, checksKey(name))
	}
	met := pp.metFor()
	for _, name := range months(now, met+2*365*24*time.Hour)[len(months(now, met)):] {
		over = append(over, alsoKey(name))
	}
	if err := pp.rdb.Unlink(ctx, over...).Err(); err != nil {
		return fmt.Errorf("forget number checks: %w", err)
	}
	return nil
}

// metFor returns how long the link between a person's two addresses is kept.
func (pp *People) metFor() time.Duration { return 2 * pp.retention }

// RememberChecks keeps what a provider said about addresses, and which LID is whose. No address is then checked twice:
// a check may count against a monthly quota.
func (pp *People) RememberChecks(ctx context.Context, providerName string, checks map[string]provider.Checked) error {
	if len(checks) == 0 {
		return nil
	}
	var now time.Time
	for _, c := range checks {
		now = c.At
	}
	if now.IsZero() {
		var err error
		if now, err = pp.Now(ctx); err != nil {
			return err
		}
	}
	values := make([]any, 0, 2*len(checks))
	met := make([]phone.Identity, 0, len(checks))
	for address, c := range checks {
		if c.At.IsZero() {
			c.At = now
		}
		value, err := json.Marshal(c)
		if err != nil {
			return err
		}
		field := checkField(providerName, pp.field(address))
		values = append(values, field, pp.crypt.seal(field, value))
		if c.Identity.LID != "" {
			met = append(met, phone.Identity{Digits: address, LID: c.Identity.LID})
		}
	}
	if _, err := pp.meet(ctx, now, met, values...); err != nil {
		return fmt.Errorf("remember %d number checks: %w", len(checks), err)
	}
	return nil
}

// RecallChecks returns the answers that are still valid, by address.
func (pp *People) RecallChecks(ctx context.Context, providerName string, addresses []string) (map[string]provider.Checked, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	if err := pp.current(ctx); err != nil {
		return nil, err
	}
	now, err := pp.Now(ctx)
	if err != nil {
		return nil, err
	}
	var recalled func() map[string]provider.Checked
	_, err = pp.each(ctx, nil, func(p redis.Pipeliner) error {
		recalled = pp.recall(ctx, p, now, providerName, addresses)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("recall %d number checks: %w", len(addresses), err)
	}
	return recalled(), nil
}

// recall queues the look-up, and returns a function that reads the answer.
func (pp *People) recall(ctx context.Context, p redis.Pipeliner, now time.Time, providerName string, addresses []string) func() map[string]provider.Checked {
	fields := make([]string, len(addresses))
	for i, a := range addresses {
		fields[i] = checkField(providerName, pp.field(a))
	}
	values := pp.latest(ctx, p, checksKey, months(now, knownFor), fields)
	return func() map[string]provider.Checked {
		checks := make(map[string]provider.Checked, len(addresses))
		for i, v := range values() {
			if v.value == "" {
				continue
			}
			c, err := pp.openCheck(ctx, fields[i], v.value)
			if errors.Is(err, errKeysUnread) {
				continue
			}
			if err != nil { // the number is checked again
				_ = pp.unreadable(ctx, KindCheck, familyOf(v.key).idOf(v.key, fields[i]), err)
				continue
			}
			life := unknownFor
			if c.Exists {
				life = knownFor
			}
			if c.At.Add(life).After(now) {
				checks[addresses[i]] = c
			}
		}
		return checks
	}
}

// said is a field's value with the key that has it; the value "" means that there is none.
type said struct{ key, value string }

// latest queues a look-up of the newest value of each field, and returns a function that reads the answer.
func (pp *People) latest(ctx context.Context, p redis.Pipeliner, key func(month string) string, months, fields []string) func() []said {
	var answers []*redis.SliceCmd
	if len(fields) > 0 {
		for _, name := range months {
			answers = append(answers, p.HMGet(ctx, key(name), fields...))
		}
	}
	return func() []said {
		found := make([]said, len(fields))
		for m, answer := range answers {
			_ = pp.tolerate(ctx, key(months[m]), answer.Err())
			for i, v := range answer.Val() {
				if text, ok := v.(string); ok && found[i].value == "" {
					found[i] = said{key(months[m]), text}
				}
			}
		}
		return found
	}
}

func (c *core) openCheck(ctx context.Context, field, value string) (checked provider.Checked, err error) {
	plain, err := c.crypt.unseal(ctx, field, []byte(value))
	if err == nil {
		err = json.Unmarshal(plain, &checked)
	}
	return checked, err
}
