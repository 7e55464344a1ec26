package operate

import (
	"context"
	"errors"
	"slices"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

// Reason is why a job leaves a group as it is: the group's state, or one of the others below.
type Reason string

// The reasons that are not states.
const (
	SkipExpired  Reason = "expired"  // the state would allow it, expiresAt does not
	SkipReplaced Reason = "replaced" // another group stands in its place
	SkipExists   Reason = "exists"   // the group exists, and its review was abandoned
	SkipThere    Reason = "there"    // it already waits at the target of the move
	SkipChanged  Reason = "changed"  // a person or another job changed it first
	SkipGone     Reason = "gone"     // its record was removed
)

// Reasons lists all reasons in display order.
var Reasons = func() []Reason {
	var all []Reason
	for _, s := range append(slices.Clone(group.Statuses), group.Unreadable) {
		all = append(all, Reason(s))
	}
	return append(all, SkipExpired, SkipReplaced, SkipExists, SkipThere, SkipChanged, SkipGone)
}()

// reasonOf returns why an action refuses a group of a status.
func reasonOf(a BulkAction, s group.Status, err error) Reason {
	switch {
	case errors.Is(err, group.ErrExpired):
		return SkipExpired
	case errors.Is(err, group.ErrReplaced):
		return SkipReplaced
	case errors.Is(err, group.ErrExists):
		return SkipExists
	case a == BulkMove && s == group.Queued:
		return SkipThere
	}
	return Reason(s)
}

// The outcomes of a group.
const (
	OutcomeDone    = "done"
	OutcomeSkipped = "skipped"
	OutcomeFailed  = "failed" // Redis answers but refused the change; begin another job
)

// Outcomes lists all outcomes.
var Outcomes = []string{OutcomeDone, OutcomeSkipped, OutcomeFailed}

// codes are the bytes that stand for outcomes in a job's list. A byte keeps its meaning: processes of two
// versions share the list during a deploy.
var codes = map[byte]BulkOutcome{
	'd': {Outcome: OutcomeDone},
	'f': {Outcome: OutcomeFailed},
	'Q': {Outcome: OutcomeSkipped, Reason: Reason(group.Queued)},
	'C': {Outcome: OutcomeSkipped, Reason: Reason(group.Creating)},
	'V': {Outcome: OutcomeSkipped, Reason: Reason(group.Verifying)},
	'I': {Outcome: OutcomeSkipped, Reason: Reason(group.Inviting)},
	'R': {Outcome: OutcomeSkipped, Reason: Reason(group.Review)},
	'D': {Outcome: OutcomeSkipped, Reason: Reason(group.Done)},
	'F': {Outcome: OutcomeSkipped, Reason: Reason(group.Failed)},
	'X': {Outcome: OutcomeSkipped, Reason: Reason(group.Cancelled)},
	'U': {Outcome: OutcomeSkipped, Reason: Reason(group.Unreadable)},
	'e': {Outcome: OutcomeSkipped, Reason: SkipExpired},
	'r': {Outcome: OutcomeSkipped, Reason: SkipReplaced},
	'x': {Outcome: OutcomeSkipped, Reason: SkipExists},
	't': {Outcome: OutcomeSkipped, Reason: SkipThere},
	'c': {Outcome: OutcomeSkipped, Reason: SkipChanged},
	'g': {Outcome: OutcomeSkipped, Reason: SkipGone},
}

// BulkOutcome is what a job did with one group.
type BulkOutcome struct {
	ID      string
	Outcome string
	Reason  Reason // of skipped
	As      string // of done, while the job runs: the state that followed
}

// stored returns an outcome in the form of a job's list.
func (o BulkOutcome) stored() store.JobOutcome {
	id := o.ID
	o.ID, o.As = "", ""
	for code, known := range codes {
		if known == o {
			return store.JobOutcome{ID: id, Outcome: code}
		}
	}
	return store.JobOutcome{ID: id, Outcome: '?'}
}

func outcomeOf(o store.JobOutcome) BulkOutcome {
	known := codes[o.Outcome]
	known.ID = o.ID
	return known
}

// BulkOutcomes lists what a job did with each group, page by page. It fails with store.ErrNotFound.
func (c *Control) BulkOutcomes(ctx context.Context, id, cursor string, limit int) (outcomes []BulkOutcome, next string, err error) {
	if _, err := c.Store.Trail.Job(ctx, id); err != nil {
		return nil, "", err
	}
	read, next, err := c.Store.Trail.JobOutcomes(ctx, id, cursor, limit)
	outcomes = make([]BulkOutcome, len(read))
	for i, o := range read {
		outcomes[i] = outcomeOf(o)
	}
	return outcomes, next, err
}

// Skipped is a reason and how many groups were skipped for it.
type Skipped struct {
	Reason Reason
	N      int
}

// SkippedOf returns the reasons of a plan or a job in display order.
func SkippedOf(n map[string]int) []Skipped {
	var all []Skipped
	for _, r := range Reasons {
		if n[string(r)] > 0 {
			all = append(all, Skipped{r, n[string(r)]})
		}
	}
	return all
}
