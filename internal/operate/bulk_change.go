package operate

import (
	"context"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// change does the action to the groups under way. For an aborted job it only finds out which of them an earlier
// process changed.
func (r *Runner) change(ctx context.Context, h *heldJob) ([]BulkOutcome, error) {
	var outcomes []BulkOutcome
	for _, open := range h.Open {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if leads, err := r.lead(ctx); err != nil || !leads {
			return nil, errors.Join(err, store.ErrJobTaken)
		}
		o, err := r.one(ctx, h, open)
		if err != nil {
			return nil, err
		}
		if o.Outcome != "" {
			outcomes = append(outcomes, o)
		}
	}
	return outcomes, nil
}

var (
	errWasChanged = errors.New("this job has changed it before")
	errOtherRound = errors.New("it was changed since the job came to it")
	errOnlyLook   = errors.New("the job is aborted")
)

// changeTries is how often a change is tried while Redis answers but refuses it.
const changeTries = 3

// one changes one group. The outcome is empty when the job is aborted and the group was not changed.
func (r *Runner) one(ctx context.Context, h *heldJob, open store.OpenGroup) (BulkOutcome, error) {
	for n := 1; ; n++ {
		g, err := r.try(ctx, h, open, h.resumed || n > 1)
		o := BulkOutcome{ID: open.ID, Outcome: OutcomeSkipped}
		switch {
		case err == nil:
			o.Outcome, o.As = OutcomeDone, string(g.Status)
		case errors.Is(err, errWasChanged): // the group may have left the state that followed
			o.Outcome, o.As = OutcomeDone, open.As
		case errors.Is(err, errOnlyLook):
			return BulkOutcome{}, nil
		case errors.Is(err, errOtherRound):
			o.Reason = SkipChanged
		case errors.Is(err, group.ErrState) && g != nil:
			o.Reason = reasonOf(BulkAction(h.Action), g.Status, err)
		case errors.Is(err, store.ErrUnreadable):
			o.Reason = Reason(group.Unreadable)
		case errors.Is(err, store.ErrNotFound):
			o.Reason = SkipGone
		default:
			// If Redis does not answer, the job waits for it. If Redis answers, it has refused only this change.
			if _, away := r.Control.Store.Now(ctx); away != nil || ctx.Err() != nil {
				return o, errors.Join(err, ctx.Err())
			}
			if n < changeTries {
				continue
			}
			o.Outcome = OutcomeFailed
		}
		return o, nil
	}
}

// try does the action to a group that is still in the round the job stored for it. again says that an earlier try
// may have done it.
func (r *Runner) try(ctx context.Context, h *heldJob, open store.OpenGroup, again bool) (*group.Group, error) {
	action := BulkAction(h.Action)
	guard := func(g *group.Group) error {
		switch {
		case again && wasChanged(action, h.To, g, open.Round):
			return errWasChanged
		case !h.Aborted.IsZero():
			return errOnlyLook
		case g.Round != open.Round:
			return errOtherRound
		}
		return nil
	}
	return r.Control.change(ctx, open.ID, func(g *group.Group, now time.Time) error {
		if err := guard(g); err != nil {
			return err
		}
		return actOn(action, h.To, g, now)
	})
}

// wasChanged reports whether the action was done to a group since a round.
func wasChanged(a BulkAction, to tasks.Target, g *group.Group, round int) bool {
	switch a {
	case BulkRetry:
		return g.Round > round
	case BulkCancel:
		return g.Status == group.Cancelled && g.Round == round
	default:
		return g.Round > round && g.Target == to
	}
}
