package pacing

import (
	"context"
	"fmt"
)

// Pause lets no call of an instance begin until Unpause: from when it returns, Take grants no slot and
// Begin refuses every slot that is open. Calls that had begun are under way; Look tells which.
func (p *Pacer) Pause(ctx context.Context, instance string) error {
	if err := p.rdb.Set(ctx, p.pauseKey(instance), "1", 0).Err(); err != nil {
		return fmt.Errorf("pacing: pause: %w", err)
	}
	return nil
}

// Unpause ends a pause.
func (p *Pacer) Unpause(ctx context.Context, instance string) error {
	if err := p.rdb.Del(ctx, p.pauseKey(instance)).Err(); err != nil {
		return fmt.Errorf("pacing: unpause: %w", err)
	}
	return nil
}
