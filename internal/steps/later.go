package steps

import (
	"fmt"
	"time"
)

// Later is the verdict "deliver this task again, not before then". It is no failure and costs no
// retry; lane turns it into asynq's retry delay.
type Later struct {
	After time.Duration // 0 means as soon as the lane's gate opens again
	Why   string        // for the debug log; never a phone number
}

func (l *Later) Error() string { return fmt.Sprintf("again in %s: %s", l.After, l.Why) }
