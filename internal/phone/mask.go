package phone

import (
	"strings"
	"unicode/utf8"
)

// minPhone is the minimum number of digits of a telephone number. A shorter run is a count, a year or a code.
const minPhone = 7

// minWhole is the minimum number of digits of a group that is a whole number, and is not joined with its neighbours.
const minWhole = 10

// Mask hides what looks like a telephone number anywhere in s: seven digits or more, also with
// spaces, dots, dashes and brackets between them. Times, IPv4 addresses, UUIDs and our own ids
// (grp_… bat_… evt_… job_…) stay readable.
func Mask(s string) string { return mask(s, plainPrefix) }

// mask is Mask, but leaves readable the texts for which plain returns a length.
func mask(s string, plain func(s string, i int) int) string {
	var out strings.Builder
	for i := 0; i < len(s); {
		if n := plain(s, i); n > 0 {
			out.WriteString(s[i : i+n])
			i += n
			continue
		}
		run, digits := phoneRun(s[i:])
		switch {
		case run == 0:
			_, size := utf8.DecodeRuneInString(s[i:])
			out.WriteString(s[i : i+size])
			i += size
		case len(digits) < minPhone || isIPv4(s[i:i+run]):
			out.WriteString(s[i : i+run])
			i += run
		default:
			switch {
			case s[i] == '+':
				out.WriteByte('+')
			case s[i] == '(' && i > 0 && isWord(s[i-1]): // a space replaces it: the digits before it are not part of the number
				out.WriteByte(' ')
			}
			out.WriteString(maskDigits(digits))
			i += run
		}
	}
	return out.String()
}

// MaskTyped hides a text typed as a number, even if it is too short for one.
func MaskTyped(s string) string {
	masked := Mask(s)
	if masked != s || !strings.ContainsFunc(s, func(r rune) bool { return asciiDigit(r) != 0 }) {
		return masked
	}
	typed := []rune(s)
	if len(typed) <= 4 {
		return "••••"
	}
	return string(typed[:2]) + "••••"
}

// maskDigits keeps the first and the last digits of a number, and hides at least four between them.
func maskDigits(number string) string {
	digits := strings.TrimPrefix(number, "+")
	plus := number[:len(number)-len(digits)]
	tail := 2
	if len(digits) >= minWhole {
		tail = 4
	}
	head := min(4, len(digits)-tail-4)
	if head < 0 {
		return plus + strings.Repeat("•", len(digits))
	}
	return plus + digits[:head] + strings.Repeat("•", len(digits)-head-tail) + digits[len(digits)-tail:]
}

// phoneRun finds the number that begins s: an optional plus or bracket, then groups of digits joined by separators. It
// returns the number's length in bytes, or 0 if s does not begin with one, and its digits in ASCII.
func phoneRun(s string) (length int, digits string) {
	i := 0
	if strings.HasPrefix(s, "+") {
		i++
	}
	if strings.HasPrefix(s[i:], "(") {
		i++
	}
	var all strings.Builder
	for {
		n, group := digitGroup(s[i:])
		if n == 0 {
			break
		}
		if length > 0 && len(group) >= minWhole {
			break // the separators before it are not part of the run
		}
		all.WriteString(group)
		i += n
		length = i
		if len(group) >= minWhole {
			break
		}
		i += separators(s[i:])
	}
	return length, all.String()
}

func digitGroup(s string) (length int, digits string) {
	var b strings.Builder
	for length < len(s) {
		r, size := utf8.DecodeRuneInString(s[length:])
		d := asciiDigit(r)
		if d == 0 {
			break
		}
		b.WriteByte(d)
		length += size
	}
	return length, b.String()
}

// separators returns the length, in bytes, of the separators that begin s: at most three characters, so that ") " and "
// - " join two groups of a number, but a sentence does not.
func separators(s string) int {
	i := 0
	for n := 0; n < 3 && i < len(s); n++ {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !isSeparator(r) || (r == '.' && strings.HasPrefix(s[i+size:], " ")) {
			break
		}
		i += size
	}
	return i
}

func isIPv4(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return false
	}
	for _, p := range parts {
		if len(p) == 0 || len(p) > 3 || (len(p) == 3 && p > "255") || strings.Trim(p, "0123456789") != "" {
			return false
		}
	}
	return true
}

// MaskName hides a person's name except its first letter.
func MaskName(name string) string {
	if name == "" {
		return ""
	}
	_, size := utf8.DecodeRuneInString(name)
	return name[:size] + "••••"
}
