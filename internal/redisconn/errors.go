package redisconn

import "errors"

// Sentinels for errors.Is. Every error of Open is one of them.
var (
	// ErrUnreachable means that Redis cannot be used now (no server there, wrong password, …). Exit code 5.
	ErrUnreachable = errors.New("redis is not reachable")
	// ErrNoServer means that an address embedded:DIR needs a redis-server on PATH, and there is none. It is
	// ErrUnreachable too.
	ErrNoServer = errors.New("no redis-server program found")
	// ErrBadURL means that the address itself is wrong. Exit code 2.
	ErrBadURL = errors.New("the Redis address is wrong")
)

// Error is what went wrong with Redis, in words for a person.
type Error struct {
	Fault Fault
	// Where is the address without a password, or "" if it is not known.
	Where string
	// What is one sentence without a full stop. Remedy says what to do, or is "".
	What   string
	Remedy string
	// Err is the cause, nil for a wrong address.
	Err error
}

func (e *Error) Error() string {
	s := e.What
	if e.Where != "" {
		s = "Redis at " + e.Where + ": " + s
	}
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Is lets errors.Is find the sentinels.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrBadURL:
		return e.Fault == BadURL
	case ErrNoServer:
		return e.Fault == NoServer
	case ErrUnreachable:
		return e.Fault != BadURL
	}
	return false
}

func badURL(what string) error {
	return &Error{Fault: BadURL, What: "the Redis address is wrong: " + what, Remedy: "write one of " + Forms}
}
