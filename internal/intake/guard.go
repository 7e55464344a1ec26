package intake

import (
	"strings"
	"unicode/utf8"
)

// guardCell makes a cell harmless in a spreadsheet: where a program could see the beginning of a formula, the
// cell gets the apostrophe that marks text. That is the cell's beginning (a phone begins with +, and Excel would
// round it), and what stands behind a separator, because a program that splits the file by another one than
// ours reads a cell there. unguardCell is the exact inverse.
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

// unguardCell takes off what guardCell has put on, and the ="…" in which other programs wrap a text for the
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

// beginsFormula reports whether spreadsheets may take what begins with r for a formula. The apostrophe is
// among them so that one which was typed comes back.
func beginsFormula(r rune) bool {
	switch r {
	case '=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠':
		return true
	}
	return false
}

// beginsCell reports whether a cell begins behind r, which itself stands at a beginning if begun.
func beginsCell(r rune, begun bool) bool {
	switch r {
	case ',', ';', '|', '\t', '\r', '\n':
		return true
	case '"', ' ':
		return begun
	}
	return false
}

// isListedPhone reports whether text begins with a phone that ends at a separator: +55 44 99999-9999. As a
// formula it is a number at worst.
func isListedPhone(text string) bool {
	if i := strings.IndexAny(text, ",;|\t\r\n"); i >= 0 {
		text = text[:i]
	}
	digits, ok := strings.CutPrefix(text, "+")
	return ok && strings.Trim(digits, "0123456789 ") == ""
}
