package group

import (
	"fmt"
	"strings"
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
	// Organisation is what messages call the sender, InviteMessage the text of invitations; "" where the
	// pool has none of its own.
	Organisation, InviteMessage string
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

// Equip takes in what holds for the groups of its pool: values for what the request leaves open, and the
// staff, who become members. It does so once, before the first create.
func (g *Group) Equip(p Pool, now time.Time) {
	if g.Status != Queued || g.Setup != nil && g.Setup.Equipped {
		return
	}
	if g.Setup == nil {
		g.Setup = &Setup{}
	}
	s := g.Setup
	s.Equipped, s.InviteStaff, s.Want = true, p.InviteStaff, s.Asked.Or(p.Setup)
	s.plan(now)
	usable := 0
	for i := range g.Members {
		if g.Members[i].usable() {
			usable++
		}
	}
	staff := make([]Member, len(p.Always))
	for i, n := range p.Always {
		staff[i] = Member{Number: n, Input: n.E164(), Status: Pending, Staff: true, UpdatedAt: now}
	}
	for _, m := range g.Newcomers(staff) {
		if usable++; usable > tasks.MaxPeople {
			m.set(NotAdded, say.Phrase{Code: say.StaffNoRoom, N: tasks.MaxPeople}, now)
		}
		g.Members = append(g.Members, m)
	}
	g.UpdatedAt = now
}

// unequip undoes Equip for a group that goes to another pool.
func (g *Group) unequip(now time.Time) {
	if g.Setup == nil || !g.Setup.Equipped {
		return
	}
	own := g.Members[:0:0]
	for i := range g.Members {
		if !g.Members[i].Staff {
			own = append(own, g.Members[i])
		}
	}
	g.Members, g.Setup = own, NewSetup(g.Setup.Asked, now)
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

// Profile is what a reading told of the group itself; nil where it did not tell.
type Profile struct {
	Description *string
	HasPhoto    *bool
	Settings    tasks.Settings
}

// Ability is what the provider of a group can set up.
type Ability struct {
	Photo, Description, Admins bool
	Settings                   func(name string) bool
	SettingsLag                time.Duration
}

// can says whether the provider can do a step, at least a part of it.
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

// Settings are those that are wanted and that the provider can change.
func (s *Setup) Settings(a Ability) tasks.Settings {
	if s.Want.Settings == nil {
		return tasks.Settings{}
	}
	return s.Want.Settings.Only(a.Settings)
}

// lacking are the names of settings that are wanted and that the provider cannot change.
func (s *Setup) lacking(a Ability) []string {
	var names []string
	s.Want.Settings.Each(func(name string, _ bool) {
		if !a.Settings(name) {
			names = append(names, name)
		}
	})
	return names
}

// SetupRead takes in a reading of the group and of its people: what it shows as wanted is done, however it
// came about.
func (g *Group) SetupRead(r Reading, p Profile, a Ability, now time.Time) error {
	if !g.settable() {
		return g.refuse("set it up")
	}
	g.recognise(r, now)
	g.settle(now)
	for _, step := range g.Setup.open() {
		if !a.can(g.Setup, step.Name) {
			step.end(StepUnsupported, say.Phrase{Code: say.SetupUnsupported}, now)
			continue
		}
		switch told, as := g.shows(step.Name, r, p, a); {
		case !told && step.Accepted, told && as:
			g.stepDone(step, a, now)
		case told && step.Accepted:
			step.Accepted = false // and is called again
			step.Reason = say.Phrase{Code: say.SetupNotShown}
			if step.Tries >= mostTries {
				step.end(StepUnknown, step.Reason, now)
			}
		}
	}
	g.release(now)
	g.UpdatedAt = now
	return nil
}

// shows says whether a reading tells of a step, and whether it shows what is wanted.
func (g *Group) shows(name StepName, r Reading, p Profile, a Ability) (told, as bool) {
	want := g.Setup.Want
	switch name {
	case StepPhoto: // which one it is nothing tells; a new group has none
		return p.HasPhoto != nil, p.HasPhoto != nil && *p.HasPhoto && g.Step(StepPhoto).Called
	case StepDescription:
		return p.Description != nil, p.Description != nil && SameName(*p.Description, want.Description)
	case StepAdmins:
		return r.Admins != nil && r.Complete, len(g.ToPromote()) == 0
	case StepSettings:
		as = true
		is := map[string]bool{}
		p.Settings.Each(func(name string, on bool) { is[name] = on })
		wanted := g.Setup.Settings(a)
		wanted.Each(func(name string, on bool) {
			now, known := is[name]
			told = told || known
			// Of one that no reading tells the answer decides.
			as = as && (known && now == on || !known && g.Step(StepSettings).Accepted)
		})
		return told, as
	default:
		return false, false
	}
}

// stepDone ends a step that is done, as far as the provider can do it.
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

// wantsAdmin says that the member is to be an admin.
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

// inside says that the latest readings held the member.
func (m *Member) inside() bool { return m.Status == Added || m.Status == Joined }

// ToPromote are the members who are in the group and are to become admins. A person who was read as an
// admin once is not: an admin who was made an ordinary member is left alone.
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

// readmins opens the admins' step again for people who have joined since.
func (g *Group) readmins(now time.Time) {
	if step := g.Step(StepAdmins); step != nil && step.Status == StepDone && len(g.ToPromote()) > 0 {
		*step = SetupStep{Name: StepAdmins, Status: StepWanted, UpdatedAt: now, At: now}
	}
}

// StepCalled records a call of a step that the provider took. The readings decide, after the lag with which
// they show it.
func (g *Group) StepCalled(name StepName, lag time.Duration, now time.Time) error {
	step, err := g.stepOpen(name)
	if err != nil {
		return err
	}
	step.Tries++
	step.Called, step.Accepted, step.At, step.Reason = true, true, now.Add(lag), say.Phrase{}
	if lag > 0 {
		step.Reason = say.Phrase{Code: say.SetupTakesEffect, Until: step.At}
	}
	g.UpdatedAt = now
	return nil
}

// StepFault is what a call without a yes may have done.
type StepFault int

// The faults.
const (
	NotArrived StepFault = iota // surely nothing
	Unclear                     // nothing is known
	Denied                      // the provider said no, and that proves nothing: a reading tells
)

// StepFailed records a call without a yes. One that did not arrive is tried again until giveUp is over.
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
	case what == Denied && step.Tries >= mostTries: // readings between the tries have not shown it
		step.end(StepRefused, say.Phrase{Code: say.SetupRefused, Why: []say.Phrase{why}}, now)
	case what == Unclear && step.Tries >= mostTries:
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

// StepRefused ends a step that the provider, or the thing itself, does not allow.
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

// SetupHeld puts the steps off whose time has come, for a reason that is none of theirs.
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

// release lets the invitations go once every step before the welcome has ended, or their time is over.
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

// ToGreet says that the welcome is still to be sent.
func (g *Group) ToGreet() bool {
	_, err := g.stepOpen(StepWelcome)
	return err == nil && !g.Held()
}

// BeginWelcome writes the intent of the welcome, before the call. An intent that is there is never followed
// by another: its call may have been made.
func (g *Group) BeginWelcome(owner string, budget time.Duration, alive func(owner string) bool, now time.Time) Begun {
	step, err := g.stepOpen(StepWelcome)
	if err != nil {
		return Past
	}
	if step.Intent != nil {
		if now.Before(step.Intent.Until) && alive(step.Intent.Owner) {
			return Busy
		}
		return Doubt
	}
	step.Intent = &Intent{Owner: owner, At: now, Until: now.Add(budget)}
	g.UpdatedAt = now
	return Go
}

// Welcomed records that the provider took the welcome.
func (g *Group) Welcomed(messageID string, now time.Time) error {
	step, err := g.stepOpen(StepWelcome)
	if err != nil {
		return err
	}
	step.MessageID = messageID
	step.end(StepDone, say.Phrase{}, now)
	g.UpdatedAt = now
	return nil
}

// WelcomeDoubted keeps what the provider said to the welcome where that proves nothing.
func (g *Group) WelcomeDoubted(answer string, now time.Time) error {
	step, err := g.stepOpen(StepWelcome)
	if err != nil {
		return err
	}
	if step.Intent == nil {
		return g.refuse("doubt its welcome")
	}
	step.Intent.Answer, step.Called = answer, true
	g.UpdatedAt = now
	return nil
}

// WelcomeNotSent records that the welcome surely did not leave: it waits again, until giveUp. A giveUp of 0
// waits for ever: what holds it is none of its own.
func (g *Group) WelcomeNotSent(why say.Phrase, giveUp time.Duration, now time.Time) error {
	step, err := g.stepOpen(StepWelcome)
	if err != nil {
		return err
	}
	step.Intent, step.Reason = nil, why
	g.UpdatedAt = now
	if giveUp == 0 {
		return nil
	}
	if step.Tries++; step.Since.IsZero() {
		step.Since = now
	}
	if now.Sub(step.Since) >= giveUp {
		step.end(StepRefused, say.Phrase{Code: say.SetupGaveUp, Why: []say.Phrase{why}}, now)
	}
	return nil
}

// WelcomeEnded ends the welcome without the call, or with what became of it.
func (g *Group) WelcomeEnded(s StepStatus, reason say.Phrase, now time.Time) error {
	step, err := g.stepOpen(StepWelcome)
	if err != nil {
		return err
	}
	step.Intent = nil
	step.end(s, reason, now)
	g.UpdatedAt = now
	return nil
}

// again opens the steps anew for another group at WhatsApp. The welcome is sent once, ever.
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
