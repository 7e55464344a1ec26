package spec

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// Callback describes a provider's webhooks, and what `rollcall-producer hooks` needs to set them.
type Callback struct {
	// Decode reads a webhook's body. Required.
	Decode func(body []byte) (Note, error)
	// Headers names the headers of a webhook that are forwarded to other receivers, besides Content-Type and
	// User-Agent.
	Headers []string
	// TokenField is the provider's word for the token that it sends as "Authorization: Bearer". "" means
	// that it sends none.
	TokenField string
	// Signed reports whether a webhook was signed with the instance's hook secret. Nil for a provider that does not
	// sign.
	Signed func(header http.Header, body []byte, secret string) bool
	// OneAddress says that all webhooks go to one address. Otherwise each event has its own.
	OneAddress bool
	// HTTPSOnly says that the address must be https://.
	HTTPSOnly bool
	// Restarts says that setting an address restarts the instance, which takes minutes.
	Restarts bool
	// Events describes, for docs/configuration.md, the names of webhooks that the patterns of forward: match.
	Events string
	// Entering says what to enter at the provider. It ends a sentence of `rollcall-producer hooks --help`.
	Entering string
}

// Note is what a webhook says.
type Note struct {
	InstanceID string
	// Event is the provider's word for the webhook; see Callback.Events. "" for a body without one.
	Event string
	Hints []Hint
}

// Hint is one thing that a webhook says.
type Hint struct {
	Kind     HintKind
	At       time.Time        // when it happened; zero when not told
	GroupID  string           // People, Departed, Asked, Withdrew: as the provider writes it
	Who      phone.Identity   // Departed
	Removed  bool             // Departed: by an admin, not by their own will
	Told     []phone.Identity // Asked, Withdrew
	Method   string           // Asked: how the request came about, in WhatsApp's words; "" when not told
	Messages []string         // Sent, NotArrived: any of them may be the one that we know
	Fate     Fate             // NotArrived
	Text     string           // the provider's own words
}

// HintKind is what a hint is about.
type HintKind int

// The kinds of hints.
const (
	People     HintKind = iota + 1 // a person joined a group, or asks to
	Departed                       // a person left a group
	Asked                          // a person asks to join a group, or is proposed
	Withdrew                       // such a request ended without an approval
	Sent                           // a message surely left
	NotArrived                     // a message did not arrive, or may not have
	State                          // the instance's state changed
	Restricted                     // WhatsApp restricts the number
	Quota                          // the provider's plan is used up
)

// Fate is what became of a message that did not arrive.
type Fate int

// The fates.
const (
	FateUnknown   Fate = iota + 1 // it may have arrived
	FateFailed                    // it surely was not sent
	FateNoAccount                 // the person has no WhatsApp
)

// Texts is a list of strings. It is empty for JSON of any other shape.
type Texts []string

// UnmarshalJSON never fails.
func (t *Texts) UnmarshalJSON(data []byte) error {
	var list []wire.Text
	*t = nil
	if json.Unmarshal(data, &list) != nil {
		return nil //nolint:nilerr // a list of another shape says nothing
	}
	*t = Known(list...)
	return nil
}

// Known returns the ids that are not empty.
func Known(ids ...wire.Text) []string {
	var all []string
	for _, id := range ids {
		if id != "" {
			all = append(all, string(id))
		}
	}
	return all
}
