package group_test

import (
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
)

func TestSameName_IgnoresCaseSpacesAndUnicodeForms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"São João", "Sa\u0303o Joa\u0303o", true},
		{"Turma 12", " turma\u00a0 12\n", true},
		{"❤️ Amigos", "❤ Amigos", true},
		{"👩\u200d👧 Mães", "👩👧 mães", true},
		{"STRASSE", "straße", true},
		{"ΟΔΟΣ", "οδος", true},
		{"Turma 12", "Turma 13", false},
		{"Turma 1 2", "Turma 12", false},
		{"São", "Sao", false},
		{"👩", "👧", false},
	} {
		if got := group.SameName(tt.a, tt.b); got != tt.same {
			t.Errorf("SameName(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.same)
		}
	}
}

func TestFoldName_IsTheSameForEveryCaseOfALetter(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.SimpleFold(r) == r {
			continue // has no cases
		}
		folded := group.FoldName(string(r))
		if got := group.FoldName(folded); got != folded {
			t.Errorf("%q folds to %q, which folds to %q", r, folded, got)
		}
		for form := unicode.SimpleFold(r); form != r; form = unicode.SimpleFold(form) {
			if got := group.FoldName(string(form)); got != folded {
				t.Errorf("%q folds to %q, but its other case %q folds to %q", r, folded, form, got)
			}
		}
	}
}

func TestFoldName_IsTheSameForEveryFormOfAName(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		folded := group.FoldName(name)
		for _, form := range []string{folded, norm.NFC.String(name), norm.NFD.String(name), " " + name + "\t"} {
			if got := group.FoldName(form); got != folded {
				t.Fatalf("%q folds to %q, but its form %q folds to %q", name, folded, form, got)
			}
		}
	})
}

func TestGroupLikeness_NeedsOwnerTimeAndPeopleWhereTheNameDiffers(t *testing.T) {
	t.Parallel()
	const self, one, two, other = "5511988880000", "5511999990001", "5511999990002", "5511977770000"
	since := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	people := func(all ...string) (out []phone.Identity) {
		for _, a := range all {
			out = append(out, phone.IdentityOf(a))
		}
		return out
	}
	g := &group.Group{Name: "Turma 12", Members: []group.Member{{Number: "+" + one}, {Number: "+" + two, LID: "77@lid"}}}
	me, they := phone.Identity{Digits: self}, phone.Identity{Digits: other}
	for _, tt := range []struct {
		name string
		seen group.Sighted
		want group.Likeness
	}{
		{"same name, all known", group.Sighted{Name: "turma 12", Owner: me, CreatedAt: since, People: people(self, one)}, group.Like},
		{"same name, nothing else known", group.Sighted{Name: "Turma 12"}, group.Like},
		{"same name, no person could be added", group.Sighted{Name: "Turma 12", Owner: me, People: people(self)}, group.Like},
		{"same name, another person came in since", group.Sighted{Name: "Turma 12", Owner: me, People: people(self, one, other)}, group.Like},
		{"same name, strangers only", group.Sighted{Name: "Turma 12", Owner: me, People: people(self, other)}, group.Unlike},
		{"same name, another owner", group.Sighted{Name: "Turma 12", Owner: they, People: people(self, one)}, group.Unlike},
		{"same name, older", group.Sighted{Name: "Turma 12", Owner: me, CreatedAt: since.Add(-2 * time.Minute), People: people(self, one)}, group.Unlike},
		{"same name, older by a clock's error", group.Sighted{Name: "Turma 12", Owner: me, CreatedAt: since.Add(-50 * time.Second), People: people(one)}, group.Like},
		{"renamed, all known", group.Sighted{Name: "X", Owner: me, CreatedAt: since, People: people(self, one)}, group.Like},
		{"renamed, known by a LID", group.Sighted{Name: "X", Owner: me, CreatedAt: since, People: people(self, "77@lid")}, group.Like},
		{"renamed, with a stranger", group.Sighted{Name: "X", Owner: me, CreatedAt: since, People: people(self, one, other)}, group.Perhaps},
		{"renamed, no person could be added", group.Sighted{Name: "X", Owner: me, CreatedAt: since, People: people(self)}, group.Perhaps},
		{"renamed, strangers only", group.Sighted{Name: "X", Owner: me, CreatedAt: since, People: people(self, other)}, group.Unlike},
		{"renamed, another owner", group.Sighted{Name: "X", Owner: they, CreatedAt: since, People: people(self, one)}, group.Unlike},
		{"renamed, owner unknown", group.Sighted{Name: "X", CreatedAt: since, People: people(self, one)}, group.Unlike},
		{"renamed, time unknown", group.Sighted{Name: "X", Owner: me, People: people(self, one)}, group.Unlike},
		{"renamed, older", group.Sighted{Name: "X", Owner: me, CreatedAt: since.Add(-time.Hour), People: people(self, one)}, group.Unlike},
	} {
		if got := g.Likeness(tt.seen, me, since); got != tt.want {
			t.Errorf("%s: likeness %v, want %v", tt.name, got, tt.want)
		}
	}
}
