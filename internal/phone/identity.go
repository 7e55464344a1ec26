package phone

import "strings"

// Identity is what is known of one person's addresses. Two identities are the same person when
// they share the folded number or the LID. All fields may be empty.
type Identity struct {
	// Digits is the number as the source wrote it, digits only, no plus.
	Digits string
	// LID is WhatsApp's opaque per-account id, "123456789012345@lid". A number can be turned
	// into a LID by a number check; the other way is impossible.
	LID string
}

// IdentityOf reads any address a provider writes: "5511…", "+55 11…", "79…@c.us", "79…@s.whatsapp.net"
// or "123…@lid". Anything else gives the zero Identity.
func IdentityOf(address string) Identity {
	address = strings.TrimSpace(address)
	if user, ok := strings.CutSuffix(address, "@lid"); ok {
		if user = onlyDigits(user); user == "" {
			return Identity{}
		}
		return Identity{LID: user + "@lid"}
	}
	user, server, found := strings.Cut(address, "@")
	if found && server != "c.us" && server != "s.whatsapp.net" {
		return Identity{}
	}
	return Identity{Digits: onlyDigits(user)}
}

// Keys are the strings by which this person can be recognised: the folded number and the LID.
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

// Zero says that nothing is known.
func (i Identity) Zero() bool { return i == Identity{} }

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
