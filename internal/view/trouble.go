package view

import (
	"strings"

	"github.com/rollcallhq/rollcall/internal/faults"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/say"
)

// speech returns a phrase as a say.Speech; nil for the zero phrase.
func speech(p say.Phrase) say.Speech {
	if p.Zero() {
		return nil
	}
	return p
}

// Explain returns what is wrong with an instance, why, and what helps.
func (i Instance) Explain() (title, why, remedy say.Speech) {
	reason := speech(i.Reason)
	if len(i.PausedQueues) > 0 && (i.State == provider.Ready || i.State == provider.Paused) {
		return say.Code("queues-are-paused-by-asynqs"), say.Words(strings.Join(i.PausedQueues, ", ")), say.Code("resume-the-instance-if-what")
	}
	if len(i.Rests) > 0 && i.State != provider.Paused && !i.Unserved() {
		r := i.Rests[0]
		title, do := r.Advice()
		return title, r.Reason(), do
	}
	cause, told := i.cause()
	switch i.State {
	case provider.Ready:
		return say.Code("works"), nil, nil
	case provider.Paused:
		switch {
		case i.Held():
			return say.Code("all-instances-are-held"), reason, nil
		case i.Forgotten && reason == nil:
			return say.Code("paused-for-a-day-or-longer"), say.Phrase{Code: say.PauseForgotten, At: *i.Since}, say.Code("resume-it-or-give-the-pause")
		case i.Forgotten:
			return say.Code("paused-for-a-day-or-longer"), reason, say.Code("resume-it-or-give-the-pause")
		case i.Until != nil:
			return say.Code("paused-by-a-person"), reason, say.Code("it-goes-on-at-that-time")
		}
		return say.Code("paused-by-a-person"), reason, say.Code("resume-it-when-the-reason")
	case provider.UnknownState:
		if i.UnknownTo != "" {
			return say.Code("a-worker-does-not-know"), reason, say.Code("give-that-worker-the-configuration")
		}
		if i.NeedsAPerson() {
			return say.Code("no-worker-serves-it"), say.Code("no-running-worker-has-this"), say.Code("start-a-worker-that-has")
		}
		if told {
			return say.Code("its-state-cannot-be-read"), reason, cause.Remedy
		}
		return say.Code("its-state-is-not-known"), reason, nil
	case provider.Starting:
		if told && cause.Scope == spec.OfNetwork {
			return say.Code("the-provider-fails"), reason, cause.Remedy
		}
		starting, _ := faults.Lookup("starting")
		return starting.Title, reason, starting.Remedy
	default:
	}
	if !told {
		cause, told = faults.Read(0, i.LastError)
	}
	if told && cause.Scope == spec.OfInstance {
		return cause.Title, cause.Why, cause.Remedy
	}
	switch i.State {
	case provider.Disconnected:
		out, _ := faults.Lookup("logged-out")
		return say.Code("the-number-is-not-connected"), reason, out.Remedy
	case provider.Unauthorized:
		return say.Code("the-provider-refuses-the-instance"), reason, say.Code("check-base-url-the-instance")
	default:
		return say.Code("the-number-is-restricted"), reason, say.RestRestrictedDo
	}
}

// cause returns the cause behind an instance's state: its reason, or the error of a failed reading.
func (i Instance) cause() (spec.Cause, bool) {
	said := i.Reason
	if said.Is(say.StateUnread, say.NumberUnread) && len(said.Why) > 0 {
		said = said.Why[0]
	}
	return faults.Read(0, said)
}
