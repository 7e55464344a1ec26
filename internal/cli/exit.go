package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/store"
)

// The exit codes, as docs/cli.md lists them.
const (
	Done        = 0
	Failed      = 1
	BadUsage    = 2
	Partly      = 3
	NotAllowed  = 4
	Unreachable = 5
	Interrupted = 130
)

// ErrInterrupted is the cause of a context that a signal ended.
var ErrInterrupted = errors.New("interrupted")

// exit is an error with the exit code it asks for.
type exit struct {
	code int
	err  error // nil if the command has already reported it
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// Exit returns an error that ends the program with a code. If err is nil, the program ends without a message, because
// the command has already reported the error.
func Exit(code int, err error) error { return &exit{code: code, err: err} }

// Usage returns an error with the exit code BadUsage: the command line, or a file named there, is wrong.
func Usage(format string, args ...any) error { return Exit(BadUsage, fmt.Errorf(format, args...)) }

// Code returns the exit code of an error: the one that Exit gave it, or that of its type.
func Code(err error) int {
	if err == nil {
		return Done
	}
	if e, ok := errors.AsType[*exit](err); ok {
		return e.code
	}
	if _, ok := errors.AsType[config.Faults](err); ok {
		return BadUsage
	}
	if _, ok := errors.AsType[*intake.Unusable](err); ok {
		return BadUsage
	}
	switch {
	case errors.Is(err, ErrInterrupted), errors.Is(err, context.Canceled):
		return Interrupted
	case errors.Is(err, redisconn.ErrBadURL), errors.Is(err, redisconn.ErrUnfit), errors.Is(err, store.ErrKey):
		return BadUsage
	case errors.Is(err, redisconn.ErrUnreachable), isRedis(err):
		return Unreachable
	}
	return Failed
}

// isRedis reports whether Redis, or the way to it, failed. Errors of files do not count, though some look alike (no
// such file).
func isRedis(err error) bool {
	if _, ok := errors.AsType[*os.PathError](err); ok {
		return false
	}
	f := redisconn.Classify(err)
	return f != redisconn.NoFault && f != redisconn.Other
}

// Explain returns the text of an error for people: the command's own, or a plain sentence for a failing Redis. It
// returns "" if the command has already reported the error.
func Explain(err error) string {
	e, ok := errors.AsType[*exit](err)
	switch {
	case ok && e.err == nil:
		return ""
	case Code(err) == Interrupted && !ok:
		return "interrupted"
	case !ok && isRedis(err):
		return redisconn.Explain(err)
	}
	return err.Error()
}
