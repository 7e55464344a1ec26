package store

// Family is a family of keys, for the table of damages.
type Family struct {
	Kind   Kind
	Keys   string
	Is     string
	Single bool // its things are fields or entries
	Read   bool // its values have a form
	Needed bool
}

// Families are all there are.
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

// FamilyOf is the family of a key, and the name of a thing in it.
func FamilyOf(key, field string) (f Family, id string, ok bool) {
	found := familyOf(key)
	if found == nil {
		return f, "", false
	}
	return found.exported(), found.idOf(key, field), true
}

// EntriesWaiting counts the index entries that wait for the call under way.
func (ix *Index) EntriesWaiting() int {
	ix.followers.mu.Lock()
	defer ix.followers.mu.Unlock()
	return len(ix.followers.waiting)
}

// SwapScript is swap.lua.
var SwapScript = swapScript
