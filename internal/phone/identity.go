package phone

import "strings"

// Identity is what is known of one person's addresses. Two identities are the same person when
// they share the folded number or the LID. All fields may be empty.
type Identity struct {
	// Digits is the number as the source wrote it, digits only, no plus.
	Digits string
	// LID is WhatsApp's opaque id of an account, "123456789012345@lid". A number check gives the LID of a number. No
	// call gives the number of a LID.
	LID string
}

// IdentityOf returns the identity in any address that a provider writes: "5511…", "+55 11…", "79…@c.us",
// "79…:4@s.whatsapp.net" (one of the person's devices) or "123…@lid". For anything else, such as a group's id, it
// returns the zero Identity.
func IdentityOf(address string) Identity {
	address = strings.TrimSpace(address)
	user, server, found := strings.Cut(address, "@")
	if !found {
		s, reason := take(address)
		if reason != "" || len(s.digits) > maxDigits {
			return Identity{}
		}
		return Identity{Digits: s.digits}
	}
	user, _, _ = strings.Cut(user, ":")
	if user == "" || strings.Trim(user, "0123456789") != "" {
		return Identity{}
	}
	switch strings.ToLower(server) {
	case "lid":
		return Identity{LID: user + "@lid"}
	case "c.us", "s.whatsapp.net":
		return Identity{Digits: user}
	}
	return Identity{}
}

// maxDigits is E.164's limit. More digits are a LID or a group.
const maxDigits = 15

// Keys returns the strings that identify this person: the folded number and the LID, if known.
func (i Identity) Keys() []string {
	keys := make([]string, 0, 2)
	if i.Digits != "" {
		keys = append(keys, Fold(i.Digits))
	}
	if i.LID != "" {
		keys = append(keys, i.LID)
	}
	return keys
}

// Zero reports whether no address is known.
func (i Identity) Zero() bool { return i == Identity{} }

// SamePerson reports whether two identities share the folded number or the LID. A number and a LID
// cannot be compared, so they count as different people.
func SamePerson(a, b Identity) bool {
	sameNumber := a.Digits != "" && b.Digits != "" && Fold(a.Digits) == Fold(b.Digits)
	sameLID := a.LID != "" && a.LID == b.LID
	return sameNumber || sameLID
}

// Set holds people. The zero Set is not usable: write make(phone.Set).
type Set map[string]struct{}

// SetOf returns a set of these people.
func SetOf(people ...Identity) Set {
	s := make(Set, len(people))
	for _, p := range people {
		s.Add(p)
	}
	return s
}

// Add adds a person and reports whether they were new. The zero Identity is never in a set.
func (s Set) Add(i Identity) bool {
	keys := i.Keys()
	added := len(keys) > 0
	for _, k := range keys {
		if _, known := s[k]; known {
			added = false
		}
		s[k] = struct{}{}
	}
	return added
}

// Has reports whether this person is in the set under any of their keys.
func (s Set) Has(i Identity) bool {
	for _, k := range i.Keys() {
		if _, ok := s[k]; ok {
			return true
		}
	}
	return false
}
