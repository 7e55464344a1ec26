package dispatch

import "time"

// restFor is how long a runner waits for its next step.
const restFor = 100 * time.Millisecond

// runners run steps in goroutines that are used again. A step's stack grows to several times the
// size it begins with; growing it again for each of a thousand groups a second took a twelfth of the
// worker's processor time (docs/notes/performance.md).
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
