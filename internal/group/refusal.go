package group

import (
	"errors"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// ErrState says that the group's state does not allow the change. The text of each such error names the change and why
// it is refused.
var ErrState = errors.New("not possible now")

// Refusal is an ErrState with a coded reason.
type Refusal struct {
	What string     // the change; "" where the reason names it
	Why  say.Phrase // for people
	Kind error      // another error of this package that it matches; nil for none
}

// Refuse returns a Refusal.
func Refuse(what string, why say.Phrase) error { return &Refusal{What: what, Why: why} }

// Error implements error.
func (e *Refusal) Error() string {
	text := e.Why.String() + ": " + ErrState.Error()
	if e.What != "" {
		text = e.What + ": " + text
	}
	return text
}

// Unwrap makes it an ErrState.
func (e *Refusal) Unwrap() []error {
	if e.Kind != nil {
		return []error{ErrState, e.Kind}
	}
	return []error{ErrState}
}

// Said returns the error as a sentence for people.
func (e *Refusal) Said() say.Phrase { return e.Why }

// The refusals with a name. Each is an ErrState.
var (
	// ErrExpired says that expiresAt has passed: if the group were queued again, it would expire again.
	ErrExpired = Refuse("", say.Phrase{Code: say.RefusedExpired})
	// ErrFull says that WhatsApp allows no more people in the group.
	ErrFull = Refuse("", say.Phrase{Code: say.RefusedFull, N: tasks.MaxPeople})
	// ErrReplaced says that a corrected row was accepted in place of the group.
	ErrReplaced = Refuse("", say.Phrase{Code: say.RefusedReplaced})
	// ErrExists says that the group exists: another create would make it twice.
	ErrExists = Refuse("", say.Phrase{Code: say.RefusedExists})
	// ErrNoRequest says that the person does not ask to join.
	ErrNoRequest = Refuse("", say.Phrase{Code: say.RefusedNoRequest})
)

func (g *Group) refuse(what string) error { return &StateError{what, g.Status} }

// StateError is the ErrState of a change that the group's status does not allow.
type StateError struct {
	What   string
	Status Status
}

// Error implements error.
func (e *StateError) Error() string {
	return e.What + ": the group is " + string(e.Status) + ": " + ErrState.Error()
}

// Unwrap makes it an ErrState.
func (e *StateError) Unwrap() error { return ErrState }

// Said returns the error as a sentence for people.
func (e *StateError) Said() say.Phrase { return say.Phrase{Code: say.GroupIs, Kind: string(e.Status)} }
