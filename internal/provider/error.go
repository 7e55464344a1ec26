package provider

import (
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// Class says what a call that did not succeed may have done. Documents use these
// words for the outcome of a call; "created" is not among them because it is not an error.
type Class string

// The outcome classes.
const (
	Refused Class = "refused" // surely nothing happened, by the provider's known words or status, and asking again would not help
	Limited Class = "limited" // surely nothing happened; the instance must rest or wait
	NotSent Class = "notSent" // no byte left us, or the provider said "not yet, try later"
	Unknown Class = "unknown" // it may have happened
)

// Scope says whom a refusal concerns.
type Scope string

// The scopes of an error.
const (
	ScopeRequest  Scope = "request"  // this request as it stands: name, people, address
	ScopePerson   Scope = "person"   // the one person who was addressed
	ScopeInstance Scope = "instance" // the instance: token wrong, logged out, unpaid, quota, restriction
)

// Quota is something of which a plan allows so much a month.
type Quota string

// The quotas.
const (
	QuotaCheck  Quota = "numberCheck"
	QuotaCreate Quota = "create"
	QuotaSend   Quota = "send" // messages, or people to write to
	QuotaRead   Quota = "read"
)

// Error is the one error type of all providers.
type Error struct {
	Class Class
	Scope Scope
	Op    string // what was asked: "create group", "members", …
	// Status is the HTTP status, 0 when no answer came.
	Status int
	// Text is the provider's own words, redacted and cut to 300 bytes.
	Text string
	// Why says it where the provider used no words: in ours, or in the network's.
	Why say.Phrase
	// RetryAfter is how long the provider asked us to wait; 0 when it did not say.
	RetryAfter time.Duration
	// Rest says that the number itself is restricted by WhatsApp ("rate overlimit"): the instance
	// rests as configured. It can stand beside Unknown: verify first, and rest.
	Rest bool
	// Health is the instance's state when the error tells it (ScopeInstance), otherwise "".
	Health Health
	// Denied says that the provider answered no, in words or under a status that do not prove that
	// nothing happened (Unknown). Once a look has shown that nothing did, it is a refusal.
	Denied bool
	// Quota is what the plan's used-up quota is for: only what needs that waits (ScopeInstance). Beside
	// Rest it is what WhatsApp holds back. "" for anything else.
	Quota Quota
	// Coded says that Text is the meaning of WhatsApp's own code for the addressed person (ScopePerson).
	Coded bool
	// NoAccount says that the addressed person has no WhatsApp (ScopePerson).
	NoAccount bool
	// Left says that the addressed person left this group recently, and WhatsApp does not allow
	// re-adding them (ScopePerson). They must not be invited either.
	Left bool
	Err  error // the cause; its text is redacted too
}

func (e *Error) Error() string { return e.Phrase().String() }

// Phrase is the error for people: what was called, what the provider said, and the status.
func (e *Error) Phrase() say.Phrase {
	return say.Phrase{Code: say.CallFailed, Kind: e.Op, N: e.Status, Why: []say.Phrase{e.Said()}}
}

// Said is what the provider said, or what we say for it.
func (e *Error) Said() say.Phrase {
	if !e.Why.Zero() {
		return e.Why
	}
	return say.Words(e.Text)
}

func (e *Error) Unwrap() error { return e.Err }

// Declined says that the provider answered no, proved or not: asking the same again would be
// answered alike. Of a reading that is all there is to know.
func (e *Error) Declined() bool { return e.Class == Refused || e.Denied }

// AsError finds the provider error in err. A foreign error counts as Unknown: where nothing is
// proved, the call may have happened.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Class: Unknown, Scope: ScopeRequest, Op: "call", Why: say.Phrase{Code: say.CallUnclassified}, Err: err}
}

// StateOf reads an instance's state out of a failed reading of it: "the token is wrong" is an
// answer to that question. An error that tells no state is handed back.
func StateOf(err error) (State, error) {
	e := AsError(err)
	if e.Health == "" {
		return State{}, err
	}
	return State{Health: e.Health, Reason: say.Phrase{Code: say.ProviderSays, Kind: string(e.Health), Why: []say.Phrase{e.Said()}}}, nil
}
