package enqueue

import (
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
)

// The documents are those of the HTTP API and of every command's JSON, field by field.
type (
	// Group is one group: the request, how far it is, its Members, and what it waits for.
	Group = group.Document
	// Member is one requested person of a Group. Phone is in clear.
	Member = group.MemberDocument
	// Attempt is one create call of a Group.
	Attempt = group.AttemptDocument
	// GroupError is why a group failed or needs a person: Code, Message and Remedy.
	GroupError = group.Error
	// Batch is one batch: how many of its groups and people are in which state, and when it will be
	// over.
	Batch = group.BatchDocument
	// Status is where a group stands. Its Ended says that nothing more will happen by itself.
	Status = group.Status
	// MemberStatus is what became of one person.
	MemberStatus = group.MemberStatus
)

// The states of a group.
const (
	StatusQueued    = group.Queued
	StatusCreating  = group.Creating
	StatusVerifying = group.Verifying
	StatusInviting  = group.Inviting
	StatusDone      = group.Done
	StatusFailed    = group.Failed
	StatusReview    = group.Review // a person must decide
	StatusCancelled = group.Cancelled
)

// The states of a member.
const (
	MemberPending       = group.Pending
	MemberAdded         = group.Added
	MemberInviteQueued  = group.InviteQueued
	MemberInvited       = group.Invited
	MemberJoined        = group.Joined
	MemberNotAdded      = group.NotAdded
	MemberNotOnWhatsApp = group.NotOnWhatsApp
	MemberInvalid       = group.Invalid
	MemberOptedOut      = group.OptedOut
	MemberLeft          = group.Left
	MemberInviteFailed  = group.InviteFailed
	MemberInviteUnknown = group.InviteUnknown
	MemberUnidentified  = group.Unidentified
	MemberRequested     = group.Requested
)

var (
	// ErrNotFound says that there is no group or batch of that id or name, or no longer.
	ErrNotFound = ledger.ErrNotFound
	// ErrState says that the state of a group does not allow what was asked; nothing was changed.
	ErrState = group.ErrState
)
