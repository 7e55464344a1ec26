package store

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
)

// Forget is ForgetExpired for a group of any age.
func (rs *Records) Forget(ctx context.Context, id string) error {
	_, err := rs.forgetIf(ctx, id, func(*group.Group, time.Time) bool { return true })
	return err
}

// Family is a family of keys, for the tests that damage one key of each.
type Family struct {
	Kind   Kind
	Keys   string // pattern
	Is     string // type in Redis
	Single bool   // its things are fields or entries
	Read   bool   // its values have a form
	Needed bool   // it cannot be removed
}

// Families returns all families.
func Families() []Family {
	all := make([]Family, len(families))
	for i := range families {
		all[i] = families[i].exported()
	}
	return all
}

func (f *family) exported() Family {
	return Family{f.kind, f.keys, f.is, f.single(), f.read != nil, f.needed}
}

// FamilyOf returns the family of a key, and the id of the thing at key and field.
func FamilyOf(key, field string) (f Family, id string, ok bool) {
	found := familyOf(key)
	if found == nil {
		return f, "", false
	}
	return found.exported(), found.idOf(key, field), true
}

// EntriesWaiting counts the index entries that wait while a call writes others.
func (ix *Index) EntriesWaiting() int {
	ix.followers.mu.Lock()
	defer ix.followers.mu.Unlock()
	return len(ix.followers.waiting)
}

// SwapScript is swap.lua.
var SwapScript = swapScript
