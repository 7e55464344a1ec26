package intake

import (
	"strings"
	"unicode/utf8"
)

// guardCell makes a cell harmless in a spreadsheet: it puts the apostrophe that marks text wherever a program could
// see the beginning of a formula. That is at the start of the cell (a phone begins with +, and Excel would round it)
// and after any separator, because a program that splits the file by another separator starts a cell there.
// unguardCell removes exactly these apostrophes.
func guardCell(s string) string {
	if !strings.ContainsFunc(s, beginsFormula) {
		return s
	}
	var out strings.Builder
	begins := true
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if begins && beginsFormula(r) && !(i > 0 && isListedPhone(s[i:])) {
			out.WriteByte('\'')
		}
		out.WriteString(s[i : i+size])
		i += size
		begins = beginsCell(r, begins)
	}
	return out.String()
}

// unguardCell removes the apostrophes of guardCell, and the ="…" that other programs wrap around text for the
// same reason.
func unguardCell(s string) string {
	if rest, ok := strings.CutPrefix(s, `="`); ok && strings.HasSuffix(rest, `"`) {
		return strings.ReplaceAll(rest[:len(rest)-1], `""`, `"`)
	}
	if !strings.Contains(s, "'") {
		return s
	}
	var out strings.Builder
	begins := true
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if begins && r == '\'' {
			if next, n := utf8.DecodeRuneInString(s[i+1:]); beginsFormula(next) {
				i, r, size = i+1, next, n
			}
		}
		out.WriteString(s[i : i+size])
		i += size
		begins = beginsCell(r, begins)
	}
	return out.String()
}

// beginsFormula reports whether a spreadsheet may read text that begins with r as a formula. The apostrophe
// counts too, so that a typed one survives the round trip.
func beginsFormula(r rune) bool {
	switch r {
	case '=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠':
		return true
	}
	return false
}

// beginsCell reports whether a cell can begin after r. begun says whether r itself is at the beginning of one.
func beginsCell(r rune, begun bool) bool {
	switch r {
	case ',', ';', '|', '\t', '\r', '\n':
		return true
	case '"', ' ':
		return begun
	}
	return false
}

// isListedPhone reports whether text begins with + and only digits and spaces up to the next separator: as a formula
// that is at worst a number.
func isListedPhone(text string) bool {
	if i := strings.IndexAny(text, ",;|\t\r\n"); i >= 0 {
		text = text[:i]
	}
	digits, ok := strings.CutPrefix(text, "+")
	return ok && strings.Trim(digits, "0123456789 ") == ""
}
