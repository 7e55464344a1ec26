// Package wire carries out the HTTP calls of all providers. It knows what may be repeated, when a
// request has left and how much of an answer to read, and keeps tokens and phone numbers out of
// errors. Each provider's own package says what an answer means.
//
//	a provider's Client ── Call ── Doer ── layers ── Client ── http.RoundTripper
package wire

import (
	"context"
	"net/http"
	"net/url"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Kind says how a call may be treated.
type Kind string

// The kinds of calls. Once a byte of a call may have left, layers repeats it only if it is a Read.
const (
	Read   Kind = "read"
	Create Kind = "create"
	Invite Kind = "invite"
	Change Kind = "change" // sets something of a group; after a failure the caller reads the group and may call again
)

// The maximum sizes of answers, in bytes. A list of 20,000 groups has about 5 MB.
const (
	SmallAnswer = 256 << 10
	RollAnswer  = 4 << 20
	ListAnswer  = 16 << 20
)

// Call is one request to a provider.
type Call struct {
	Op     string // what is asked, for people: "create group"
	Method string // the provider's word, for rates and metrics: "createGroup"
	Kind   Kind
	// Scope is the scope of an error, unless the provider's words say something else.
	Scope provider.Scope
	// Verb defaults to POST.
	Verb string
	// Arg is a further element of the path, unescaped, in calls that need one.
	Arg   string
	Query url.Values
	Body  any // sent as JSON; nil for no body
	// Form is sent instead of Body, as multipart/form-data. Defaults to none.
	Form *Form
	// PerSecond is the provider's own limit on this method for one instance. Defaults to none.
	PerSecond float64
	// Cap is the maximum size of the answer in bytes. Defaults to SmallAnswer.
	Cap int64
	// Private are texts of this call that no error may repeat: a message, a name.
	Private []string
	// Decode reads an answer in which the provider's Classify found no failure. An error that is not a *provider.Error
	// counts as an unreadable answer. Decode can run once for each attempt.
	Decode func(body []byte) error
}

// Form is a body of fields and one file.
type Form struct {
	Fields map[string]string
	Field  string // of the file
	Name   string // of the file
	Type   string // of its content
	File   []byte
}

// Answer is a provider's answer. Body may be cut if the status is not a success, because then the status alone says
// enough.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// OK reports whether the status is a success. The body may still report a failure.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status <= 299 }

// Doer carries out calls. Its errors are *provider.Error. Client is the innermost Doer, and the layers are around it.
type Doer interface {
	Do(ctx context.Context, c Call) error
}

// DoerFunc is a function that is a Doer.
type DoerFunc func(ctx context.Context, c Call) error

// Do calls f.
func (f DoerFunc) Do(ctx context.Context, c Call) error { return f(ctx, c) }

// Refuse returns the error of a call that was not made, because it cannot succeed.
func Refuse(op string, scope provider.Scope, why say.Phrase) error {
	return &provider.Error{Class: provider.Refused, Scope: scope, Op: op, Why: why}
}

// InPart turns the error of one call into the error of a change that takes several calls, some of which may have been
// carried out. Its class is Unknown, so a reading decides.
func InPart(err error) error {
	e := *provider.AsError(err)
	e.Denied = e.Declined()
	e.Class = provider.Unknown
	return &e
}
