package lane

import (
	"context"
	"fmt"
	"time"
)

// cutFor is how long the second phase of a drain waits for tasks to be handed back.
const cutFor = 10 * time.Second

// Drain ends the lanes in two phases. First nothing new is taken, tasks that wait for their slot go
// back to the head of their queue at once and their slots are free again, and calls under way
// finish; all lanes at the same time. When ctx ends before that is done, the second phase hands back
// the tasks whose calls are still under way, although those go on, and returns an error that says
// how many; whoever takes such a task next finds the call in its journal.
//
// Draining twice, or before Start, is fine.
func (l *Lanes) Drain(ctx context.Context) error {
	l.mu.Lock()
	l.state = closed
	for _, p := range l.byName {
		l.retire(p.create, p.invite)
	}
	l.retire(l.fixed...)
	clear(l.byName)
	l.fixed = nil
	l.mu.Unlock()

	done := make(chan struct{})
	go func() {
		l.retired.Wait()
		l.cancel()
		l.loops.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	calls := l.Busy()
	l.mu.Lock()
	for one := range l.retiring {
		one.cut()
	}
	l.mu.Unlock()
	select {
	case <-done:
	case <-time.After(cutFor): // Redis is away: the reaper of another worker will see to the rest
	}
	return fmt.Errorf("drain: %d calls were cut off: %w", calls, context.Cause(ctx))
}
