package dispatch

import "time"

// idleFor is how long a runner waits for its next step.
const idleFor = 100 * time.Millisecond

// runners run steps in reused goroutines. A step's stack grows to several times its initial size, and growing it
// again for each step costs processor time (docs/notes/performance.md).
type runners chan func()

func (r runners) run(step func()) {
	select {
	case r <- step:
	default:
		go r.serve(step)
	}
}

func (r runners) serve(step func()) {
	idle := time.NewTimer(idleFor)
	defer idle.Stop()
	for {
		step()
		idle.Reset(idleFor)
		select {
		case step = <-r:
		case <-idle.C:
			return
		}
	}
}
