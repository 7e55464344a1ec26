package operate

import (
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
)

// refusal is the reason why an action was not done, as a code for people. errors.Is finds its kind.
type refusal struct {
	code say.Code
	kind error
}

func (r *refusal) Error() string    { return r.Said().String() }
func (r *refusal) Said() say.Phrase { return say.Phrase{Code: r.code} }
func (r *refusal) Unwrap() error    { return r.kind }

// Reasons why a job does not begin. Each is an audit.ErrImpossible.
var (
	ErrNoAction   error = &refusal{say.RefusedNoAction, audit.ErrImpossible}
	ErrEverything error = &refusal{say.RefusedEverything, audit.ErrImpossible}
	ErrNothing    error = &refusal{say.RefusedNothing, audit.ErrImpossible}
)

// Reasons why a request to join is not answered, apart from group.ErrNoRequest. Each is a group.ErrState.
var (
	ErrSuppressed error = &refusal{say.JoinSuppressedNow, group.ErrState}
	ErrNoAnswers  error = &refusal{say.JoinUnsupported, group.ErrState}
)

// ErrTarget says that a group cannot be moved there. It is an audit.ErrImpossible.
var ErrTarget error = &refusal{say.RefusedTarget, audit.ErrImpossible}
