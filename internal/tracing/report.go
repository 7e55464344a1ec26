package tracing

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
)

// reporter receives OpenTelemetry's own log and errors. Their texts can repeat the environment, which holds the receiver's
// key, and by default they go to standard error. reporter passes on only its own texts.
type reporter struct {
	mu     sync.Mutex
	setUp  []string // faults in the environment
	opened bool
	failed func(why string)
	last   string
	at     time.Time
}

// again is how long the same failure is not reported again.
const again = time.Minute

// install makes r OpenTelemetry's logger and error handler.
func (r *reporter) install() {
	otel.SetLogger(logr.New(r))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(r.handle))
}

// handle handles an error. A send error is never a fault in the environment.
func (r *reporter) handle(err error) {
	_, sent := errors.AsType[*url.Error](err)
	if sent || errors.Is(err, context.DeadlineExceeded) {
		r.lost(explain(err))
		return
	}
	r.tell(explain(err))
}

// faults returns the faults in the environment that were found so far.
func (r *reporter) faults() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.setUp) == 0 {
		return nil
	}
	return errors.New("a variable cannot be used: " + strings.Join(r.setUp, ", "))
}

// ready ends the reading of the environment, and returns its faults.
func (r *reporter) ready() error {
	r.mu.Lock()
	r.opened = true
	r.mu.Unlock()
	return r.faults()
}

func (r *reporter) tell(why string) {
	r.mu.Lock()
	if !r.opened {
		r.setUp = append(r.setUp, why)
		r.mu.Unlock()
		return
	}
	r.mu.Unlock()
	r.lost(why)
}

// lost reports why spans are lost.
func (r *reporter) lost(why string) {
	r.mu.Lock()
	now := time.Now()
	repeated := why == r.last && now.Sub(r.at) < again
	if !repeated {
		r.last, r.at = why, now
	}
	r.mu.Unlock()
	if !repeated {
		r.failed(why)
	}
}

// explain says why spans were not accepted, without the receiver's address and answer.
func explain(err error) string {
	if e, ok := errors.AsType[*url.Error](err); ok {
		if _, network := errors.AsType[net.Error](e.Err); network {
			return "the receiver cannot be reached: " + e.Err.Error()
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "the receiver does not answer in time"
	}
	return "the receiver does not take them"
}

// Init implements logr.LogSink.
func (r *reporter) Init(logr.RuntimeInfo) {}

// Enabled implements logr.LogSink: only errors are logged.
func (r *reporter) Enabled(int) bool { return false }

// Info implements logr.LogSink.
func (r *reporter) Info(int, string, ...any) {}

// Error implements logr.LogSink. The message is a constant of OpenTelemetry; the error and the values can repeat the
// environment.
func (r *reporter) Error(_ error, message string, _ ...any) { r.tell(message) }

// WithValues implements logr.LogSink.
func (r *reporter) WithValues(...any) logr.LogSink { return r }

// WithName implements logr.LogSink.
func (r *reporter) WithName(string) logr.LogSink { return r }
