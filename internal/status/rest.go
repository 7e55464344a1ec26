package status

import (
	"fmt"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// Rest is a rest of an instance that goes on.
type Rest struct {
	Kind  pacing.Kind  `json:"kind"` // of call; "" for both
	Cause pacing.Cause `json:"cause"`
	Said  string       `json:"said"` // the provider's words, redacted
	Since *time.Time   `json:"since"`
	Until time.Time    `json:"until"`
}

// rests are the rests of the instance that go on, the one of both kinds first.
func (s *seat) rests() []Rest {
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

// Text is why it rests, in a sentence with the provider's words.
func (r Rest) Text() string {
	text := "it rests"
	switch r.Cause {
	case pacing.CauseLimited:
		text = "WhatsApp or the provider limits this number"
	case pacing.CauseRestricted:
		text = "WhatsApp restricts this number"
	case pacing.CauseBusy:
		text = "the provider gets more requests than it takes"
	case pacing.CauseFailing:
		text = "the provider fails"
	case pacing.CauseQuota:
		what := "creating groups"
		if r.Kind == pacing.Invite {
			what = "sending messages"
		}
		return "the provider's quota for " + what + ", which is used up for this month: raise the plan, or wait for the next month"
	case pacing.CauseUnreadable:
		return "its rest cannot be read"
	}
	if r.Said != "" {
		text += ": " + r.Said
	}
	return text
}

// Advice is what is the matter, in a few words, and what helps. The texts are keys of the page's catalogue.
func (r Rest) Advice() (title, do string) {
	switch r.Cause {
	case pacing.CauseLimited:
		return "WhatsApp or the provider limits the number", "Let it rest until the time that is shown; then go on more slowly. Ending the rest early is how numbers get banned."
	case pacing.CauseRestricted:
		return "WhatsApp restricts the number", "Let it rest until the time that is shown; then go on more slowly."
	case pacing.CauseBusy:
		return "The provider asks for fewer requests", "Nothing: it goes on at the time that is shown. If it happens often, another program uses the same instance."
	case pacing.CauseFailing:
		return "The provider fails", "Nothing here: the next try comes at the time that is shown. If it lasts, look at the provider's status page and run rollcall-worker check."
	case pacing.CauseQuota:
		return "The plan's quota is used up", "Raise the plan at the provider, then end the rest; or move the waiting groups to an instance with quota left."
	case pacing.CauseUnreadable:
		return "A rest cannot be read", "End the rest if the number may work; until then nothing is called."
	}
	return "The instance rests", "Read the provider's words; the next call comes at the time that is shown."
}

// restState is the state of an open instance that rests with both kinds of call. The number itself is
// restricted only where WhatsApp or the provider says so.
func restState(health provider.Health, cause pacing.Cause) provider.Health {
	switch cause {
	case pacing.CauseLimited, pacing.CauseRestricted:
		return provider.Restricted
	case pacing.CauseBusy, pacing.CauseQuota:
		return health
	}
	return provider.UnknownState
}

// The worst parts of an instance beside its states.
const (
	WorstFailing = "failing" // its provider fails
	WorstResting = "resting" // it calls nothing for a time, though its number is well
	WorstPartly  = "partly"  // one kind of call rests, and the other does not
)

// InstanceWorst is the worst part of an instance: its state, unless a part of it is worse.
type InstanceWorst string

// worst goes by the rests of an instance whose state lets it work.
func (s *seat) worst() InstanceWorst {
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

// kindsHeld says which kinds of call rest or are quiet, until when and why.
func (s *seat) kindsHeld() string {
	var all []string
	for _, r := range s.rests() {
		if r.Kind != "" {
			all = append(all, fmt.Sprintf("no %ss until %s: %s", r.Kind, clockText(r.Until), r.Text()))
		}
	}
	if q := s.Create.Quiet; s.view(pacing.Create).Reason == pacing.ReasonQuiet {
		all = append(all, fmt.Sprintf("no creates from %s to %s (%s)", clockOfDay(q.From), clockOfDay(q.To), s.Create.Location()))
	}
	return strings.Join(all, "; ")
}

// restOf is the rest that holds a kind of call, if any.
func (s *seat) restOf(kind pacing.Kind) (Rest, bool) {
	for _, r := range s.rests() {
		if r.Kind == "" || r.Kind == kind {
			return r, true
		}
	}
	return Rest{}, false
}
