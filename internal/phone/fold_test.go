package phone_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/rollcallhq/rollcall/internal/phone"
)

func TestFold_MakesTheSpellingsOfOneAccountEqual(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, one, other string }{
		{"Brazil's ninth digit", "5561999536737", "556199536737"},
		{"Brazil's ninth digit before a seven", "5511971234567", "551171234567"},
		{"Brazil's ninth digit of an invented number", "5511900028495", "551100028495"},
		{"Mexico's old mobile 1", "5215512345678", "525512345678"},
		{"Argentina's mobile 9", "5491123456789", "541123456789"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if a, b := phone.Fold(tt.one), phone.Fold(tt.other); a != b {
				t.Errorf("%s folds to %s, %s to %s", tt.one, a, tt.other, b)
			}
		})
	}
}

func TestFold_KeepsDifferentPeopleApart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, one, other string }{
		{"a Brazilian landline and the mobile with a nine before its digits", "551132345678", "5511932345678"},
		{"a Brazilian landline and its digits after a nine", "554532782153", "5545932782153"},
		{"a number that is not a mobile", "5544888888888", "554488888888"},
		{"other countries' thirteen digits", "4915112345678", "491512345678"},
		{"Mexico's ten digits that begin with a one", "521551234567", "52551234567"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if a, b := phone.Fold(tt.one), phone.Fold(tt.other); a == b {
				t.Errorf("%s and %s both fold to %s", tt.one, tt.other, a)
			}
		})
	}
}

func TestFold_IsStableAndDropsAtMostOneDigit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.OneOf(
			rapid.StringMatching(`[0-9]{0,15}`),
			rapid.StringMatching(`55[0-9]{2}9[0-9]{8}`),
			rapid.StringMatching(`(521|549|52|54|55)[0-9]{10}`),
		).Draw(t, "digits")
		folded := phone.Fold(digits)
		if again := phone.Fold(folded); again != folded {
			t.Fatalf("%s folds to %s and that to %s", digits, folded, again)
		}
		if len(folded) != len(digits) && len(folded) != len(digits)-1 {
			t.Fatalf("%s folds to %s, want the same length or one digit less", digits, folded)
		}
	})
}

func TestFold_NeverMakesALandlineOfAMobile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		area := rapid.StringMatching(`[1-9][1-9]`).Draw(t, "area")
		landline := "55" + area + rapid.StringMatching(`[2-5][0-9]{7}`).Draw(t, "landline")
		mobile := "55" + area + "9" + rapid.StringMatching(`[0-9]{8}`).Draw(t, "mobile")
		if phone.Fold(landline) == phone.Fold(mobile) {
			t.Fatalf("the landline %s and the mobile %s fold to %s", landline, mobile, phone.Fold(mobile))
		}
	})
}

func TestAkin_TellsTwoFormsOfANumberFromTwoPeople(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"5511987654321", "551187654321", true},
		{"5215512345678", "525512345678", true},
		{"5491123456789", "541123456789", true},
		{"2290197123456", "22997123456", true},
		{"5511987654321", "5511987654321", true},
		{"5511987654321", "5511987654320", false},
		{"551187654321", "55118765432", false},
		{"22997123456", "22897123456", false},
		{"", "22897123456", false},
		{"5511933334444", "551133334444", false}, // a mobile and a landline
		{"5511987654321", "5521987654321", false},
	} {
		if got := phone.Akin(c.a, c.b); got != c.want {
			t.Errorf("Akin(%q, %q) is %v, want %v", c.a, c.b, got, c.want)
		}
	}
}
