package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
)

// numbersKey holds what stands for each instance's number (NumberOf). While the instance may come back with another
// number, unsureNumber and a mark of the latest doubt follow it.
const numbersKey = prefix + "numbers"

const unsureNumber = "?"

// NumberOf returns what stands for an instance's number in keys: a keyed hash, or the instance's name where
// its provider does not report the number.
func (pr *Presence) NumberOf(instance string, self phone.Identity) string {
	if keys := self.Keys(); len(keys) > 0 {
		return pr.field(keys[0])
	}
	return instance
}

// HeldNumber returns what Redis holds about an instance's number, for SetNumber. Read it before the number.
func (pr *Presence) HeldNumber(ctx context.Context, instance string) (string, error) {
	values, err := pr.rdb.HMGet(ctx, numbersKey, instance).Result()
	if err != nil {
		return "", fmt.Errorf("read the number of %s: %w", instance, err)
	}
	held, _ := values[0].(string)
	return held, nil
}

// HeldOf returns the number in what Redis holds of an instance; "" for none.
func HeldOf(held string) string {
	number, _, _ := strings.Cut(held, unsureNumber)
	return number
}

// SetNumber records an instance's current number if Redis still holds what it held before the number was read.
// Otherwise the instance was disconnected meanwhile, or another worker has recorded a number. Everything known of an
// instance belongs to its number.
func (pr *Presence) SetNumber(ctx context.Context, instance, held, number string) (done bool, err error) {
	if done, err = pr.swapField(ctx, numbersKey, instance, held, number); err != nil {
		return false, fmt.Errorf("record the number of %s: %w", instance, err)
	}
	return done, nil
}

// DoubtNumber notes that an instance is not connected: its number must be read again, even if a reading is under way.
// It notes this even for an instance whose number was never read.
func (pr *Presence) DoubtNumber(ctx context.Context, instance string) error {
	for {
		held, err := pr.HeldNumber(ctx, instance)
		if err != nil {
			return err
		}
		mark := strconv.FormatInt(time.Now().UnixNano(), 36)
		done, err := pr.swapField(ctx, numbersKey, instance, held, HeldOf(held)+unsureNumber+mark)
		if err != nil {
			return fmt.Errorf("doubt the number of %s: %w", instance, err)
		}
		if done {
			return nil
		}
	}
}

// Numbers reads what stands for instances' numbers, in their order: the instance's name if no number was reported yet.
// It is a pacing.Numbers.
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
		if numbers[i] = HeldOf(text); numbers[i] == "" {
			numbers[i] = instances[i]
		}
	}
	return numbers, nil
}
