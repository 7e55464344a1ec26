package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Setup is what the worker does to a group after its roll call: it sets the photo, the description, the
// settings and the admins, then sends one welcome message. Invitations wait for the steps before the
// welcome, but no longer than setupHolds. Every step but the welcome may be repeated.
type Setup struct {
	Asked tasks.Setup // by the request; its admins are members of the request
	Want  tasks.Setup // Asked, with the pool's defaults once Equipped
	// Equipped says that the pool's defaults and its staff were applied.
	Equipped bool
	// InviteStaff says that staff who could not be added are invited, as the people of the request are.
	InviteStaff bool
	Steps       []SetupStep // of Want, in their order
	From        time.Time   // when the roll call ended; zero before that
	// Released says that invitations no longer wait for the steps.
	Released bool
	At       time.Time // when the worker next works on the steps before the welcome; zero when it has nothing to do
}

// SetupStep is one step of a Setup.
type SetupStep struct {
	Name      StepName
	Status    StepStatus
	Reason    say.Phrase // why it has that status
	UpdatedAt time.Time

	Since    time.Time // the first try that failed
	Tries    int       // how many tries did not end the step
	At       time.Time // the earliest moment of the next try
	Called   bool      // a call may have arrived
	Accepted bool      // the provider accepted the latest call

	Intent    *Intent // of the welcome
	MessageID string  // of the welcome
}

// StepName names a step; documents use these words.
type StepName string

// The steps, in their order.
const (
	StepPhoto       StepName = "photo"
	StepDescription StepName = "description"
	StepSettings    StepName = "settings"
	StepAdmins      StepName = "admins"
	StepWelcome     StepName = "welcome"
)

// StepNames are all steps, in their order.
var StepNames = []StepName{StepPhoto, StepDescription, StepSettings, StepAdmins, StepWelcome}

// StepStatus is the state of a step; documents use these words.
type StepStatus string

// The states of a step.
const (
	StepWanted      StepStatus = "wanted"
	StepDone        StepStatus = "done"
	StepRefused     StepStatus = "refused"     // known not to be done; not tried again
	StepUnsupported StepStatus = "unsupported" // the provider cannot do it, or a part of it
	StepUnknown     StepStatus = "unknown"     // may be done; not tried again
)

// StepStatuses are all states of a step.
var StepStatuses = []StepStatus{StepWanted, StepDone, StepRefused, StepUnsupported, StepUnknown}

const (
	// setupHolds is the longest that invitations wait for the steps before the welcome, from the end of the roll call.
	setupHolds = 2 * time.Minute
	// maxTries limits the calls of a step if calls may have arrived but no reading shows their effect.
	maxTries = 5
)

// Step returns the step with that name, or nil if the group's set-up does not have it.
func (g *Group) Step(name StepName) *SetupStep {
	if g.Setup == nil {
		return nil
	}
	for i := range g.Setup.Steps {
		if g.Setup.Steps[i].Name == name {
			return &g.Setup.Steps[i]
		}
	}
	return nil
}

// SetupReady reports whether a set-up was asked for and all its steps have ended.
func (g *Group) SetupReady() bool {
	if g.Setup == nil || len(g.Setup.Steps) == 0 || g.Setup.From.IsZero() {
		return false
	}
	for i := range g.Setup.Steps {
		if g.Setup.Steps[i].Status == StepWanted {
			return false
		}
	}
	return true
}

// settable reports whether the group can be set up: its roll call is over, and it is not in review.
func (g *Group) settable() bool {
	return g.Setup != nil && g.Exists() && g.Called && (g.Status == Inviting || g.Status == Done)
}

// open returns the steps before the welcome that have not ended, in their order.
func (s *Setup) open() []*SetupStep {
	var open []*SetupStep
	for i := range s.Steps {
		if step := &s.Steps[i]; step.Name != StepWelcome && step.Status == StepWanted {
			open = append(open, step)
		}
	}
	return open
}

// Held reports whether the group's calls for people wait for its set-up.
func (g *Group) Held() bool {
	return g.settable() && !g.Setup.Released && len(g.Setup.open()) > 0
}

// HeldUntil returns the latest time at which Held ends.
func (g *Group) HeldUntil() time.Time { return g.Setup.From.Add(setupHolds) }

// planSetup computes Setup.At.
func (g *Group) planSetup() {
	if g.Setup == nil {
		return
	}
	s := g.Setup
	s.At = time.Time{}
	if !g.settable() {
		return
	}
	for _, step := range s.open() {
		s.At = earliest(s.At, latest(s.From, step.At))
	}
	if g.Held() {
		s.At = earliest(s.At, g.HeldUntil())
	}
}

// DueSteps returns the steps before the welcome that are due now.
func (g *Group) DueSteps(now time.Time) []StepName {
	if !g.settable() {
		return nil
	}
	var due []StepName
	for _, step := range g.Setup.open() {
		if !step.At.After(now) {
			due = append(due, step.Name)
		}
	}
	return due
}

// restart starts the steps again, because the request now has another group at WhatsApp. The welcome is not repeated:
// a request sends it once.
func (s *Setup) restart(now time.Time) {
	for i := range s.Steps {
		if step := &s.Steps[i]; step.Name != StepWelcome {
			*step = SetupStep{Name: step.Name, Status: StepWanted, UpdatedAt: now}
		}
	}
	s.Released, s.From = false, time.Time{}
}

// DueAt returns when the group next needs a worker for work that its status does not show: its next reading, its set-up
// or, once it is done, its welcome. It returns zero if there is no such work.
func (g *Group) DueAt() time.Time {
	if g.Setup == nil {
		return g.Watch.At
	}
	at := earliest(g.Watch.At, g.Setup.At)
	if g.Status == Done && g.ToGreet() {
		at = earliest(at, g.Setup.From)
	}
	return at
}

// NextSetup returns the tasks of the group's set-up that must be on the queue.
func (g *Group) NextSetup() []tasks.Task {
	if !g.settable() {
		return nil
	}
	var next []tasks.Task
	if !g.Setup.At.IsZero() {
		next = append(next, tasks.Setting(g.ID, g.Setup.At))
	}
	if g.ToGreet() {
		next = append(next, tasks.Welcome(g.ID, g.Instance))
	}
	return next
}
