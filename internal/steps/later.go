package steps

import (
	"fmt"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// Turn is the verdict "this task needs a slot, and has none": it waits for its turn in a line.
type Turn struct {
	Line string
	At   time.Time // not before; zero means now
}

func (t *Turn) Error() string { return "it waits for its turn in " + t.Line }

// Later is the verdict "deliver this task again, not before then". It is not a failure and costs no
// retry.
type Later struct {
	After time.Duration // 0 means with the next slot, or soon where none is needed
	Why   say.Phrase    // for the debug log; never a phone number
}

func (l *Later) Error() string { return fmt.Sprintf("again in %s: %s", l.After, l.Why) }
