package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/phone"
)

// answer is a response under way, and what the log will say about it.
type answer struct {
	http.ResponseWriter

	id     string // of the request
	base   string // the base path of the server
	route  string // the pattern, never the path: a path may name a person
	key    string // the name of the key that the request counts for
	status int
	bytes  int64
	err    error // the cause of a failure, for the log only
}

type answerKey struct{}

// answerOf returns the answer of a request's context.
func answerOf(ctx context.Context) *answer {
	if a, ok := ctx.Value(answerKey{}).(*answer); ok {
		return a
	}
	return &answer{}
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(p)
	a.bytes += int64(n)
	return n, err
}

// counted counts the bytes of a body.
type counted struct {
	io.ReadCloser

	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n += int64(n)
	return n, err
}

// observe gives a request its id, answers after panics, and logs one line for the request.
func (a *API) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		ans := &answer{ResponseWriter: w, id: requestID(r), base: a.BasePath}
		h := w.Header()
		h.Set("X-Request-Id", ans.id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		body := &counted{ReadCloser: r.Body}
		ctx, end := a.Traced(r)
		r = r.WithContext(context.WithValue(ctx, answerKey{}, ans))
		r.Body = body
		defer func() {
			aborted := a.recovered(ans, r, recover())
			if ans.key != "" {
				a.limits.requestsOf.leave(ans.key)
			}
			took := time.Since(began)
			a.log(ans, r, body.n, took)
			end(ans.route, ans.status)
			if a.Observed != nil && ans.route != "" && !a.routes[ans.route].long {
				a.Observed(ans.route, ans.status, took)
			}
			if aborted {
				panic(http.ErrAbortHandler) // closes the connection, so that the client sees that the answer is incomplete
			}
		}()
		next.ServeHTTP(ans, r)
	})
}

// recovered answers after a panic. It reports whether the connection must be closed, because an answer has begun
// that cannot be finished.
func (a *API) recovered(ans *answer, r *http.Request, panicked any) (abort bool) {
	if panicked == nil {
		return false
	}
	if err, ok := panicked.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		return true
	}
	a.Log.Error().EmbedObject(event.HTTPPanic).Str("requestId", ans.id).Str("panic", phone.Mask(fmt.Sprint(panicked))).
		Str("stack", string(debug.Stack())).Msg("HTTP handler panicked")
	if ans.status != 0 {
		return true
	}
	internal(fmt.Errorf("panic: %v", panicked)).write(ans, r)
	return false
}

// log writes the request's line. It has no path, no parameter and no key: those can identify people or be secrets.
func (a *API) log(ans *answer, r *http.Request, in int64, took time.Duration) {
	level := zerolog.InfoLevel
	switch {
	case ans.status >= http.StatusInternalServerError:
		level = zerolog.ErrorLevel
	case quiet(ans.route):
		level = zerolog.DebugLevel
	}
	e := a.Log.WithLevel(level)
	e.Str("requestId", ans.id).Str("method", method(r)).Str("route", ans.route).Int("status", ans.status).
		Dur("took", took).Int64("in", in).Int64("out", ans.bytes)
	if ans.key != "" {
		e.Str("key", ans.key)
	}
	if ans.err != nil {
		e.Str("error", phone.Mask(ans.err.Error()))
	}
	e.EmbedObject(event.HTTPRequest).Msg("HTTP request")
}

// quiet reports whether a route is polled by machines.
func quiet(route string) bool {
	return route == "GET /healthz" || route == "GET /readyz" || route == "GET /metrics"
}

// method returns the request's method, and "other" for an unknown one, which can be any text of the client.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,128}$`)

// requestID returns the client's own id for the request if it is safe to log, otherwise a new one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if requestIDPattern.MatchString(id) && phone.Mask(id) == id {
		return id
	}
	return "req_" + uuid.Must(uuid.NewV7()).String()
}
