package wire

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
)

var errNoList = errors.New("no list in the answer")

// SamePerson says that two addresses share a key: the folded number or the LID.
func SamePerson(a, b phone.Identity) bool {
	keys := b.Keys()
	return slices.ContainsFunc(a.Keys(), func(k string) bool { return slices.Contains(keys, k) })
}

// SameText compares texts of which one went through a provider: white space may differ.
func SameText(a, b string) bool {
	return slices.Equal(strings.Fields(a), strings.Fields(b))
}

// skew is how far a provider's clock may be from ours (facts/providers.md C2).
const skew = time.Minute

// Older says that something was surely before since. A moment that was not told never is.
func Older(m Moment, since time.Time) bool {
	return !m.IsZero() && m.Before(since.Add(-skew))
}
