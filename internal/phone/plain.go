package phone

import "strings"

// plainPrefix returns the length, in bytes, of a time, a UUID or one of our ids at s[i:], whose digits are never a
// telephone number. It returns 0 if there is none, or if s[i:] does not begin a word.
func plainPrefix(s string, i int) int {
	if i > 0 && isWord(s[i-1]) {
		return 0
	}
	rest := s[i:]
	if n := timePrefix(rest); n > 0 {
		return n
	}
	prefix := 0
	for _, p := range [...]string{"grp_", "bat_", "evt_", "job_", "upl_", "view_"} {
		if strings.HasPrefix(rest, p) {
			prefix = len(p)
		}
	}
	n := uuidPrefix(rest[prefix:])
	if n == 0 || prefix == 0 && !strings.ContainsAny(rest[:n], "abcdefABCDEF") {
		return 0 // it may be several telephone numbers: one UUID in a million has no letter, but numbers never have one
	}
	return prefix + n
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// matches reports whether s begins with a shape, in which 'd' stands for a digit, 'x' for a hexadecimal digit, and
// every other character for itself.
func matches(s, shape string) bool {
	if len(s) < len(shape) {
		return false
	}
	for i := range len(shape) {
		c := s[i]
		digit := c >= '0' && c <= '9'
		switch shape[i] {
		case 'd':
			if !digit {
				return false
			}
		case 'x':
			if !digit && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return false
			}
		default:
			if c != shape[i] {
				return false
			}
		}
	}
	return true
}

func uuidPrefix(s string) int {
	for _, shape := range [...]string{"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"} {
		n := len(shape)
		if matches(s, shape) && (len(s) == n || !isWord(s[n])) {
			return n
		}
	}
	return 0
}

// timePrefix returns the length of a date such as 2026-11-21, with a time such as 21:04:05.123456 if one follows.
func timePrefix(s string) int {
	const day = len("2026-11-21")
	if !matches(s, "dddd-dd-dd") || (s[:2] != "19" && s[:2] != "20") || s[5:7] > "12" || s[8:10] > "31" {
		return 0
	}
	n := day
	if clock := s[n:]; matches(clock, "Tdd:dd:dd") || matches(clock, " dd:dd:dd") {
		n += len("Tdd:dd:dd")
		if matches(s[n:], ".d") {
			n++
			for n < len(s) && s[n] >= '0' && s[n] <= '9' {
				n++
			}
		}
	}
	if n < len(s) && s[n] >= '0' && s[n] <= '9' {
		return 0
	}
	return n
}
