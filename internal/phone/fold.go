package phone

import "strings"

// Fold returns the key that all spellings of one account share. It takes digits without
// a plus, and returns a key as it is. It removes only digits that some spellings leave out:
//
//   - Brazil: the ninth digit of a mobile, 55 AA 9 XXXXXXXX. The 9 stays if the eight digits after
//     it begin with 2 to 5: those are a landline's, and no mobile was ever written with them alone.
//   - Mexico: the 1 of the old mobile form, 52 1 and ten digits.
//   - Argentina: the 9 of the mobile form, 54 9 and ten digits.
//
// Fold never adds a digit, and no call uses a folded number as an address.
func Fold(digits string) string {
	if len(digits) != 13 {
		return digits
	}
	switch {
	case brazilNinth(digits):
		return digits[:4] + digits[5:]
	case strings.HasPrefix(digits, "521"), strings.HasPrefix(digits, "549"):
		return digits[:2] + digits[3:]
	}
	return digits
}

func brazilNinth(d string) bool {
	landline := d[5] >= '2' && d[5] <= '5'
	return strings.HasPrefix(d, "55") && d[2] != '0' && d[3] != '0' && d[4] == '9' && !landline
}

// Akin reports whether two numbers, digits only, may be two forms of one number: their country codes and their last
// eight digits are equal. Digits that a country has added to its numbers come before those eight. In Brazil a mobile
// may have the last eight digits of a landline, so there the folded numbers must be equal.
func Akin(a, b string) bool {
	code, length := codeOf(a)
	other, _ := codeOf(b)
	if code == brazil && other == brazil {
		return Fold(a) == Fold(b)
	}
	a, b = a[min(length, len(a)):], b[min(length, len(b)):]
	n := min(8, len(a), len(b))
	return code == other && a[len(a)-n:] == b[len(b)-n:]
}
