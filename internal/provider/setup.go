package provider

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/tasks"
)

// Setter changes a group that exists. Every method but Post sets a value, so repeating it does no harm;
// Roll.Profile has the values that the provider returns. A change that Traits.Setup does not name is Refused
// with ScopeRequest, and nothing is sent.
type Setter interface {
	// SetPhoto gives the group a picture, a square JPEG.
	SetPhoto(ctx context.Context, groupID string, jpeg []byte) error
	SetDescription(ctx context.Context, groupID, text string) error
	// SetSettings changes the settings that are not nil. If the provider takes all settings in one call, SetSettings
	// reads the others first. It sets to false those that a reading does not show.
	SetSettings(ctx context.Context, groupID string, s tasks.Settings) error
	// Promote makes members admins. After an error some of them may be admins.
	Promote(ctx context.Context, groupID string, addresses []string) error
	// ApproveJoins lets in people who have asked to join.
	ApproveJoins(ctx context.Context, groupID string, addresses []string) error
	// RejectJoins ends the requests of people who have asked to join.
	RejectJoins(ctx context.Context, groupID string, addresses []string) error
	// Post sends one message to the group, once, as Invite does to a person.
	Post(ctx context.Context, p Post) (Sent, error)
	// FindPost looks for a message to a group whose answer was lost, as FindInvite does. The invite link in the message
	// does not matter.
	FindPost(ctx context.Context, p Post, since time.Time) (sent Sent, found bool, err error)
}

// JoinReader is a Provider that tells who asks to join a group.
type JoinReader interface {
	// JoinRequests reads the requests to join that are open.
	JoinRequests(ctx context.Context, groupID string) ([]JoinRequest, error)
}

// JoinRequest is one open request to join a group.
type JoinRequest struct {
	phone.Identity
	At time.Time // zero if the provider does not return it
}

// Post is one message to a group.
type Post struct {
	GroupID string
	Text    string
}

// SetupTraits are what a provider can do to a group that exists. Every provider can send a message to it.
type SetupTraits struct {
	Photo, Description, Admins bool
	// Settings has those of tasks.SettingNames that can be changed.
	Settings []string
	// SettingsLag is how long a change of the settings may take to show in a reading, as the provider documents.
	SettingsLag time.Duration
	// Approve says that ApproveJoins and RejectJoins are possible.
	Approve bool
}

// Profile is what a reading shows of a group besides its members. A field that it does not show is nil.
type Profile struct {
	Description *string
	HasPhoto    *bool
	Settings    tasks.Settings
}
