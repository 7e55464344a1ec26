package phone

import "strings"

// Fold gives the key under which all spellings of one account are equal. It takes digits without
// a plus and is idempotent. Only what is known to come and go is taken out:
//
//   - Brazil: the ninth digit of a mobile, 55 AA 9 XXXXXXXX. Where the eight digits behind it
//     begin with 2 to 5 it stays: such a number never existed without the 9, and without it it
//     would be somebody's landline.
//   - Mexico: the 1 of the old mobile form, 52 1 and ten digits.
//   - Argentina: the 9 of the mobile form, 54 9 and ten digits.
//
// Nothing is ever added, and nobody is ever called by a folded number.
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
