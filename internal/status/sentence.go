package status

import (
	"fmt"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// Sentence is the whole installation in one.
type Sentence struct {
	Waiting, Running int
	Review           int // groups on which a person must decide
	Needing          int // instances that will not work again by themselves
	Next, Done       *time.Time
	Held             string // why nothing is created or invited at all; "" while it is
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
		if i.NeedsAPerson() && s.Held == "" {
			s.Needing++
		}
		if i.Queued.Create > 0 && i.NextCreateAt != nil && (s.Next == nil || i.NextCreateAt.Before(*s.Next)) {
			s.Next = i.NextCreateAt
		}
	}
	return s
}

// Idle says that nothing waits and nothing runs.
func (s Sentence) Idle() bool { return s.Waiting+s.Running == 0 }

// Text is the sentence in words; when says a time as its reader likes it.
func (s Sentence) Text(when func(*time.Time) string) string {
	var b strings.Builder
	if s.Held != "" {
		b.WriteString(s.Held + "; ")
	}
	if s.Idle() {
		b.WriteString("nothing is waiting")
	} else {
		fmt.Fprintf(&b, "%d waiting, %d running", s.Waiting, s.Running)
		if s.Next != nil {
			b.WriteString(", next group " + when(s.Next))
		}
		if s.Done != nil {
			b.WriteString(", all done " + ForecastText(s.Done, when))
		} else {
			b.WriteString(", " + ForecastText(nil, when))
		}
	}
	switch {
	case s.Needing == 1:
		b.WriteString("; 1 instance needs you")
	case s.Needing > 1:
		fmt.Fprintf(&b, "; %d instances need you", s.Needing)
	}
	switch {
	case s.Review == 1:
		b.WriteString("; 1 group waits for your decision")
	case s.Review > 1:
		fmt.Fprintf(&b, "; %d groups wait for your decision", s.Review)
	}
	return b.String()
}

// ForecastText is when something will be over, as every text says it.
func ForecastText(at *time.Time, when func(*time.Time) string) string {
	if at == nil {
		return "no estimate yet"
	}
	return "about " + when(at)
}

// Unserved says that no worker runs the instance.
func (i Instance) Unserved() bool {
	return i.State == provider.UnknownState && i.Reason == nobodyServes
}

// NeedsAPerson says that the instance will not work again by itself.
func (i Instance) NeedsAPerson() bool {
	if len(i.PausedQueues) > 0 {
		return true
	}
	switch i.State {
	case provider.Disconnected, provider.Unauthorized, provider.Paused:
		return true
	case provider.Restricted:
		return i.Until == nil
	case provider.UnknownState:
		return i.Reason == nobodyServes || i.UnknownTo != ""
	default:
		return false
	}
}
