package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// Hangups delivers SIGHUP, which asks a worker to read its configuration again, until stop is
// called. Without it a SIGHUP would end the process.
func Hangups() (signals <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c, func() { signal.Stop(c) }
}
