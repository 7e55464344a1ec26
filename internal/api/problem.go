package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// Problem is an error in the form of RFC 9457.
type Problem struct {
	Type      string   `json:"type" format:"uri-reference" doc:"Which kind of problem it is; the page /docs explains each."`
	Title     string   `json:"title" doc:"The kind in words."`
	Status    int      `json:"status" doc:"The HTTP status."`
	Detail    string   `json:"detail" doc:"What is wrong this time, and how to mend it. Telephone numbers are masked."`
	Errors    []Fault  `json:"errors,omitempty" doc:"The faults, by field. A body that cannot be read names the first; one that can be read names all."`
	RequestID string   `json:"requestId" doc:"The request's id, as in the header X-Request-Id and in the server's log."`
	Batch     *Batched `json:"batch,omitempty" doc:"For a batch that was read in part: the outcome of the rows that were read."`

	header http.Header
	cause  error // for the log
}

// Fault is one thing that is wrong with a request.
type Fault struct {
	Field    string `json:"field" doc:"Which field, parameter or header is wrong."`
	Location string `json:"location" doc:"Where it stands: body.phones, query.limit, header.Idempotency-Key."`
	Code     string `json:"code,omitempty" doc:"What is wrong, for programs: a code of a row's error, or matchesEverything and matchesNothing of a filter."`
	Message  string `json:"message" doc:"What is wrong, and how to mend it."`
}

// kind is a kind of problem: a status, an anchor on the page /docs, a title and what it means.
type kind struct {
	Status              int
	Anchor, Title, What string
}

// kinds lists all kinds of problems. Each status has one kind.
var kinds = []kind{
	{http.StatusBadRequest, "malformed", "The request cannot be read", "The body is not JSON, or it broke off. Of a batch that broke off, what was read is accepted: the problem says how much."},
	{http.StatusUnauthorized, "unauthorized", "A key is needed", "Send Authorization: Bearer with one of the keys that the configuration lists."},
	{http.StatusForbidden, "forbidden", "That is not allowed", "The key's role does not include this, or the request comes from a page of another site."},
	{http.StatusNotFound, "not-found", "There is no such thing", "No group, batch, instance or address of that name."},
	{http.StatusMethodNotAllowed, "method", "The address does not know this method", "The header Allow lists those it knows."},
	{http.StatusRequestTimeout, "timeout", "The request did not come in time", "The body stopped coming. Of a batch, what was read is accepted."},
	{http.StatusConflict, "state", "The state does not allow it", "The group is in a state in which that cannot be done, and the problem names it; or what is stored of it cannot be read (code unreadable); or a request with the same idempotency key is under way, and the header Retry-After says when to ask again."},
	{http.StatusRequestEntityTooLarge, "too-large", "The body is too large", "One group is at most 1 MiB. A batch has at most 1,000,000 rows, each of at most 1 MiB."},
	{http.StatusUnsupportedMediaType, "media-type", "The body's type is not known here", "The header Content-Type must be one that the operation lists."},
	{http.StatusUnprocessableEntity, "invalid", "The request is not valid", "errors lists every fault by field."},
	{http.StatusTooManyRequests, "slowed", "Too many requests", "The source or the key of the request has as many requests or streams under way as one may have (api.limits): wait for some of them. Or the source tried several wrong keys: each further one doubles the time, up to five minutes; a key that `rollcall-producer key new` made is taken at any time. The header Retry-After says how long to wait."},
	{http.StatusInternalServerError, "internal", "The server made a mistake", "It is in the server's log under the request's id."},
	{http.StatusServiceUnavailable, "unavailable", "The server cannot work right now", "Redis does not answer, the server is shutting down, or a corrected sending of the same rows came in between. The header Retry-After says when to try again; with an idempotency key that is always safe."},
}

func kindOf(status int) kind {
	for _, k := range kinds {
		if k.Status == status {
			return k
		}
	}
	return kind{Status: status, Anchor: "other", Title: http.StatusText(status)}
}

// problem makes a Problem. The detail says what is wrong and what to do.
func problem(status int, format string, args ...any) *Problem {
	k := kindOf(status)
	return &Problem{Type: "/docs#problem-" + k.Anchor, Title: k.Title, Status: status, Detail: fmt.Sprintf(format, args...), header: http.Header{}}
}

// unknown turns store.ErrNotFound into a 404; the format shows the id or name. Any other error stays as it is.
func unknown(err error, format, id string) error {
	if errors.Is(err, store.ErrNotFound) {
		return problem(http.StatusNotFound, format, phone.Show(id))
	}
	return err
}

// invalid returns a 422 for one field.
func invalid(location, code, format string, args ...any) *Problem {
	p := problem(http.StatusUnprocessableEntity, format, args...)
	p.Errors = []Fault{fault(location, code, p.Detail)}
	return p
}

func fault(location, code, message string) Fault {
	field := location
	if _, after, ok := strings.Cut(location, "."); ok {
		field = after
	}
	return Fault{Field: field, Location: location, Code: code, Message: message}
}

// ofRow returns the problem of one group that cannot be accepted.
func ofRow(e *tasks.RowError) *Problem {
	status := http.StatusUnprocessableEntity
	switch e.Code {
	case tasks.Unreadable:
		status = http.StatusBadRequest
	case tasks.TooLarge:
		status = http.StatusRequestEntityTooLarge
	}
	p := problem(status, "%s", e.Message)
	for _, e := range e.All() {
		location := "body"
		if e.Field != "" {
			location += "." + e.Field
		}
		p.Errors = append(p.Errors, fault(location, string(e.Code), e.Message))
	}
	return p.several()
}

// several replaces the detail of a problem with several faults: it then says how many there are, and where.
func (p *Problem) several() *Problem {
	if n := len(p.Errors); n > 1 {
		p.Detail = fmt.Sprintf("The request has %d faults; errors lists them.", n)
	}
	return p
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// Unwrap returns the cause, which is for the log only.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus tells huma the status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders tells huma the headers.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType tells huma the type.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// finished returns the problem as it is sent: masked, under the base path, and with the request's id. Every problem passes through it.
func (p *Problem) finished(ctx context.Context) *Problem {
	out := *p
	ans := answerOf(ctx)
	out.RequestID, out.Type = ans.id, ans.base+p.Type
	out.Detail = phone.Mask(p.Detail)
	out.Errors = make([]Fault, len(p.Errors))
	for i, f := range p.Errors {
		out.Errors[i] = Fault{Field: phone.Mask(f.Field), Location: phone.Mask(f.Location), Code: f.Code, Message: phone.Mask(f.Message)}
	}
	return &out
}

// write answers with the problem, outside of huma.
func (p *Problem) write(w http.ResponseWriter, r *http.Request) {
	answerOf(r.Context()).err = p.cause
	maps.Copy(w.Header(), p.header)
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p.finished(r.Context())) // the client may have left
}

// ofError turns any error into a Problem. An unforeseen error is logged and not shown.
func (a *API) ofError(ctx context.Context, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	switch cause := context.Cause(ctx); {
	case errors.Is(err, operate.ErrTaken) && len(auth.Of(ctx).Pools) > 0: // err names the other request
		return problem(http.StatusConflict, "%s.", operate.ErrTaken)
	case errors.Is(err, group.ErrState), errors.Is(err, operate.ErrTaken):
		return problem(http.StatusConflict, "%s.", strings.TrimSuffix(err.Error(), ": "+group.ErrState.Error()))
	case errors.Is(err, store.ErrNotFound):
		return problem(http.StatusNotFound, "%s.", err)
	case errors.Is(err, store.ErrUnreadable), errors.Is(err, store.ErrNeeded), errors.Is(err, store.ErrAgain):
		p := problem(http.StatusConflict, "%s.", unreadableText(err))
		p.Errors = []Fault{fault("path.id", "unreadable", p.Detail)}
		return p
	case errors.Is(err, store.ErrCursor):
		return invalid("query.cursor", "", "%s. Begin without one.", err)
	case errors.Is(err, store.ErrOvertaken):
		p := unavailable("Another sending of the same rows came in between, or this one took too long. Send the request again.")
		p.cause = err
		return p
	case errors.Is(cause, errClosing):
		return unavailable("%s. Send the request again.", cause)
	case errors.Is(cause, errSlow):
		return unavailable("%s. Try again, or ask for less at once.", cause)
	case errors.Is(cause, context.Canceled):
		p := problem(http.StatusRequestTimeout, "The client has left.")
		p.cause = err
		return p
	}
	if f := redisconn.Classify(err); f != redisconn.NoFault && f != redisconn.Other {
		p := unavailable("Redis: %s.", redisconn.Explain(err))
		p.cause = err
		return p
	}
	return internal(err)
}

// unreadableText returns the detail for a stored thing that cannot be read.
func unreadableText(err error) string {
	if e, ok := errors.AsType[*store.UnreadableError](err); ok {
		return strings.ToUpper(e.Error()[:1]) + e.Error()[1:]
	}
	return err.Error()
}

// internal returns the problem of an unforeseen error.
func internal(err error) *Problem {
	p := problem(http.StatusInternalServerError, "Something went wrong that is not your request's fault. The server's log tells more under this request's id.")
	p.cause = err
	return p
}

func unavailable(format string, args ...any) *Problem {
	p := problem(http.StatusServiceUnavailable, format, args...)
	p.header.Set("Retry-After", "5")
	return p
}

// fromHuma turns huma's own errors into a Problem. It leaves out their values, which repeat the input and may be a
// phone number.
func fromHuma(m *huma.ErrorModel) *Problem {
	p := problem(m.Status, "%s", m.Detail)
	for _, e := range m.Errors {
		if e == nil {
			continue
		}
		at := e.Location
		if name, ok := strings.CutPrefix(e.Message, "expected required property "); ok { // huma names the missing field only there
			at += "." + strings.TrimSuffix(name, " to be present")
		}
		p.Errors = append(p.Errors, fault(at, "", e.Message))
	}
	if len(p.Errors) == 1 {
		p.Detail = p.Errors[0].Field + ": " + p.Errors[0].Message + "."
	}
	return p.several()
}
