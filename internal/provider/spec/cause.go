package spec

import "github.com/rollcallhq/rollcall/internal/say"

// Scope says whom a cause concerns, and so who can fix it.
type Scope string

// The scopes.
const (
	OfInstance Scope = "instance" // one number, or its account: an admin must act at the provider
	OfRequest  Scope = "request"  // this group as it was asked for
	OfPerson   Scope = "person"   // one person of a group
	OfNetwork  Scope = "network"  // the way to the provider, or the provider itself
)

// Cause is what an error means and what a person does about it. If internal/faults has a cause of the same Key, a
// provider's Cause adds its Says, Codes and Status to it, and needs no other field.
type Cause struct {
	Key    string
	Scope  Scope
	Title  say.Texts // in a few words
	Why    say.Texts // what it means
	Remedy say.Texts // what a person does about it

	Status int      // an HTTP status that is enough evidence
	Says   []string // words of a provider or the network that say it, in lower case
	// Codes are our own sentences that say it.
	Codes []say.Code
	// Vague says that the texts of other causes may hold Says too, so this cause is matched last.
	Vague bool
}
