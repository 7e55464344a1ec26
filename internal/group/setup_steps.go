package group

import (
	"fmt"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Profile is what a reading shows of the group itself. A nil field was not in the reading.
type Profile struct {
	Description *string
	HasPhoto    *bool
	Settings    tasks.Settings
}

// Ability is what the group's provider can set up.
type Ability struct {
	Photo, Description, Admins bool
	Settings                   func(name string) bool
	SettingsLag                time.Duration
}

// can reports whether the provider can do at least a part of a step.
func (a Ability) can(s *Setup, name StepName) bool {
	switch name {
	case StepPhoto:
		return a.Photo
	case StepDescription:
		return a.Description
	case StepAdmins:
		return a.Admins
	case StepSettings:
		can := false
		s.Want.Settings.Each(func(name string, _ bool) { can = can || a.Settings(name) })
		return can
	default:
		return true
	}
}

// Settings returns the wanted settings that the provider can change.
func (s *Setup) Settings(a Ability) tasks.Settings {
	if s.Want.Settings == nil {
		return tasks.Settings{}
	}
	return s.Want.Settings.Only(a.Settings)
}

// lacking returns the names of the wanted settings that the provider cannot change.
func (s *Setup) lacking(a Ability) []string {
	var names []string
	s.Want.Settings.Each(func(name string, _ bool) {
		if !a.Settings(name) {
			names = append(names, name)
		}
	})
	return names
}

// SetupRead records a reading of the group and of its people. If the reading shows the wanted result of a step, the
// step is done, even if a person did it by hand.
func (g *Group) SetupRead(r Reading, p Profile, a Ability, now time.Time) error {
	if !g.settable() {
		return g.refuse("set it up")
	}
	missing := len(g.ToPromote())
	g.recognise(r, now)
	g.settle(now)
	if step := g.Step(StepAdmins); step != nil && len(g.ToPromote()) < missing { // promote the next ones at once
		step.Tries, step.At = 0, now
	}
	for _, step := range g.Setup.open() {
		if !a.can(g.Setup, step.Name) {
			step.end(StepUnsupported, say.Phrase{Code: say.SetupUnsupported}, now)
			continue
		}
		switch told, as := g.shows(step.Name, r, p, a); {
		case !told && step.Accepted, told && as:
			g.stepDone(step, a, now)
		case told && step.Accepted && !now.Before(step.At):
			step.Accepted = false // so that the call is made again
			step.Reason = say.Phrase{Code: say.SetupNotShown}
			if step.Tries >= maxTries {
				step.end(StepUnknown, step.Reason, now)
			}
		}
	}
	g.release(now)
	g.UpdatedAt = now
	return nil
}

// shows reports whether a reading covers a step (told), and whether it shows the wanted result (as).
func (g *Group) shows(name StepName, r Reading, p Profile, a Ability) (told, as bool) {
	want := g.Setup.Want
	switch name {
	case StepPhoto: // a reading shows that there is a photo, not which one; a new group has no photo
		return p.HasPhoto != nil, p.HasPhoto != nil && *p.HasPhoto && g.Step(StepPhoto).Called
	case StepDescription:
		return p.Description != nil, p.Description != nil && SameName(*p.Description, want.Description)
	case StepAdmins:
		as = len(g.ToPromote()) == 0 // then there is no call to make, however much the list shows
		return r.Admins != nil && (r.Complete || as), as
	case StepSettings:
		as = true
		is := map[string]bool{}
		p.Settings.Each(func(name string, on bool) { is[name] = on })
		wanted := g.Setup.Settings(a)
		wanted.Each(func(name string, on bool) {
			now, known := is[name]
			told = told || known
			// The provider's answer decides about a setting that the reading does not show.
			as = as && (known && now == on || !known && g.Step(StepSettings).Accepted)
		})
		return told, as
	default:
		return false, false
	}
}

// stepDone ends a step. Call it once everything in the step that the provider can do is done.
func (g *Group) stepDone(step *SetupStep, a Ability, now time.Time) {
	switch step.Name {
	case StepSettings:
		if lacking := g.Setup.lacking(a); len(lacking) > 0 {
			step.end(StepUnsupported, say.Phrase{Code: say.SetupPartly, Text: strings.Join(lacking, ", ")}, now)
			return
		}
	case StepAdmins:
		if n := g.adminsOutside(); n > 0 {
			step.end(StepDone, say.Phrase{Code: say.SetupAdminsLater, N: n}, now)
			return
		}
	default:
	}
	step.end(StepDone, say.Phrase{}, now)
}

func (step *SetupStep) end(s StepStatus, reason say.Phrase, now time.Time) {
	step.Status, step.Reason, step.UpdatedAt, step.At = s, reason, now, time.Time{}
}

// wantsAdmin reports whether the member is to be an admin.
func (g *Group) wantsAdmin(m *Member) bool {
	if g.Setup == nil || g.Setup.Want.Admins == nil || !m.usable() {
		return false
	}
	if g.Setup.Want.Admins.All {
		return true
	}
	for _, p := range g.Setup.Want.Admins.People {
		if m.Is(phone.IdentityOf(string(p))) {
			return true
		}
	}
	return false
}

// inside reports whether the member is in the group, by the latest readings.
func (m *Member) inside() bool { return m.Status == Added || m.Status == Joined }

// ToPromote returns the indexes of members who are in the group and are to become admins. A member whom a
// reading once showed as an admin is not among them, so a demotion by a person stands.
func (g *Group) ToPromote() []int {
	var who []int
	for i := range g.Members {
		if m := &g.Members[i]; m.inside() && !m.WasAdmin && g.wantsAdmin(m) {
			who = append(who, i)
		}
	}
	return who
}

// adminsOutside counts the people who become admins when they join.
func (g *Group) adminsOutside() int {
	n := 0
	for i := range g.Members {
		if m := &g.Members[i]; !m.inside() && !m.WasAdmin && g.wantsAdmin(m) && m.Status != Left && m.Status != OptedOut {
			n++
		}
	}
	return n
}

// reopenAdmins opens the admins' step again for people who have joined since it was done.
func (g *Group) reopenAdmins(now time.Time) {
	if step := g.Step(StepAdmins); step != nil && step.Status == StepDone && len(g.ToPromote()) > 0 {
		*step = SetupStep{Name: StepAdmins, Status: StepWanted, UpdatedAt: now, At: now}
	}
}

// StepCalled records a call of a step that the provider accepted. The readings decide whether the step is done: a
// reading after the pause that does not show it makes the call due again.
func (g *Group) StepCalled(name StepName, pause time.Duration, now time.Time) error {
	step, err := g.stepOpen(name)
	if err != nil {
		return err
	}
	step.Tries++
	step.Called, step.Accepted, step.At = true, true, now.Add(pause)
	step.Reason = say.Phrase{Code: say.SetupTakesEffect, Until: step.At}
	g.UpdatedAt = now
	return nil
}

// StepFault is what a failed call may have done.
type StepFault int

// The faults.
const (
	NotArrived StepFault = iota // the call did nothing
	Unclear                     // the call may have taken effect
	Denied                      // the provider said no, but the call may still have taken effect: a reading decides
)

// StepFailed records a failed call of a step. The step is tried again after the pause, until giveUp has passed since
// its first failure or, if its calls may have arrived, until maxTries.
func (g *Group) StepFailed(name StepName, what StepFault, why say.Phrase, pause, giveUp time.Duration, now time.Time) error {
	step, err := g.stepOpen(name)
	if err != nil {
		return err
	}
	if step.Since.IsZero() {
		step.Since = now
	}
	step.Tries++
	step.Called = step.Called || what != NotArrived
	step.Reason, step.At = why, now.Add(pause)
	switch {
	case what == Denied && step.Tries >= maxTries: // the readings between the tries did not show it
		step.end(StepRefused, say.Phrase{Code: say.SetupRefused, Why: []say.Phrase{why}}, now)
	case what == Unclear && step.Tries >= maxTries:
		step.end(StepUnknown, say.Phrase{Code: say.SetupUnknown, Why: []say.Phrase{why}}, now)
	case now.Sub(step.Since) >= giveUp && step.Called:
		step.end(StepUnknown, say.Phrase{Code: say.SetupUnknown, Why: []say.Phrase{why}}, now)
	case now.Sub(step.Since) >= giveUp:
		step.end(StepRefused, say.Phrase{Code: say.SetupGaveUp, Why: []say.Phrase{why}}, now)
	}
	g.release(now)
	g.UpdatedAt = now
	return nil
}

// StepRefused ends a step that cannot be done, because the provider refuses it or its content is not usable.
func (g *Group) StepRefused(name StepName, why say.Phrase, now time.Time) error {
	step, err := g.stepOpen(name)
	if err != nil {
		return err
	}
	step.end(StepRefused, why, now)
	g.release(now)
	g.UpdatedAt = now
	return nil
}

// SetupHeld puts the due steps off, because the instance cannot work now. It uses up no try.
func (g *Group) SetupHeld(why say.Phrase, until, now time.Time) error {
	if !g.settable() {
		return g.refuse("put its set-up off")
	}
	for _, step := range g.Setup.open() {
		if !step.At.After(now) {
			step.At, step.Reason = until, why
		}
	}
	g.release(now)
	return nil
}

// release lets the invitations go once every step before the welcome has ended or setupHolds has passed.
func (g *Group) release(now time.Time) {
	s := g.Setup
	s.Released = s.Released || len(s.open()) == 0 || now.Sub(s.From) >= setupHolds
}

func (g *Group) stepOpen(name StepName) (*SetupStep, error) {
	step := g.Step(name)
	if !g.settable() || step == nil || step.Status != StepWanted {
		return nil, g.refuse(fmt.Sprintf("go on with the step %s", name))
	}
	return step, nil
}
