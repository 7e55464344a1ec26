// Package provider is the contract that every WhatsApp provider fulfils: what can be asked of a
// connected number, and what an answer may mean. Each provider has a folder below, and package all
// lists them; spec describes a provider, layers wraps its client, and providertest holds the suite
// that it must pass.
package provider

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Provider is one instance (one connected WhatsApp number) at one provider.
//
// Every method returns a value, or an error in which errors.As finds an *Error. The promises:
//
//   - A method that changes something (CreateGroup, AddMember, Invite) is sent at most once per call: no
//     implementation and no layer repeats it. If a byte of the request may have reached the
//     provider and the answer does not prove the opposite, the error's class is Unknown.
//   - Methods that read may be repeated freely.
//   - No error, in any of its fields, holds a token, and Error.Text holds no phone number.
//   - Group ids and links are passed verbatim; no code converts "…-group" to "…@g.us".
//   - The context bounds the call. Implementations add no deadline of their own: layers does, for
//     each request. A method that reads may need several (pages, numbers).
//   - CreateGroup, AddMember and Invite fill the context's Trace.
type Provider interface {
	// CreateGroup asks for one group, once. The provider must not invite anyone: the worker sends the invites.
	CreateGroup(ctx context.Context, r CreateRequest) (Created, error)

	// AddMember asks once to add one person to a group that exists. The provider must not invite the person. A refusal
	// is Refused with ScopePerson. It is only a hint, because the person may be a member already: a reading of the
	// members decides.
	AddMember(ctx context.Context, groupID, address string) error

	// Members reads who is in the group. Complete is false when the provider's own evidence
	// says that the list is partial.
	Members(ctx context.Context, groupID string) (Roll, error)

	// ListGroups reads all the provider's lists of the instance's groups, the latest first if the provider orders them
	// so. An error means that not all lists could be read: then absence proves nothing.
	ListGroups(ctx context.Context) ([]Listed, error)

	// InviteLink reads the group's invite link. It is "" without an error when the instance is
	// not an admin of the group.
	InviteLink(ctx context.Context, groupID string) (string, error)

	// Invite sends one private invitation, once.
	Invite(ctx context.Context, i Invitation) (Sent, error)

	// FindInvite looks for an invitation whose answer was lost: in the provider's send queue, then in its journal of
	// sent messages, if it has one. found=false does not prove that the invitation was never sent, except as
	// Traits.Journal says.
	FindInvite(ctx context.Context, i Invitation, since time.Time) (sent Sent, found bool, err error)

	// CheckPhones asks which of the addresses have a WhatsApp account. The map has no entry for an address about which
	// the provider says nothing. Because a check may cost quota, the map has the answers that came before an error.
	CheckPhones(ctx context.Context, addresses []string) (map[string]Checked, error)

	// State reads whether the instance can work now.
	State(ctx context.Context) (State, error)

	// Self reads the instance's own number in digits. That number must never be in a create's list.
	Self(ctx context.Context) (phone.Identity, error)

	// Traits returns what holds for every instance of the provider, without a call.
	Traits() Traits

	Setter
}

// Traits are the fixed properties of a provider.
type Traits struct {
	Name string // in the configuration
	// ListLag is how long a new group may be missing from the lists, as documented. Only after that time does absence
	// prove something.
	ListLag time.Duration
	// CreateEvery is the shortest time between two groups that the provider allows, as documented. 0
	// means that it documents none.
	CreateEvery time.Duration
	// ReadsPerSecond is the provider's documented rate of readings of one instance. 0 means none.
	ReadsPerSecond float64
	// CheckFirst says that a number without WhatsApp breaks the whole create, so the numbers
	// must be checked before.
	CheckFirst bool
	// CheckShowsUnpaid says that State may call an unpaid instance ready, while CheckPhones fails for it. A check costs
	// nothing at such a provider.
	CheckShowsUnpaid bool
	// LinkInRoll says that InviteLink makes the same call as Members, so a reading of the members has the link too.
	LinkInRoll bool
	// LinkApart says that only InviteLink returns the link, and neither CreateGroup nor Members.
	LinkApart bool
	// AddLater says that AddMember is possible: people can be added to a group that exists.
	AddLater bool
	// NativeInvite says that invite_via: native is possible.
	NativeInvite bool
	// Journal is how long FindInvite finds an invitation that has left the queue. If it finds none in that time, none
	// was sent. 0 means that an invitation that is not found may have been sent.
	Journal time.Duration
	// Setup is what can be done to a group that exists.
	Setup SetupTraits
}

// CreateRequest is one group to be created. An address is digits ("5511900000001"), or a LID ("123456789012345@lid") if
// nothing else is known of the person.
type CreateRequest struct {
	Name      string
	Addresses []string
}

// Created is a group that surely exists.
type Created struct {
	GroupID    string // as the provider writes it
	InviteLink string // may be ""
	// NotAdded are the addresses that the provider says it left out. It is a hint; nil means that
	// the provider does not say.
	NotAdded []string
}

// Participant is a person in a group's list.
type Participant struct {
	phone.Identity
	Admin bool
}

// Roll is one reading of a group.
type Roll struct {
	GroupID      string
	Subject      string
	Owner        phone.Identity
	CreatedAt    time.Time // zero when the provider did not say
	InviteLink   string    // "" when not told or not an admin
	Participants []Participant
	Complete     bool
	Profile      Profile
}

// Listed is an entry of a provider's lists. Name may be "": providers lose names.
type Listed struct {
	GroupID string
	Name    string
	// ExistedAt is a moment at which the group existed already: the time of its last message, or its creation, which
	// ids of the old form show. Zero if the list shows neither.
	ExistedAt time.Time
}

// Via says how a person is invited.
type Via string

// The two ways of inviting; the words of invite_via.
const (
	ViaText   Via = "text"   // a private message that carries the link
	ViaNative Via = "native" // the provider adds or invites one person itself
)

// Invitation is one private invitation to one person.
type Invitation struct {
	Via     Via
	Address string // digits or LID
	GroupID string
	Text    string // the whole message; unused by ViaNative
	// AnyLink makes FindInvite take a message with another invite link too: the link may have been reset since.
	AnyLink bool
}

// Sent is an invitation that the provider accepted. It may still be in the provider's queue.
type Sent struct {
	MessageID string // "" for ViaNative
}

// Checked is the network's answer about one address.
type Checked struct {
	Exists   bool
	Identity phone.Identity // WhatsApp's own form and the LID, where told
	At       time.Time      `json:"At,omitzero"` // when the network was asked; set by the cache
}

// Health is the state of an instance, as its document names it.
type Health string

// The states an instance can be in. Paused is set by people only, never by a provider.
const (
	Ready        Health = "ready"
	Paused       Health = "paused"
	Disconnected Health = "disconnected"
	Restricted   Health = "restricted"
	Unauthorized Health = "unauthorized"
	Starting     Health = "starting"
	UnknownState Health = "unknown"
)

// State is one reading of an instance.
type State struct {
	Health Health
	Reason say.Phrase // for an admin, with the remedy
	Until  time.Time  // when a restriction ends; zero when not told
}
