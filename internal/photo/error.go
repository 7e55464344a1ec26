// Package photo fetches pictures for groups.
package photo

import "github.com/rollcallhq/rollcall/internal/say"

// Error says why an address has no usable picture.
type Error struct {
	Why say.Phrase
	// Passing says that a retry may succeed: a network error, a server that is down.
	Passing bool
}

func (e *Error) Error() string { return e.Why.String() }
