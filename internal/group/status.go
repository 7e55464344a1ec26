package group

import "slices"

// Status is where a group stands; documents use these words.
type Status string

// The states of a group.
const (
	Queued    Status = "queued"
	Creating  Status = "creating"
	Verifying Status = "verifying"
	Inviting  Status = "inviting"
	Done      Status = "done"
	Failed    Status = "failed"
	Review    Status = "review"
	Cancelled Status = "cancelled"
)

// Unreadable is the shown status of a group whose record cannot be read. It is never stored, and no
// group is counted under it: the index still holds the group's last status.
const Unreadable Status = "unreadable"

// Statuses are all states of a group, in the order in which a group passes them.
var Statuses = []Status{Queued, Creating, Verifying, Inviting, Review, Done, Failed, Cancelled}

// Ended reports whether the worker will do nothing more. A review has not ended: a person decides.
func (s Status) Ended() bool { return s == Done || s == Failed || s == Cancelled }

// Still reports whether only a person can move the group on, and no task does.
func (s Status) Still() bool { return s == Failed || s == Review || s == Cancelled }

// Valid reports whether s is one of Statuses.
func (s Status) Valid() bool {
	return slices.Contains(Statuses, s)
}

// MemberStatus is what became of one person; documents use these words.
type MemberStatus string

// The states of a member.
const (
	Pending       MemberStatus = "pending"
	Added         MemberStatus = "added"
	InviteQueued  MemberStatus = "inviteQueued"
	Invited       MemberStatus = "invited"
	Joined        MemberStatus = "joined"
	NotAdded      MemberStatus = "notAdded"
	NotOnWhatsApp MemberStatus = "notOnWhatsApp"
	Invalid       MemberStatus = "invalid"
	OptedOut      MemberStatus = "optedOut"
	Left          MemberStatus = "left"
	InviteFailed  MemberStatus = "inviteFailed"
	InviteUnknown MemberStatus = "inviteUnknown"
	Unidentified  MemberStatus = "unidentified"
	Requested     MemberStatus = "requested"
)

// MemberStatuses are all states of a member. The order is part of the stored form (store's codec
// writes a member's status as its index here): append only.
var MemberStatuses = []MemberStatus{
	Pending, Added, InviteQueued, Invited, Joined, NotAdded, NotOnWhatsApp, Invalid, OptedOut, Left,
	InviteFailed, InviteUnknown, Unidentified, Requested,
}

// Ended reports whether the worker will do nothing more for this person.
func (s MemberStatus) Ended() bool { return s != Pending && s != InviteQueued }

// Outcome is what became of one create call; documents use these words.
type Outcome string

// The outcomes of a create call. Open is an intent without an outcome: a worker is calling, or it died.
const (
	Open           Outcome = ""
	OutcomeCreated Outcome = "created"
	OutcomeRefused Outcome = "refused"
	OutcomeLimited Outcome = "limited"
	OutcomeNotSent Outcome = "notSent"
	OutcomeUnknown Outcome = "unknown"
)

// Code is why a group failed or needs a person; documents use these words.
type Code string

// The codes of a group's error.
const (
	CodeRefused      Code = "refused"
	CodeNoMembers    Code = "noMembers"
	CodeExpired      Code = "expired"
	CodeGaveUp       Code = "gaveUp"
	CodeAmbiguous    Code = "ambiguous"
	CodeUnverifiable Code = "unverifiable"
	CodeDuplicate    Code = "duplicate"
	CodePoison       Code = "poison"

	// CodeUnreadable is shown for a group whose record cannot be read. It is never stored.
	CodeUnreadable Code = "unreadable"
)
