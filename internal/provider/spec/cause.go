package spec

import "github.com/rollcallhq/rollcall/internal/say"

// Scope says whom a cause concerns, and so who can mend it.
type Scope string

// The scopes.
const (
	OfInstance Scope = "instance" // one number, or its account: an admin must act at the provider
	OfRequest  Scope = "request"  // this group as it was asked for
	OfPerson   Scope = "person"   // one person of a group
	OfNetwork  Scope = "network"  // the way to the provider, or the provider itself
)

// Cause is what an error means and what a person does about it. One with the Key of a cause that
// internal/faults has already adds its Says, its Codes and its Status to that one, and leaves the rest out.
type Cause struct {
	Key    string
	Scope  Scope
	Title  say.Texts // in a few words
	Why    say.Texts // what it means
	Remedy say.Texts // what a person does about it

	Status int      // an HTTP status that is enough evidence
	Says   []string // words of a provider or the network that say it, in lower letters
	// Codes are our own sentences that say it.
	Codes []say.Code
	// Vague says that Says are words that others' may hold: they count when nothing else does.
	Vague bool
}
