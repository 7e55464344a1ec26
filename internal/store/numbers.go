package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/rollcallhq/rollcall/internal/phone"
)

// numbersKey holds what stands for each instance's number (NumberOf), followed by unsureNumber while the
// instance may come back with another number.
const numbersKey = prefix + "numbers"

const unsureNumber = "?"

// NumberOf is what stands for an instance's number in keys: a keyed hash, or the instance's name where
// its provider does not report the number.
func (pr *Presence) NumberOf(instance string, self phone.Identity) string {
	if keys := self.Keys(); len(keys) > 0 {
		return pr.field(keys[0])
	}
	return instance
}

// SetNumber records an instance's current number, and returns the one before; "" for none. Everything known
// of an instance belongs to its number.
func (pr *Presence) SetNumber(ctx context.Context, instance, number string) (was string, err error) {
	was, unsure, err := pr.numberBehind(ctx, instance)
	if err != nil || was == number && !unsure {
		return was, err
	}
	if err := pr.rdb.HSet(ctx, numbersKey, instance, number).Err(); err != nil {
		return was, fmt.Errorf("record the number of %s: %w", instance, err)
	}
	return was, nil
}

// DoubtNumber notes that an instance is not connected: its number must be read again.
func (pr *Presence) DoubtNumber(ctx context.Context, instance string) error {
	for {
		number, unsure, err := pr.numberBehind(ctx, instance)
		if err != nil || number == "" || unsure {
			return err
		}
		done, err := pr.swapField(ctx, numbersKey, instance, number, number+unsureNumber)
		if err != nil {
			return fmt.Errorf("doubt the number of %s: %w", instance, err)
		}
		if done {
			return nil
		}
	}
}

func (pr *Presence) numberBehind(ctx context.Context, instance string) (number string, unsure bool, err error) {
	values, err := pr.rdb.HMGet(ctx, numbersKey, instance).Result()
	if err != nil {
		return "", false, fmt.Errorf("read the number of %s: %w", instance, err)
	}
	text, _ := values[0].(string)
	number, unsure = strings.CutSuffix(text, unsureNumber)
	return number, unsure, nil
}

// Numbers reads what stands for instances' numbers, in their order: the instance's name where none was
// reported yet. It is a pacing.Numbers.
func (pr *Presence) Numbers(ctx context.Context, instances ...string) ([]string, error) {
	if len(instances) == 0 {
		return nil, nil
	}
	values, err := pr.rdb.HMGet(ctx, numbersKey, instances...).Result()
	if err != nil {
		return nil, fmt.Errorf("read the numbers of %d instances: %w", len(instances), err)
	}
	numbers := make([]string, len(instances))
	for i, v := range values {
		text, _ := v.(string)
		if numbers[i] = strings.TrimSuffix(text, unsureNumber); numbers[i] == "" {
			numbers[i] = instances[i]
		}
	}
	return numbers, nil
}
