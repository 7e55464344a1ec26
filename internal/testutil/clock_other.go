//go:build !linux || !amd64

package testutil

import (
	"errors"
	"os/exec"
	"time"
)

// Clock is the wall clock of one process, which a test can step. It is supported only on Linux with amd64.
type Clock struct{}

// StartWithClock starts a program whose clock can be stepped.
func StartWithClock(*exec.Cmd) (*Clock, error) {
	return nil, errors.New("clocks can be stepped on Linux with amd64 only")
}

// Set sets the clock's offset from the machine's clock, in whole seconds.
func (c *Clock) Set(time.Duration) error { return errors.ErrUnsupported }

// Close detaches from the process.
func (c *Clock) Close() error { return nil }
