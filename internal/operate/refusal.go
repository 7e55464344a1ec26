package operate

import (
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
)

// refusal is why an action is not done, as a code for people. It is an error of its kind.
type refusal struct {
	code say.Code
	kind error
}

func (r *refusal) Error() string    { return r.Said().String() }
func (r *refusal) Said() say.Phrase { return say.Phrase{Code: r.code} }
func (r *refusal) Unwrap() error    { return r.kind }

// Why a job does not begin. Each is an audit.ErrImpossible.
var (
	ErrNoAction   error = &refusal{say.RefusedNoAction, audit.ErrImpossible}
	ErrEverything error = &refusal{say.RefusedEverything, audit.ErrImpossible}
	ErrNothing    error = &refusal{say.RefusedNothing, audit.ErrImpossible}
)

// Why a request to join is not answered, beside group.ErrNoRequest. Each is a group.ErrState.
var (
	ErrSuppressed error = &refusal{say.JoinSuppressedNow, group.ErrState}
	ErrNoAnswers  error = &refusal{say.JoinUnsupported, group.ErrState}
)

// ErrTarget says that a group cannot be moved there. It is an audit.ErrImpossible.
var ErrTarget error = &refusal{say.RefusedTarget, audit.ErrImpossible}
