package store

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// The first and the longest pause of Outlast between two tries.
const (
	askFirst = 100 * time.Millisecond
	askLast  = time.Second
)

// Away reports whether Redis does not answer now but may soon: it restarts, loads its data, fails over to
// its replica, or the connection is lost. An error that only a person can fix is not Away.
func Away(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if answer, ok := errors.AsType[redis.Error](err); ok {
		for _, prefix := range []string{"LOADING", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "TRYAGAIN", "UNBLOCKED"} {
			if strings.HasPrefix(answer.Error(), prefix) {
				return true
			}
		}
		return false
	}
	_, network := errors.AsType[net.Error](err) // refused, reset, timed out, no such name
	return network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, redis.ErrPoolTimeout) ||
		errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		strings.Contains(err.Error(), "sentinels specified in configuration are unreachable") ||
		strings.Contains(err.Error(), "cluster has no nodes")
}

// Outlast repeats a reading for as long as Redis is away, until ctx ends. It calls tell once when the break begins,
// with its first error, and with nil when it is over. It reports whether there was a break.
func Outlast(ctx context.Context, tell func(error), read func() error) (broken bool, err error) {
	pause := askFirst
	for {
		err = read()
		if ctx.Err() != nil {
			return broken, context.Cause(ctx)
		}
		if !Away(err) {
			break
		}
		if !broken {
			broken = true
			tell(err)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return broken, context.Cause(ctx)
		}
		pause = min(2*pause, askLast)
	}
	if broken && err == nil {
		tell(nil)
	}
	return broken, err
}
