package pacing

import (
	"context"
	"fmt"
)

// Pause lets no call of an instance begin until Unpause: from when it returns, Take grants no slot and
// Begin refuses every slot that is open. Calls that had begun are under way; Look tells which.
func (p *Pacer) Pause(ctx context.Context, instance string) error {
	at, err := p.places(ctx, instance)
	if err != nil {
		return err
	}
	if err := p.rdb.Set(ctx, p.pauseKey(at[0], instance), "1", 0).Err(); err != nil {
		return fmt.Errorf("pacing: pause: %w", err)
	}
	return nil
}

// Unpause ends a pause.
func (p *Pacer) Unpause(ctx context.Context, instance string) error {
	at, err := p.places(ctx, instance)
	if err != nil {
		return err
	}
	if err := p.rdb.Del(ctx, p.pauseKey(at[0], instance)).Err(); err != nil {
		return fmt.Errorf("pacing: unpause: %w", err)
	}
	return nil
}

// Carry takes an instance's pause from one number to the next: a pause is the instance's, and is kept
// beside the pace of its number. Both are what Numbers gives.
func (p *Pacer) Carry(ctx context.Context, instance, from, to string) error {
	if from == to {
		return nil
	}
	n, err := p.rdb.Exists(ctx, p.pauseKey(from, instance)).Result()
	if err == nil && n == 1 {
		if err = p.rdb.Set(ctx, p.pauseKey(to, instance), "1", 0).Err(); err == nil {
			err = p.rdb.Del(ctx, p.pauseKey(from, instance)).Err()
		}
	}
	if err != nil {
		return fmt.Errorf("pacing: carry a pause: %w", err)
	}
	return nil
}
