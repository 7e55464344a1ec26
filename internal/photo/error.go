// Package photo fetches the pictures of groups by their addresses.
package photo

import "github.com/rollcallhq/rollcall/internal/say"

// Error says why an address gives no picture.
type Error struct {
	Why say.Phrase
	// Passing says that a later try may succeed: the network, a server that is down.
	Passing bool
}

func (e *Error) Error() string { return e.Why.String() }
