package admin

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
)

// setupLine is one step of a group's set-up as the page shows it.
type setupLine struct {
	Title, Word say.Code
	Reason      say.Phrase
	At          time.Time
	Next        time.Time // the next try; zero where none is to come or it is due
}

// setupOf lists the steps of a group's set-up in their order.
func setupOf(g *group.Group, now time.Time) []setupLine {
	if g.Setup == nil {
		return nil
	}
	lines := make([]setupLine, len(g.Setup.Steps))
	for i := range g.Setup.Steps {
		s := &g.Setup.Steps[i]
		lines[i] = setupLine{Title: stepTitle(s.Name), Word: stepWord(s.Status), Reason: s.Reason, At: s.UpdatedAt}
		if s.At.After(now) {
			lines[i].Next = s.At
		}
	}
	return lines
}

func stepTitle(name group.StepName) say.Code { return say.Code("step:" + string(name)) }

func stepWord(status group.StepStatus) say.Code { return say.Code("setup:" + string(status)) }

// setup puts the steps that have ended into the timeline.
func (l *liner) setup(g *group.Group) {
	if g.Setup == nil {
		return
	}
	for i := range g.Setup.Steps {
		s := &g.Setup.Steps[i]
		if s.Status == group.StepWanted {
			continue
		}
		word := stepWord(s.Status)
		l.insert(moment{
			At: s.UpdatedAt, Tone: tones[string(word)], What: l.T("pair", l.T(stepTitle(s.Name)), l.T(word)),
			Detail: phone.Mask(l.voice(l.now).Say(s.Reason)),
		})
	}
}
