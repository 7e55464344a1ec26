//go:build !linux || !amd64

package testutil

import (
	"errors"
	"os/exec"
	"time"
)

// Clock is the clock of the day of one process, which a test can step: on Linux with amd64.
type Clock struct{}

// StartWithClock starts a program whose clock can be stepped.
func StartWithClock(*exec.Cmd) (*Clock, error) {
	return nil, errors.New("clocks can be stepped on Linux with amd64 only")
}

// Set puts the clock off the machine's, in whole seconds.
func (c *Clock) Set(time.Duration) error { return errors.ErrUnsupported }

// Close lets the process alone.
func (c *Clock) Close() error { return nil }
