package config

// Use says how much a program needs a part of the configuration.
type Use int

// The uses.
const (
	// Demanded: the part must be there and complete.
	Demanded Use = iota
	// Optional: a secret of the part is used if it can be read, and is otherwise not given.
	Optional
	// Unused: the part's secrets are not read, and a variable that is not set is not a fault in it.
	Unused
)

// Uses says what a program needs of a configuration that others share. The zero value demands all of it.
type Uses struct {
	Calls    Use // what calls to the providers need
	Hooks    Use // what the providers' webhooks need
	Webhooks Use // what deliveries to webhooks need
	API      Use // what lets clients into the API and the page
}

// Neither returns the Uses of a program that talks only to Redis.
func Neither() Uses { return Uses{Calls: Unused, Hooks: Unused, Webhooks: Unused, API: Unused} }

// part is the part of the configuration that a key belongs to. Every program needs the keys of the zero value.
type part int

const (
	common part = iota
	calls
	doors
	deliveries
	clients
)

func (u Uses) of(p part) Use {
	switch p {
	case calls:
		return u.Calls
	case doors:
		return u.Hooks
	case deliveries:
		return u.Webhooks
	case clients:
		return u.API
	}
	return Demanded
}

// unused reports whether a variable that is not set is tolerated in the elements of a list of this part.
func (u Uses) unused(p part) bool {
	switch p {
	case calls:
		return u.Calls != Demanded
	case doors:
		return u.Hooks == Unused
	case deliveries:
		return u.Webhooks == Unused
	case clients:
		return u.API == Unused
	}
	return false
}
