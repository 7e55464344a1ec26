package wire

import (
	"errors"
	"slices"
	"strings"

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
