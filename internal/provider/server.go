package provider

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// Server describes the server at an instance's address, for a provider whose server the user runs.
type Server struct {
	Name    string // as people write it
	Version string
	// Tested is the oldest version with which the provider's calls were tried, or "" if there is none.
	Tested string
	// Notes are sentences about this server that an admin should know.
	Notes []string
}

// ServerTeller is a provider whose server the user runs and can identify.
type ServerTeller interface {
	// Server reads the name and version of the server at the address.
	Server(ctx context.Context) (Server, error)
}

// Warnings returns what an admin should know of the server: that its version is old, and its notes.
func (s Server) Warnings() []string {
	var all []string
	if s.Tested != "" && older(s.Version, s.Tested) {
		all = append(all, fmt.Sprintf("%s %s is older than %s, which rollcall was tested with: update the server.", s.Name, s.Version, s.Tested))
	}
	return append(all, s.Notes...)
}

// older reports whether version is older than the other one, number by number. A version with a part that is not a
// number is not older.
func older(version, than string) bool {
	a, b := strings.Split(strings.TrimPrefix(version, "v"), "."), strings.Split(than, ".")
	for i := range b {
		if i >= len(a) {
			return true
		}
		x, errX := strconv.Atoi(a[i])
		y, errY := strconv.Atoi(b[i])
		if errX != nil || errY != nil || x > y {
			return false
		}
		if x < y {
			return true
		}
	}
	return false
}
