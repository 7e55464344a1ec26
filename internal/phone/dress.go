package phone

import (
	"regexp"
	"strings"
)

// The marks that programs write around a number. A WhatsApp link always holds an international number, so a number
// from a link counts as written with +.
var (
	marks = regexp.MustCompile(`(?i)^(?:p|tel|phone|whatsapp|callto|sms|wa)\s*:\s*`)
	links = regexp.MustCompile(`(?i)^(?:https?://)?(?:www\.)?(?:wa\.me/|(?:api|web)\.whatsapp\.com/send/?\?(?:[^#]*&)?phone=|whatsapp://send/?\?(?:[^#]*&)?phone=)(?:\+|%2B)?([\d().\- ]+)(?:[/?&#].*)?$`)
)

// withoutMarks removes what spreadsheets and programs write around a number: an apostrophe or ="…" that marks text,
// "p:", "tel:", "whatsapp:", and the rest of a link to a chat. A number from a link is international.
func withoutMarks(s string) (number string, international bool) {
	s = strings.TrimPrefix(s, "'")
	if rest, ok := strings.CutPrefix(s, `="`); ok {
		s = strings.TrimSuffix(rest, `"`)
	}
	if !strings.ContainsAny(s, ":./") {
		return s, false
	}
	if m := links.FindStringSubmatch(s); m != nil {
		return m[1], true
	}
	if m := marks.FindString(s); m != "" {
		s, _, _ = strings.Cut(s[len(m):], ";phone-context=")
	}
	return s, false
}

// carrier matches how Brazilians write the place of the carrier's code, between the trunk prefix and the area code:
// "(0xx11) 9…".
var carrier = regexp.MustCompile(`(?i)^((?:(?:\+|00)?55)?[\s(]*0)\s?(?:xx|\*\*)`)

// withoutCarrier removes the place of the carrier's code.
func withoutCarrier(s string) string {
	if !strings.ContainsAny(s, "xX*") {
		return s
	}
	return carrier.ReplaceAllString(s, "$1")
}

// extension matches a number with an office extension after it.
var extension = regexp.MustCompile(`(?i)^(.*\d\)?)[\s,;]*(?:(?:ramal|rml|ram|r|extension|extensión|ext|anexo|interno|int|доб|добавочный)[\s.:=]*|\sx\s*|x\s*|#\s*)(\d{1,6})$`)

// minDigitsBeforeExtension is the minimum number of digits before an extension.
const minDigitsBeforeExtension = 6

// cutExtension removes an extension, and reports whether there was one.
func cutExtension(s string) (number string, cut bool) {
	if !strings.ContainsFunc(s, func(r rune) bool { return r == '#' || r|0x20 >= 'a' && r|0x20 <= 'z' || r >= 'А' && r <= 'я' }) {
		return s, false
	}
	m := extension.FindStringSubmatch(s)
	if m == nil || countDigits(m[1]) < minDigitsBeforeExtension {
		return s, false
	}
	return m[1], true
}

func countDigits(s string) int {
	n := 0
	for _, r := range s {
		if asciiDigit(r) != 0 {
			n++
		}
	}
	return n
}

var (
	decimal  = regexp.MustCompile(`^(\+?\d{7,})[.,](\d+)$`)
	exponent = regexp.MustCompile(`^(\+?)(\d+)(?:[.,](\d+))?[eE]\+?(\d{1,3})$`)
)

// wholeDecimal reads the forms into which programs turn a long integer: 5511…9999.0, and 5.511…e12 if it has
// all digits. It refuses a fraction, and an exponent form that has lost digits.
func wholeDecimal(s string) (string, Reason) {
	if !strings.ContainsAny(s, ".,eE") {
		return s, ""
	}
	if m := decimal.FindStringSubmatch(s); m != nil {
		if strings.Trim(m[2], "0") != "" {
			return "", Fraction
		}
		return m[1], ""
	}
	m := exponent.FindStringSubmatch(s)
	if m == nil {
		return s, ""
	}
	behind, places := m[3], 0
	for _, d := range m[4] {
		places = places*10 + int(d-'0')
	}
	if places < 1 || len(behind) < places {
		return "", Exponent
	}
	if strings.Trim(behind[places:], "0") != "" {
		return "", Fraction
	}
	return m[1] + m[2] + behind[:places], ""
}
