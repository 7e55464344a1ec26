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
	Refused Class = "refused" // nothing happened, as the provider's known words or status prove; the same call fails again
	Limited Class = "limited" // nothing happened; the instance must rest or wait
	NotSent Class = "notSent" // no byte left us, or the provider said "not yet, try later"
	Unknown Class = "unknown" // it may have happened
)

// Scope says whom an error concerns.
type Scope string

// The scopes of an error.
const (
	ScopeRequest  Scope = "request"  // this request as it stands: name, people, address
	ScopePerson   Scope = "person"   // the one person who was addressed
	ScopeInstance Scope = "instance" // the instance: token wrong, logged out, unpaid, quota, restriction
)

// Quota is a resource that a provider's plan limits by the month.
type Quota string

// The quotas.
const (
	QuotaCheck  Quota = "numberCheck"
	QuotaCreate Quota = "create"
	QuotaSend   Quota = "send" // messages, or people to write to
	QuotaAdd    Quota = "add"  // people to add to groups that exist
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
	// Why explains the error where the provider sent no text: in our words, or in the network's.
	Why say.Phrase
	// RetryAfter is how long the provider asked us to wait; 0 when it did not say.
	RetryAfter time.Duration
	// Rest says that the number itself is restricted by WhatsApp ("rate overlimit"): the instance rests as configured.
	// It can come with Unknown: verify first, and rest.
	Rest bool
	// Health is the instance's state where the error shows it (ScopeInstance), otherwise "".
	Health Health
	// Denied says that the provider refused with words or a status that do not prove that nothing
	// happened (Unknown). Once a look has found nothing, the error counts as a refusal.
	Denied bool
	// Quota is the quota of the plan that is used up: only calls that need it wait (ScopeInstance). With
	// Rest it names the calls that WhatsApp holds back. "" in every other error.
	Quota Quota
	// Coded says that Why is the meaning of WhatsApp's own code for the addressed person (ScopePerson).
	Coded bool
	// NoAccount says that the addressed person has no WhatsApp (ScopePerson).
	NoAccount bool
	// Left says that the addressed person left this group recently, and WhatsApp does not allow
	// re-adding them (ScopePerson). They must not be invited either.
	Left bool
	Err  error // the cause; its text is redacted too
}

func (e *Error) Error() string { return e.Phrase().String() }

// Phrase returns the error for people: what was called, what the provider said, and the status.
func (e *Error) Phrase() say.Phrase {
	return say.Phrase{Code: say.CallFailed, Kind: e.Op, N: e.Status, Why: []say.Phrase{e.Said()}}
}

// Said returns the provider's words, or ours if the provider sent none.
func (e *Error) Said() say.Phrase {
	if !e.Why.Zero() {
		return e.Why
	}
	return say.Words(e.Text)
}

func (e *Error) Unwrap() error { return e.Err }

// Declined reports whether the provider refused, with or without a proof that nothing happened: the same call would be
// refused again. After a reading no proof is needed, because a reading changes nothing.
func (e *Error) Declined() bool { return e.Class == Refused || e.Denied }

// AsError returns the provider error in err. It returns any other error as Unknown, because nothing proves that the
// call had no effect.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Class: Unknown, Scope: ScopeRequest, Op: "call", Why: say.Phrase{Code: say.CallUnclassified}, Err: err}
}

// StateOf returns the instance's state that the error of a call shows: after a wrong token, for example, Unauthorized.
// It returns err if the error shows no state.
func StateOf(err error) (State, error) {
	e := AsError(err)
	if e.Health == "" {
		return State{}, err
	}
	return State{Health: e.Health, Reason: say.Phrase{Code: say.ProviderSays, Kind: string(e.Health), Why: []say.Phrase{e.Said()}}}, nil
}
