package group

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/rollcallhq/rollcall/internal/phone"
)

// ClockSkew is how far the provider's clock may run behind ours when it dates a group.
const ClockSkew = time.Minute

// Sighted is what one reading showed of a group at WhatsApp. A field that it did not show is zero.
type Sighted struct {
	Name      string
	Owner     phone.Identity
	CreatedAt time.Time
	People    []phone.Identity
}

// Likeness is how much a group at WhatsApp looks like the one that a lost create made.
type Likeness int

// The degrees of likeness.
const (
	Unlike  Likeness = iota
	Perhaps          // it may be the group, or another one: a person must decide
	Like             // it can be adopted
)

// Likeness judges a group by its name, owner, creation time and people; since is when the doubt began and self is the
// instance's own number. If the name matches, fields that the reading did not show do not matter. A provider or a
// member may have changed the name, so a group with another name is Like as well if our number owns it, it was created
// since then, and it holds requested people and no strangers. Its owner and creation time must then be known.
func (g *Group) Likeness(s Sighted, self phone.Identity, since time.Time) Likeness {
	owned := distinguishable(s.Owner, self)
	if owned && !phone.SamePerson(s.Owner, self) {
		return Unlike
	}
	if !s.CreatedAt.IsZero() && s.CreatedAt.Before(since.Add(-ClockSkew)) {
		return Unlike
	}
	ours, foreign := g.tell(s.People, self)
	switch {
	case SameName(s.Name, g.Name):
		if ours == 0 && foreign > 0 {
			return Unlike
		}
		return Like
	case !owned, s.CreatedAt.IsZero(), ours == 0 && foreign > 0:
		return Unlike
	case ours > 0 && foreign == 0:
		return Like
	}
	return Perhaps // the requested people and strangers, or only our own number
}

// tell counts the requested people in a list, and those who are certainly other people.
func (g *Group) tell(people []phone.Identity, self phone.Identity) (ours, foreign int) {
	asked := make(phone.Set, 2*len(g.Members))
	for i := range g.Members {
		m := &g.Members[i]
		asked.Add(m.Identity())
		asked.Add(m.Number.Identity())
	}
	for _, p := range people {
		switch {
		case phone.SamePerson(p, self):
		case asked.Has(p):
			ours++
		case p.Digits != "":
			foreign++
		}
	}
	return ours, foreign
}

// distinguishable reports whether two identities have a kind of address in common, so that they can be compared.
func distinguishable(a, b phone.Identity) bool {
	return a.Digits != "" && b.Digits != "" || a.LID != "" && b.LID != ""
}

// SameName reports whether two names differ at most in what a provider or a phone may change:
// composed letters, letter case, white space, invisible characters, emoji selectors.
func SameName(a, b string) bool { return FoldName(a) == FoldName(b) }

// FoldName returns the form of a name that SameName compares.
func FoldName(name string) string {
	visible := func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
			return -1 // joiners, direction marks, emoji variation selectors
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}
	name = strings.Map(visible, norm.NFKC.String(name))
	// ToLower, because Fold swaps the two cases of Cherokee. NFKC comes last, because folding splits letters.
	name = norm.NFKC.String(strings.ToLower(cases.Fold().String(name)))
	return strings.Join(strings.Fields(name), " ")
}

// SameWhatsApp reports whether two ids name one group at WhatsApp: providers write its id with different endings.
func SameWhatsApp(a, b string) bool { return FoldWhatsApp(a) == FoldWhatsApp(b) }

// FoldWhatsApp returns the form of an id that SameWhatsApp compares.
func FoldWhatsApp(id string) string {
	return strings.TrimSuffix(strings.TrimSuffix(id, "@g.us"), "-group")
}

// Owns reports whether a group at WhatsApp belongs to this request, or may come to belong to it: the request has it,
// made it in addition to another group, or is in a state in which its group can still change.
func (g *Group) Owns(groupID string) bool {
	others := append(g.StrayIDs(), g.WhatsAppID)
	return g.Status != Inviting && g.Status != Done || slices.ContainsFunc(others, func(id string) bool { return SameWhatsApp(id, groupID) })
}
