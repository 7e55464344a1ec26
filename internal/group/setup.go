package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Setup is what is done to a group once its roll was called: photo, description, settings and admins,
// which invitations wait for a little, then one welcome message. Every step but the welcome may be
// repeated.
type Setup struct {
	Asked tasks.Setup // by the request; its admins are members of the request
	Want  tasks.Setup // Asked with the defaults of the pool, once Equipped
	// Equipped says that the pool's defaults and its staff were taken in.
	Equipped bool
	// InviteStaff says that the pool's staff are invited like the others where they were not added.
	InviteStaff bool
	Steps       []SetupStep // of Want, in their order
	From        time.Time   // when the roll call was over; zero before
	// Released says that invitations wait for no step any more.
	Released bool
	At       time.Time // when the steps before the welcome go on; zero where none is to
}

// SetupStep is one step of a Setup.
type SetupStep struct {
	Name      StepName
	Status    StepStatus
	Reason    say.Phrase // why it is in that state
	UpdatedAt time.Time

	Since    time.Time // the first try
	Tries    int       // without success
	At       time.Time // the next try, not before
	Called   bool      // a call may have arrived
	Accepted bool      // the provider took the latest call

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

// StepStatus is where a step stands; documents use these words.
type StepStatus string

// The states of a step.
const (
	StepWanted      StepStatus = "wanted"
	StepDone        StepStatus = "done"
	StepRefused     StepStatus = "refused"     // surely not done, and not tried again
	StepUnsupported StepStatus = "unsupported" // the provider cannot do it, or a part of it
	StepUnknown     StepStatus = "unknown"     // may be done; not tried again
)

// StepStatuses are all states of a step.
var StepStatuses = []StepStatus{StepWanted, StepDone, StepRefused, StepUnsupported, StepUnknown}

const (
	// setupHolds is how long invitations wait for the steps before the welcome, from the roll call's end.
	setupHolds = 2 * time.Minute
	// mostTries is how often a step is tried whose calls may have arrived and which no reading shows.
	mostTries = 5
)

// Step is the step of a name; nil where it is not wanted of the group.
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

// SetupReady says that something was asked for and that every step has ended.
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

// settable says that the group can be set up: its roll was called, and no person must decide about it.
func (g *Group) settable() bool {
	return g.Setup != nil && g.Exists() && g.Called && (g.Status == Inviting || g.Status == Done)
}

// open are the steps before the welcome that have not ended, in their order.
func (s *Setup) open() []*SetupStep {
	var open []*SetupStep
	for i := range s.Steps {
		if step := &s.Steps[i]; step.Name != StepWelcome && step.Status == StepWanted {
			open = append(open, step)
		}
	}
	return open
}

// Held says that the group's calls for people wait for its set-up.
func (g *Group) Held() bool {
	return g.settable() && !g.Setup.Released && len(g.Setup.open()) > 0
}

// HeldUntil is when that ends at the latest.
func (g *Group) HeldUntil() time.Time { return g.Setup.From.Add(setupHolds) }

// planSetup settles when the steps before the welcome go on.
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

// DueSteps are the steps before the welcome whose time has come.
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

// again starts the steps over for another group at WhatsApp. The welcome is sent once, ever.
func (s *Setup) again(now time.Time) {
	for i := range s.Steps {
		if step := &s.Steps[i]; step.Name != StepWelcome {
			*step = SetupStep{Name: step.Name, Status: StepWanted, UpdatedAt: now}
		}
	}
	s.Released, s.From = false, time.Time{}
}

// DueAt is when the group needs a worker although its status alone does not lead one to it: for its next
// reading, for its set-up, or, once it is done, for its welcome. Zero says that it needs none.
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

// NextSetup is what must be on the queue of a group's set-up.
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
