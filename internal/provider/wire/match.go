package wire

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
)

var errNoList = errors.New("no list in the answer")

// Enlist puts a participant on a roll, by an address and, where it is told, the LID. Somebody whom
// neither names makes the roll incomplete.
func Enlist(roll *provider.Roll, address, lid Text, admin bool) {
	who := phone.IdentityOf(string(address))
	if lid := phone.IdentityOf(string(lid)).LID; lid != "" {
		who.LID = lid
	}
	if who.Zero() {
		roll.Complete = false
		return
	}
	roll.Participants = append(roll.Participants, provider.Participant{Identity: who, Admin: admin})
}

// SamePerson says that two addresses share a key: the folded number or the LID.
func SamePerson(a, b phone.Identity) bool {
	keys := b.Keys()
	return slices.ContainsFunc(a.Keys(), func(k string) bool { return slices.Contains(keys, k) })
}

// SameText compares texts of which one went through a provider: white space may differ.
func SameText(a, b string) bool {
	return slices.Equal(strings.Fields(a), strings.Fields(b))
}

// BornAt reads the creation out of a group id of the form used before 2021-11-04, which is the
// creator's number, a dash and Unix seconds (facts/providers.md A2). Zero for ids of the later form.
func BornAt(groupID string) time.Time {
	id, _, _ := strings.Cut(groupID, "@")
	creator, seconds, found := strings.Cut(strings.TrimSuffix(id, "-group"), "-")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if !found || err != nil || phone.IdentityOf(creator).Zero() || n < 1_200_000_000 || n > 1_700_000_000 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// Earlier is the earlier of two moments that were told.
func Earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// skew is how far a provider's clock may be from ours (facts/providers.md C2).
const skew = time.Minute

// Older says that something was surely before since. A moment that was not told never is.
func Older(m Moment, since time.Time) bool {
	return !m.IsZero() && m.Before(since.Add(-skew))
}
