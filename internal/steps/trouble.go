package steps

import (
	"context"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// providerError returns err as the provider's answer to a reading, if it is one. Any other error comes from Redis: it
// says nothing about the group or the instance, and ends the delivery.
func providerError(err error) (*provider.Error, error) {
	if e, ok := errors.AsType[*provider.Error](err); ok {
		return e, nil
	}
	return nil, err
}

// unsure turns store.ErrUnsure into a Later: a call waits while Redis lacks what this worker remembers.
func unsure(err error) error {
	if errors.Is(err, store.ErrUnsure) {
		return &Later{After: time.Second, Why: say.OfError(err)}
	}
	return err
}

// answer returns what the record stores of a failed call.
func answer(e *provider.Error) group.Answer {
	return group.Answer{HTTPStatus: e.Status, Error: e.Said(), Denied: e.Denied}
}

// trouble stops the instance or lets it rest, as a failed call's answer requires.
func (s *Steps) trouble(ctx context.Context, in *Instance, e *provider.Error, tries int) {
	s.Keeper.Error(ctx, in.Name, e.Phrase())
	switch {
	case e.Quota != "": // only calls that need the quota wait
		s.restOf(ctx, in, e)
	case e.Rest:
		s.rest(ctx, in, func(ctx context.Context) (time.Time, error) {
			return s.Pacer.Rest(ctx, in.Name, s.Policy.Rest, pacing.Why{Cause: pacing.CauseLimited, Said: e.Said()})
		})
	case e.Health != "":
		s.Keeper.Report(ctx, in.Name, provider.State{Health: e.Health, Reason: e.Said()})
	case e.Class == provider.Limited, e.Scope == provider.ScopeInstance:
		pause := s.Policy.Retry.delay(tries, e.RetryAfter)
		why := pacing.Why{Cause: pacing.CauseBusy, Said: e.Phrase()}
		if e.Class != provider.Limited {
			why.Cause = pacing.CauseFailing
		}
		s.rest(ctx, in, func(ctx context.Context) (time.Time, error) {
			return s.Pacer.RestFor(ctx, in.Name, pause, why)
		})
	}
}

// restOf starts a rest for the kind of call whose quota is used up. For other quotas only single groups wait.
func (s *Steps) restOf(ctx context.Context, in *Instance, e *provider.Error) {
	var kind pacing.Kind
	switch e.Quota {
	case provider.QuotaCreate:
		kind = pacing.Create
	case provider.QuotaSend:
		kind = pacing.Invite
	default:
		return
	}
	cause := pacing.CauseQuota
	if e.Rest { // WhatsApp limits these calls, not the plan
		cause = pacing.CauseLimited
	}
	s.rest(ctx, in, func(ctx context.Context) (time.Time, error) {
		return s.Pacer.RestKind(ctx, in.Name, kind, s.Policy.Rest.Initial, pacing.Why{Cause: cause, Said: e.Said()})
	})
}

// rest stores a rest and retries until it is stored: the instance's next call must not come first.
func (s *Steps) rest(ctx context.Context, in *Instance, begin func(ctx context.Context) (time.Time, error)) {
	if _, err := store.Insist(ctx, begin); err != nil {
		s.Log.Error().EmbedObject(event.RestNotRecorded).Err(err).Str("instance", in.Name).Msg("rest not stored")
	}
}
