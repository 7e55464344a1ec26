package dispatch

import "time"

// restFor is how long a runner waits for its next step.
const restFor = 100 * time.Millisecond

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
	rest := time.NewTimer(restFor)
	defer rest.Stop()
	for {
		step()
		rest.Reset(restFor)
		select {
		case step = <-r:
		case <-rest.C:
			return
		}
	}
}
