package view

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Rest is a rest of an instance that is in force.
type Rest struct {
	Kind  pacing.Kind  `json:"kind"` // of call; "" for both
	Cause pacing.Cause `json:"cause"`
	Said  say.Phrase   `json:"said"` // the provider's words, redacted
	Since *time.Time   `json:"since"`
	Until time.Time    `json:"until"`
}

// rests returns the rests of the instance that are in force, the one of both kinds first.
func (s *instanceRow) rests() []Rest {
	all := []Rest{}
	add := func(kind pacing.Kind, r pacing.Resting) {
		if !r.Until.IsZero() {
			all = append(all, Rest{Kind: kind, Cause: r.Cause, Said: r.Said, Since: moment(r.Since), Until: r.Until.UTC()})
		}
	}
	add("", s.pace.Rest)
	add(pacing.Create, s.pace.Create.Rest)
	add(pacing.Invite, s.pace.Invite.Rest)
	return all
}

// Reason returns why the instance rests, with the provider's words.
func (r Rest) Reason() say.Phrase {
	switch r.Cause {
	case pacing.CauseLimited:
		return say.Phrase{Code: say.RestsLimited, Why: because(r.Said)}
	case pacing.CauseRestricted:
		return say.Phrase{Code: say.RestsRestricted, Why: because(r.Said)}
	case pacing.CauseBusy:
		return say.Phrase{Code: say.RestsBusy, Why: because(r.Said)}
	case pacing.CauseFailing:
		return say.Phrase{Code: say.RestsFailing, Why: because(r.Said)}
	case pacing.CauseQuota:
		quota := provider.QuotaCreate
		if r.Kind == pacing.Invite {
			quota = provider.QuotaSend
		}
		return say.Phrase{Code: say.QuotaUsed, Kind: string(quota)}
	case pacing.CauseUnreadable:
		return say.Phrase{Code: say.RestsUnread}
	}
	return say.Phrase{Code: say.Rests, Why: because(r.Said)}
}

// Advice returns what is wrong, in a few words, and what helps.
func (r Rest) Advice() (title, do say.Code) {
	switch r.Cause {
	case pacing.CauseLimited:
		return say.RestLimitedTitle, say.RestLimitedDo
	case pacing.CauseRestricted:
		return say.RestRestrictedTitle, say.RestRestrictedDo
	case pacing.CauseBusy:
		return say.RestBusyTitle, say.RestBusyDo
	case pacing.CauseFailing:
		return say.RestFailingTitle, say.RestFailingDo
	case pacing.CauseQuota:
		return say.RestQuotaTitle, say.RestQuotaDo
	case pacing.CauseUnreadable:
		return say.RestUnreadTitle, say.RestUnreadDo
	}
	return say.RestTitle, say.RestDo
}

// restState returns the state of an open instance when both kinds of call rest. It is restricted only when
// WhatsApp or the provider says so.
func restState(health provider.Health, cause pacing.Cause) provider.Health {
	switch cause {
	case pacing.CauseLimited, pacing.CauseRestricted:
		return provider.Restricted
	case pacing.CauseBusy, pacing.CauseQuota:
		return health
	}
	return provider.UnknownState
}

// The values of InstanceWorst that are not states.
const (
	WorstFailing = "failing" // its provider fails
	WorstResting = "resting" // it makes no calls for a time, though its number is well
	WorstPartly  = "partly"  // one kind of call rests, and the other does not
)

// InstanceWorst is the worst part of an instance: its state, unless a part of it is worse.
type InstanceWorst string

// worst returns the state, or a rest that is worse when the state lets the instance work.
func (s *instanceRow) worst() InstanceWorst {
	state, _, _ := s.state()
	if state != provider.Ready && state != provider.UnknownState || !s.served {
		return InstanceWorst(state)
	}
	switch rest := s.pace.Rest; {
	case rest.Until.IsZero():
	case rest.Cause == pacing.CauseFailing:
		return WorstFailing
	default:
		return WorstResting
	}
	if len(s.rests()) > 0 {
		return WorstPartly
	}
	return InstanceWorst(state)
}

// kindsHeld returns which kinds of call rest or are quiet, until when and why; zero if none does.
func (s *instanceRow) kindsHeld() say.Phrase {
	var all []say.Phrase
	for _, r := range s.rests() {
		if r.Kind != "" {
			all = append(all, say.Phrase{Code: say.KindRests, Kind: string(r.Kind), Until: r.Until, Why: because(r.Reason())})
		}
	}
	if q := s.Create.Quiet; s.view(pacing.Create).Reason == pacing.ReasonQuiet {
		all = append(all, say.Phrase{Code: say.KindQuiet, Kind: string(pacing.Create), From: q.From, To: q.To, Place: s.Create.Location().String()})
	}
	if len(all) == 0 {
		return say.Phrase{}
	}
	return say.Phrase{Code: say.Each, Why: all}
}

// restOf returns the rest that holds up a kind of call, if any.
func (s *instanceRow) restOf(kind pacing.Kind) (Rest, bool) {
	for _, r := range s.rests() {
		if r.Kind == "" || r.Kind == kind {
			return r, true
		}
	}
	return Rest{}, false
}
