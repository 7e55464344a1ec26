package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
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
	// Released says that invitations wait for no step any more.
	Released bool
	At       time.Time // when the steps are gone on with; zero where none can be
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

// StepName names a step; the words are contract.md's.
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

// StepStatus is where a step stands; the words are contract.md's.
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

// Pool is what holds for the groups of a pool.
type Pool struct {
	Setup       tasks.Setup
	Always      []phone.Number // the staff in each of its groups
	InviteStaff bool
}

// SetupReady says that something was asked for and that every step has ended.
func (g *Group) SetupReady() bool {
	if g.Setup == nil || len(g.Setup.Steps) == 0 || !g.Called {
		return false
	}
	for i := range g.Setup.Steps {
		if g.Setup.Steps[i].Status == StepWanted {
			return false
		}
	}
	return true
}

// NewSetup is the setup of a request; nil where nothing is asked for.
func NewSetup(asked tasks.Setup, now time.Time) *Setup {
	if asked.Zero() {
		return nil
	}
	s := &Setup{Asked: asked, Want: asked}
	s.plan(now)
	return s
}

// plan makes the steps of what is wanted.
func (s *Setup) plan(now time.Time) {
	s.Steps = nil
	wants := map[StepName]bool{
		StepPhoto: s.Want.Photo != "", StepDescription: s.Want.Description != "", StepWelcome: s.Want.WelcomeMessage != "",
		StepAdmins: s.Want.Admins != nil,
	}
	s.Want.Settings.Each(func(string, bool) { wants[StepSettings] = true })
	for _, name := range StepNames {
		if wants[name] {
			s.Steps = append(s.Steps, SetupStep{Name: name, Status: StepWanted, UpdatedAt: now})
		}
	}
}
