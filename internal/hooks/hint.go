package hooks

import (
	"encoding/json"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// kind is what a hint is about.
type kind int

const (
	people     kind = iota + 1 // somebody came into a group, or asks to
	departed                   // somebody left a group
	asked                      // a person asks to join a group, or is proposed
	withdrew                   // such a request ended without an approval
	sent                       // a message surely left
	notArrived                 // a message did not arrive, or perhaps not
	state                      // the instance's state changed
	restricted                 // WhatsApp restricts the number
	quota                      // the provider's plan is used up
)

// hint is one thing that a webhook says.
type hint struct {
	kind     kind
	at       time.Time        // when it happened; zero when not told
	groupID  string           // people, departed, asked, withdrew: as the provider writes it
	who      phone.Identity   // departed
	said     group.Departure  // departed
	told     []phone.Identity // asked, withdrew
	method   group.JoinMethod // asked
	messages []string         // sent, notArrived: any of them may be the one that we know
	// fate is what notArrived makes of the invitation.
	fate group.MemberStatus
	text string // the provider's own words
}

// note is what a webhook says.
type note struct {
	instanceID string
	// event is the provider's word for the webhook: at Z-API the kind of its address (received,
	// delivery, …), at GREEN-API typeWebhook. "" is a body without one.
	event string
	hints []hint
	// own says that it concerns a group or a message of rollcall's.
	own bool
}

// texts is a list of words that may come as anything else.
type texts []string

// UnmarshalJSON never fails: a list of another shape says nothing.
func (t *texts) UnmarshalJSON(data []byte) error {
	var list []wire.Text
	*t = nil
	if json.Unmarshal(data, &list) != nil {
		return nil //nolint:nilerr // a list of another shape says nothing
	}
	for _, s := range list {
		if s != "" {
			*t = append(*t, string(s))
		}
	}
	return nil
}

// known drops what is empty.
func known(ids ...wire.Text) []string {
	var all []string
	for _, id := range ids {
		if id != "" {
			all = append(all, string(id))
		}
	}
	return all
}
