package phone

import (
	"regexp"
	"strings"
)

// The marks that programs write around a number. A link of WhatsApp holds whole numbers only, so one in it counts as
// written with +.
var (
	marks = regexp.MustCompile(`(?i)^(?:p|tel|phone|whatsapp|callto|sms|wa)\s*:\s*`)
	links = regexp.MustCompile(`(?i)^(?:https?://)?(?:www\.)?(?:wa\.me/|(?:api|web)\.whatsapp\.com/send/?\?(?:[^#]*&)?phone=|whatsapp://send/?\?(?:[^#]*&)?phone=)(?:\+|%2B)?([\d().\- ]+)(?:[/?&#].*)?$`)
)

// undress takes off what spreadsheets and programs write around a number: an apostrophe or ="…" that
// marks text, "p:", "tel:", "whatsapp:" and links to a chat.
func undress(s string) (number string, international bool) {
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

// extension is the part behind a number for the telephone exchange of an office.
var extension = regexp.MustCompile(`(?i)^(.*\d\)?)[\s,;]*(?:(?:ramal|rml|ram|r|extension|extensión|ext|anexo|interno|int|доб|добавочный)[\s.:=]*|\sx\s*|x\s*|#\s*)(\d{1,6})$`)

// fewestBeforeExtension are the digits that must stand before an extension.
const fewestBeforeExtension = 6

// cutExtension takes an extension off.
func cutExtension(s string) (number string, cut bool) {
	if !strings.ContainsFunc(s, func(r rune) bool { return r == '#' || r|0x20 >= 'a' && r|0x20 <= 'z' || r >= 'А' && r <= 'я' }) {
		return s, false
	}
	m := extension.FindStringSubmatch(s)
	if m == nil || countDigits(m[1]) < fewestBeforeExtension {
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

// wholeDecimal reads what programs make of a long integer: 5511…9999.0, and 5.511…e12 if that has
// all digits. A fraction is not a number, and with fewer digits the last ones are lost.
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
