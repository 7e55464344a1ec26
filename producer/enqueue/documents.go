package enqueue

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

// The documents are those of the HTTP API and of every command's JSON, field by field.

// Group is one group: the request, how far it is, its Members, and what it waits for.
type Group struct {
	ID     string `json:"id"`
	Status Status `json:"status"`
	// Worst is the worst state within the group: a Status, "partly", or "running".
	Worst          string `json:"worst"`
	GroupName      string `json:"groupName"`
	AutoInvite     bool   `json:"autoInvite"`
	Instance       string `json:"instance"`
	Pool           string `json:"pool"`
	Priority       string `json:"priority"`
	BatchID        string `json:"batchId"`
	Row            int    `json:"row"` // in its batch, from 1
	ExternalRef    string `json:"externalRef"`
	IdempotencyKey string `json:"idempotencyKey"`
	GroupID        string `json:"groupId"` // WhatsApp's own; empty until it exists
	InviteLink     string `json:"inviteLink"`
	// Adopted is true for a group whose create had no answer and that was found in the provider's lists.
	Adopted bool `json:"adopted"`
	// OwnNumber is the role of the instance's number in the group: "admin", "member" or "out"; "" until a
	// reading shows it.
	OwnNumber string   `json:"ownNumber,omitempty"`
	Members   []Member `json:"members,omitempty"`
	// Counts are the members by state.
	Counts   map[MemberStatus]int `json:"counts"`
	Attempts []Attempt            `json:"attempts"`
	// Error is set when Status is StatusFailed or StatusReview.
	Error *GroupError `json:"error"`
	// WaitingFor says why the group waits, WaitingSince since when, and EtaAt when the wait is expected to
	// end. They are empty or nil if the group does not wait, or if that is not known.
	WaitingFor   string     `json:"waitingFor"`
	WaitingSince *time.Time `json:"waitingSince"`
	EtaAt        *time.Time `json:"etaAt"`
	// NotBefore and ExpiresAt are the request's.
	NotBefore  *time.Time     `json:"notBefore,omitempty"`
	ExpiresAt  *time.Time     `json:"expiresAt,omitempty"`
	CreatedAt  time.Time      `json:"createdAt"`
	UpdatedAt  time.Time      `json:"updatedAt"`
	FinishedAt *time.Time     `json:"finishedAt"`
	Metadata   map[string]any `json:"metadata"`
	Consent    *GivenConsent  `json:"consent,omitempty"`
	// ReplacedBy is the group that a corrected row or an edit made instead of this one.
	ReplacedBy string `json:"replacedBy,omitempty"`
	// Replaces is the group in whose place a corrected row or an edit made this one.
	Replaces string `json:"replaces,omitempty"`
	// LateGroups are other groups at WhatsApp that this request made: the answer to their create came late.
	LateGroups []string `json:"lateGroups,omitempty"`
	// JoinRequests are the requests to join of people whom the request does not name.
	JoinRequests []Asker `json:"joinRequests,omitempty"`
	// Setup are the steps that follow the create, in order.
	Setup []SetupStep `json:"setup,omitempty"`
}

// SetupStep is one step of a Group's setup. None of them fails a group.
type SetupStep struct {
	Step string `json:"step"` // "photo", "description", "settings", "admins" or "welcome"
	// Status is "wanted" while the step is pending, "done", "refused", "unsupported" or "unknown".
	Status    string    `json:"status"`
	Reason    string    `json:"reason"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// Member is one requested person of a Group. Phone is in clear.
type Member struct {
	Phone     string       `json:"phone"` // E.164; empty if Input could not be used
	Input     string       `json:"input"` // as written in the request
	Name      string       `json:"name"`
	Status    MemberStatus `json:"status"`
	Reason    string       `json:"reason"`
	MessageID string       `json:"messageId"` // of the invitation
	// JoinRequest is set while the person waits for an admin's approval.
	JoinRequest *JoinRequest `json:"joinRequest,omitempty"`
	UpdatedAt   time.Time    `json:"updatedAt"`
	// Role is "staff" for a person whom the configuration puts into each group of the pool.
	Role string `json:"role,omitempty"`
	// Admin says that the person was last read as an admin of the group.
	Admin bool `json:"admin,omitempty"`
	// AskedBy and AskedAt say which file or person added the member to the request, and when, if that was after the
	// group was accepted.
	AskedBy string     `json:"askedBy,omitempty"`
	AskedAt *time.Time `json:"askedAt,omitempty"`
}

// JoinRequest is a person's request to join a group that needs approval.
type JoinRequest struct {
	At time.Time `json:"at"`
	// Method is "invite_link" for a person who followed the link, "non_admin_add" for one whom a member
	// without admin rights proposed, and "" if the provider does not say.
	Method string `json:"method"`
	// Answer is "approve" or "reject" once a person has decided, until it is carried out.
	Answer string `json:"answer,omitempty"`
	Reason string `json:"reason,omitempty"` // why the latest answer was not carried out
}

// Asker is a person who asks to join a Group although the request does not name them.
type Asker struct {
	Phone string `json:"phone"` // E.164; empty if only the LID is known
	LID   string `json:"lid,omitempty"`
	JoinRequest
}

// GivenConsent is the people's permission as the request states it.
type GivenConsent struct {
	Source string    `json:"source"`
	At     time.Time `json:"at,omitzero"`
}

// Attempt is one create call of a Group.
type Attempt struct {
	N         int        `json:"n"` // from 1
	Instance  string     `json:"instance"`
	StartedAt time.Time  `json:"startedAt"`
	EndedAt   *time.Time `json:"endedAt"`
	// Outcome is "created", "refused", "limited", "notSent" or "unknown"; "" while the call is under way.
	Outcome    string `json:"outcome"`
	HTTPStatus int    `json:"httpStatus"` // 0 without an answer
	Error      string `json:"error"`
}

// GroupError is why a group failed or needs a decision.
type GroupError struct {
	// Code is "refused", "noMembers", "expired", "gaveUp", "ambiguous", "unverifiable", "duplicate",
	// "poison" or "unreadable".
	Code    string    `json:"code"`
	At      time.Time `json:"at,omitzero"` // since when it holds
	Message string    `json:"message"`
	Remedy  string    `json:"remedy"` // what to do about it
	// Candidates are the groups at WhatsApp between which a person must decide.
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Candidate is a WhatsApp group that may be the result of a create without an answer.
type Candidate struct {
	GroupID   string    `json:"groupId"`
	Instance  string    `json:"instance"` // the instance that made it, or whose lists hold it
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"createdAt,omitzero"`
	People    int       `json:"people"`
}

// Batch is one batch: its groups and people by state, and when it is expected to end.
type Batch struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"` // "running" or "done"
	// Worst is the worst state within the batch: a Status, "partly", or "running".
	Worst        string               `json:"worst"`
	Total        int                  `json:"total"` // groups
	Counts       map[Status]int       `json:"counts"`
	MemberCounts map[MemberStatus]int `json:"memberCounts"`
	Funnel       Funnel               `json:"funnel"`
	InvalidRows  int                  `json:"invalidRows"`
	EtaAt        *time.Time           `json:"etaAt"` // nil: no estimate yet
	CreatedAt    time.Time            `json:"createdAt"`
	FinishedAt   *time.Time           `json:"finishedAt"`
}

// Funnel counts the people of a Batch by stage. Each person asked for is added or, if that is not possible,
// invited; an invited person may have joined. A person who left counts only as asked for.
type Funnel struct {
	Asked   int `json:"asked"`
	Added   int `json:"added"`
	Invited int `json:"invited"`
	Joined  int `json:"joined"`
}

// Status is where a group stands.
type Status string

// The states of a group.
const (
	StatusQueued    Status = "queued"
	StatusCreating  Status = "creating"
	StatusVerifying Status = "verifying"
	StatusInviting  Status = "inviting"
	StatusDone      Status = "done"
	StatusFailed    Status = "failed"
	StatusReview    Status = "review" // a person must decide
	StatusCancelled Status = "cancelled"
	// StatusUnreadable is the status of a group whose record cannot be read. No count includes it.
	StatusUnreadable Status = "unreadable"
)

// Ended reports whether the group stays as it is unless a person acts.
func (s Status) Ended() bool { return group.Status(s).Ended() }

// MemberStatus is the state of one person.
type MemberStatus string

// The states of a member.
const (
	MemberPending       MemberStatus = "pending"
	MemberAdded         MemberStatus = "added"
	MemberInviteQueued  MemberStatus = "inviteQueued"
	MemberInvited       MemberStatus = "invited"
	MemberJoined        MemberStatus = "joined"
	MemberNotAdded      MemberStatus = "notAdded"
	MemberNotOnWhatsApp MemberStatus = "notOnWhatsApp"
	MemberInvalid       MemberStatus = "invalid"
	MemberOptedOut      MemberStatus = "optedOut"
	MemberLeft          MemberStatus = "left"
	MemberInviteFailed  MemberStatus = "inviteFailed"
	MemberInviteUnknown MemberStatus = "inviteUnknown"
	MemberUnidentified  MemberStatus = "unidentified"
	MemberRequested     MemberStatus = "requested"
)

// Ended reports whether the worker has no more work for the person.
func (s MemberStatus) Ended() bool { return group.MemberStatus(s).Ended() }

var (
	// ErrNotFound says that no group or batch has this id or name, or that it has been deleted.
	ErrNotFound = store.ErrNotFound
	// ErrState says that the state of a group does not allow the action; nothing was changed.
	ErrState = group.ErrState
)
