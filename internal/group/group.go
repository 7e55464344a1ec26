package group

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Group is the record of a request: what was requested, its progress, and its result.
type Group struct {
	ID  string
	Rev int64 // the store's: counts the writes of this record
	// Write is the store's: it identifies the write. After a failover there may be two of one Rev.
	Write string
	// Claim is the store's: the digest that names the claim of its idempotency key, nil without one.
	Claim []byte
	// Former is the store's: the claims of the names that the group had before it was edited.
	Former [][]byte

	// The request. It changes when a person moves or edits the group.
	Name        string
	AutoInvite  bool
	Target      tasks.Target
	Priority    tasks.Priority
	BatchID     string
	Row         int
	ExternalRef string
	Key         string // idempotency key; "" when derived from the batch and the content
	NotBefore   time.Time
	ExpiresAt   time.Time
	Message     string // the invitation's template; "" means the configured one
	Metadata    map[string]any
	Consent     Consent // these people's permission, as the client states it
	CreatedAt   time.Time

	// The progress.
	Status     Status
	Instance   string // the one that creates or created it; "" while a pool's group waits
	Members    []Member
	Attempts   []Attempt
	Round      int       // how often it was put back into the queue for a new create
	AskAgain   time.Time // when a person asked for another try: earlier answers "no account" are checked again
	Tries      int       // failed tries in a row, for the backoff
	TryingFrom time.Time // the first create of this round's tries, for give_up_after
	Verify     Looking   // the looks after an unknown create
	Seen       []Look    // what each of them found, for a person who must decide
	SoughtAt   time.Time // when the lists were last read before a create, because Redis had lost data; zero for never
	Roll       Looking   // the readings of the roll call
	Called     bool      // the roll call is over
	Watch      Watch     // the readings after the roll call
	Setup      *Setup    // nil where nothing is to be set up
	Sight      Sight     // what the latest reading showed
	Strangers  int       // people with a hidden number and no link to a member, when the roll call ended
	Askers     []Asker   // people who were not requested and ask to join
	Deaths     int       // workers that crashed while working on it, the latest at DiedAt: see WorkerDied
	DiedAt     time.Time
	Wait       Wait
	UpdatedAt  time.Time
	FinishedAt time.Time

	// The result.
	WhatsAppID string // as the provider writes it
	InviteLink string
	LinkAt     time.Time // when a create or a separate reading last returned the InviteLink; zero for none
	Adopted    bool      // found by a look, not named in the create's answer
	ByHand     bool      // a person typed the group's id, which the record did not have
	NotAdded   []string  // the people whom the provider says it left out
	Strays     []Stray   // other groups that this request has made
	Error      *Error
	ReplacedBy string // id of the group that a corrected row or edit made instead of this group, which does not exist
	Replaces   string // id of the group in whose place a corrected row or an edit made this one

	// Was is the index's status of a group whose record cannot be read. No record has it.
	Was Status
}

// Member is one requested person.
type Member struct {
	Number   phone.Number // "" for an invalid input or a LID
	Input    string       // as it was typed
	WhatsApp string       // WhatsApp's own digits, where a check or a reading showed them
	LID      string       // WhatsApp's opaque id, where known
	Name     string       // as the client's file has it; never sent to a provider
	Status   MemberStatus
	Reason   say.Phrase // why it is in that state

	MessageID string
	Invite    *Intent   // of the invitation, or of the call that adds a late member
	InvitedAt time.Time // when the provider took the invitation
	Tries     int       // invitations that certainly did not leave, in a row
	// TryingFrom is when the first of the Tries failed, for give_up_after.
	TryingFrom time.Time
	Said       Departure    // what a webhook reported, until a reading confirms or refutes it
	Request    *JoinRequest // to join, while it waits for an admin of the group
	MissedAt   time.Time    // the first reading that lacked the member after others had held the member
	UpdatedAt  time.Time

	// AskedBy is which file or person asked for the member after the group was accepted, AskedAt when.
	// Both are empty for the people of the request itself.
	AskedBy string
	AskedAt time.Time

	// Late says that the member was requested once the group existed: see late.go.
	Late bool
	// Staff says that the pool's configuration put the member in, not the request.
	Staff bool
	// Admin says that the member is an admin by the latest reading, WasAdmin that any reading showed it.
	Admin, WasAdmin bool
	// CalledAt is when the call to add a late member was over, or found impossible; no further call follows.
	CalledAt time.Time
}

// Intent is a call that a worker was about to make for one person.
type Intent struct {
	Owner string
	At    time.Time
	Until time.Time // after this the call can no longer be under way
	// Answer is the provider's answer if it left the outcome unknown; redacted.
	Answer say.Phrase
	// Fate is what a webhook told of the message before the call's outcome was recorded; nil for nothing.
	Fate *Fate
}

// Fate is what became of a message that the provider had taken: the status of the member to whom it was sent.
type Fate struct {
	MessageID string
	Status    MemberStatus
	Reason    say.Phrase
}

// Attempt is one create call: its intent while Outcome is Open, its record afterwards.
type Attempt struct {
	N          int
	Instance   string
	Number     string // stands for the number that the instance had, see store.Presence.NumberOf; "" when unknown
	Owner      string
	StartedAt  time.Time
	Until      time.Time // after this the call can no longer be under way
	EndedAt    time.Time
	Outcome    Outcome
	HTTPStatus int
	Error      say.Phrase
	// Denied says that the provider answered no without proving that nothing happened (Unknown).
	Denied bool
}

// Looking counts readings that are taken at fixed times after From.
type Looking struct {
	From time.Time
	// Until is when the call whose outcome is unknown can no longer be in progress. If it is later than From, the time
	// of the deciding look is counted from Until.
	Until    time.Time
	Looks    int // readings that counted
	Failures int // readings that failed, in a row
}

// Look is what one look into the provider's lists found.
type Look struct {
	At    time.Time
	Found int        // groups that could be it
	Error say.Phrase // why the lists could not be read; redacted
}

// maxSeen is how many looks a record keeps: the latest ones.
const maxSeen = 12

func (g *Group) saw(found int, err say.Phrase, now time.Time) {
	g.Seen = append(g.Seen, Look{At: now, Found: found, Error: err})
	if over := len(g.Seen) - maxSeen; over > 0 {
		g.Seen = append([]Look(nil), g.Seen[over:]...)
	}
}

// Sight is what the latest reading of the group showed apart from its members.
type Sight struct {
	At     time.Time
	Hidden int      // people with a hidden number and no link to a member
	Own    Standing // of the instance's own number, as last reported
}

// Standing is what a number is in a group.
type Standing string

// The standings; "" where no reading showed it.
const (
	StandingAdmin  Standing = "admin"
	StandingMember Standing = "member"
	StandingOut    Standing = "out"
)

// Wait is why a group makes no progress, when the queue alone does not explain it.
type Wait struct {
	For   say.Phrase
	Until time.Time
}

// Error is why a group failed, or what a person must decide on.
type Error struct {
	Code       Code        `json:"code"`
	At         time.Time   `json:"at,omitzero"` // since when it holds
	Message    say.Phrase  `json:"message"`
	Remedy     say.Phrase  `json:"remedy"`
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Stray is another group at WhatsApp that a request has made.
type Stray struct {
	GroupID  string // as its instance's provider writes it
	Instance string // the one that made it, or whose lists hold it
}

// Candidate is a group at WhatsApp that could be the one a lost create made.
type Candidate struct {
	GroupID   string    `json:"groupId"`
	Instance  string    `json:"instance"` // the one that made it, or whose lists hold it
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"createdAt,omitzero"`
	People    int       `json:"people"`
}

// Identity returns everything by which the member can be recognised.
func (m *Member) Identity() phone.Identity {
	digits := m.WhatsApp
	if digits == "" {
		digits = m.Number.Digits()
	}
	return phone.Identity{Digits: digits, LID: m.LID}
}

// Identities returns the identities under which the member may be known elsewhere: Identity and, where WhatsApp has
// another form of the number, the typed one.
func (m *Member) Identities() []phone.Identity {
	all := []phone.Identity{m.Identity()}
	if m.WhatsApp != "" && m.Number != "" {
		all = append(all, m.Number.Identity())
	}
	return all
}

// Address returns how the member is named to a provider: WhatsApp's own digits where known, otherwise
// the typed number, otherwise the LID. It returns "" for a member without any of them.
func (m *Member) Address() string {
	if id := m.Identity(); id.Digits != "" {
		return id.Digits
	}
	return m.LID
}

// End ends a member before the create: no worker will add or invite this person.
func (m *Member) End(s MemberStatus, reason say.Phrase, now time.Time) { m.set(s, reason, now) }

// Learn keeps the addresses that a provider reports for a member.
func (m *Member) Learn(p phone.Identity) {
	if p.LID != "" {
		m.LID = p.LID
	}
	if p.Digits != "" && p.Digits != m.Number.Digits() {
		m.WhatsApp = p.Digits
	}
}

func (m *Member) set(s MemberStatus, reason say.Phrase, now time.Time) {
	m.Status, m.Reason, m.UpdatedAt = s, reason, now
}

// Counts returns how many of the requested people are in each state. Every state is present. The pool's staff does not
// count.
func (g *Group) Counts() map[MemberStatus]int {
	counts := make(map[MemberStatus]int, len(MemberStatuses))
	for _, s := range MemberStatuses {
		counts[s] = 0
	}
	for i := range g.Members {
		if !g.Members[i].Staff {
			counts[g.Members[i].Status]++
		}
	}
	return counts
}

// Waits records why the group makes no progress although its status would allow it.
func (g *Group) Waits(why say.Phrase, until time.Time) { g.Wait = Wait{For: why, Until: until} }

// Exists reports whether the group is known to exist at WhatsApp.
func (g *Group) Exists() bool { return g.WhatsAppID != "" }

// settle ends a group once all its members have ended. It is called after everything that can end a member, so the last
// member to end also ends the group, in any order and after any repetition.
func (g *Group) settle(now time.Time) {
	if g.Arrived() {
		g.move(Done, now)
	}
}

// Arrived reports whether every member of a group has ended, and the group has not.
func (g *Group) Arrived() bool {
	if g.Status != Inviting || !g.Called {
		return false
	}
	for i := range g.Members {
		if !g.Members[i].Status.Ended() {
			return false
		}
	}
	return true
}

// Settle ends a group that has Arrived. Only a record written by another version needs it.
func (g *Group) Settle(now time.Time) error {
	if !g.Arrived() {
		return g.refuse("end")
	}
	g.settle(now)
	return nil
}

// move changes the group's status. No other code does.
func (g *Group) move(to Status, now time.Time) {
	g.Status, g.UpdatedAt, g.Wait = to, now, Wait{}
	g.FinishedAt = time.Time{}
	if to.Ended() {
		g.FinishedAt = now
	}
	if to != Inviting && to != Done {
		g.Watch = Watch{} // no worker reads it again before its roll is called again
	}
}

func (g *Group) fail(code Code, message, remedy say.Phrase, now time.Time) {
	g.Error = &Error{Code: code, At: now.UTC(), Message: message, Remedy: remedy}
	g.move(Failed, now)
}

func (g *Group) review(e Error, now time.Time) {
	e.At = now.UTC()
	g.Error = &e
	g.move(Review, now)
}
