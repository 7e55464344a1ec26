package steps

import (
	"fmt"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// Turn is returned for a task that needs a slot and has none: the task waits in a line.
type Turn struct {
	Line string
	At   time.Time // not before; zero means now
}

func (t *Turn) Error() string { return "it waits for its turn in " + t.Line }

// Later asks to deliver the task again after a pause. It is not a failure and never uses up a retry.
type Later struct {
	After time.Duration // 0 means with the next slot, or soon if the task needs none
	Why   say.Phrase    // for the debug log; never a phone number
}

func (l *Later) Error() string { return fmt.Sprintf("again in %s: %s", l.After, l.Why) }
