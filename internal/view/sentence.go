package view

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Sentence is the whole installation in one sentence.
type Sentence struct {
	Waiting, Running int
	Review           int // groups on which a person must decide
	Needing          int // instances that will not work again without a person
	Next, Done       *time.Time
	Held             say.Phrase // why the whole installation creates nothing and invites no person; zero if it works
}

// Sentence sums the document up.
func (d Document) Sentence() Sentence {
	s := Sentence{
		Waiting: d.Groups[group.Queued], Review: d.Groups[group.Review], Done: d.EtaAt,
		Running: d.Groups[group.Creating] + d.Groups[group.Verifying] + d.Groups[group.Inviting],
	}
	if d.Installation.State == InstallationHeld || d.Installation.State == InstallationLost {
		s.Held = d.Installation.Reason
	}
	for _, i := range d.Instances {
		if i.NeedsAPerson() && s.Held.Zero() {
			s.Needing++
		}
		if i.Queued.Create > 0 && i.NextCreateAt != nil && (s.Next == nil || i.NextCreateAt.Before(*s.Next)) {
			s.Next = i.NextCreateAt
		}
	}
	return s
}

// Idle reports whether nothing waits and nothing runs.
func (s Sentence) Idle() bool { return s.Waiting+s.Running == 0 }

// Said returns the sentence.
func (s Sentence) Said(v say.Voice) string {
	parts := []say.Phrase{}
	if !s.Held.Zero() {
		parts = append(parts, s.Held)
	}
	if s.Idle() {
		parts = append(parts, say.Phrase{Code: say.NothingWaits})
	} else {
		work := say.Phrase{Code: say.Work, N: s.Waiting, M: s.Running, Why: because(Forecast(s.Done))}
		if s.Next != nil {
			work.At = *s.Next
		}
		parts = append(parts, work)
	}
	if s.Needing > 0 {
		parts = append(parts, say.Phrase{Code: say.InstancesNeedYou, N: s.Needing})
	}
	if s.Review > 0 {
		parts = append(parts, say.Phrase{Code: say.GroupsNeedYou, N: s.Review})
	}
	return v.Say(say.Phrase{Code: say.Each, Why: parts})
}

// Forecast returns a phrase for the time at which something will be over; nil means no estimate.
func Forecast(at *time.Time) say.Phrase {
	if at == nil {
		return say.Phrase{Code: say.NoEstimate}
	}
	return say.Phrase{Code: say.About, At: *at}
}

// Unserved reports whether no worker serves the instance.
func (i Instance) Unserved() bool {
	return i.State == provider.UnknownState && i.Reason.Is(say.NoWorker)
}

// NeedsAPerson reports whether the instance will not work again without a person's help.
func (i Instance) NeedsAPerson() bool {
	if len(i.PausedQueues) > 0 {
		return true
	}
	switch i.State {
	case provider.Disconnected, provider.Unauthorized:
		return true
	case provider.Restricted, provider.Paused:
		return i.Until == nil
	case provider.UnknownState:
		return i.Reason.Is(say.NoWorker) || i.UnknownTo != ""
	default:
		return false
	}
}
