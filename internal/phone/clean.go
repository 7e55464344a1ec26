package phone

import (
	"strings"
	"unicode"
)

// asciiDigit is the ASCII form of a decimal digit of the scripts people type numbers in (ASCII,
// Arabic, Persian, full width), 0 for anything else.
func asciiDigit(r rune) byte {
	for _, zero := range [...]rune{'0', '٠', '۰', '０'} {
		if r >= zero && r <= zero+9 {
			return '0' + byte(r-zero) //nolint:gosec // 0 to 9
		}
	}
	return 0
}

// isSeparator tells what may stand inside a number without meaning anything: spaces of every
// width, dots, dashes, brackets and the invisible characters that chats and spreadsheets copy in.
func isSeparator(r rune) bool {
	switch r {
	case '.', '-', '(', ')', '[', ']', '{', '}', '−', '·', '﹣', '－', '（', '）', '．':
		return true
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || isInvisible(r)
}

// isInvisible covers zero-width characters, direction marks, the soft hyphen and the BOM.
func isInvisible(r rune) bool { return unicode.Is(unicode.Cf, r) }

// spelling is a typed number taken apart.
type spelling struct {
	digits        string
	international bool // it began with + or 00
	areaBrackets  bool // it began with a bracket: "(11) 9…" is how people write an area code
}

// take reads a typed number. A non-empty reason says why it is none.
func take(input string) (spelling, Reason) {
	input = strings.TrimFunc(input, func(r rune) bool { return unicode.IsSpace(r) || isInvisible(r) })
	input = strings.TrimPrefix(input, "'") // a spreadsheet's mark for text
	if input == "" {
		return spelling{}, Empty
	}
	if isExponent(input) {
		return spelling{}, Exponent
	}
	input = dropPointZero(input)
	var s spelling
	var b strings.Builder
	for _, r := range input {
		d := asciiDigit(r)
		switch {
		case d != 0:
			b.WriteByte(d)
		case r == '+' || r == '＋':
			if b.Len() > 0 || s.international {
				return spelling{}, Several
			}
			s.international = true
		case isSeparator(r):
			if b.Len() == 0 && !s.international && (r == '(' || r == '[' || r == '（') {
				s.areaBrackets = true
			}
		case r == ',' || r == ';' || r == '/' || r == '|':
			return spelling{}, Several
		default:
			return spelling{}, Letters
		}
	}
	s.digits = b.String()
	if s.digits == "" {
		return spelling{}, Letters
	}
	if rest, ok := strings.CutPrefix(s.digits, "00"); ok && !s.international {
		s.digits, s.international = rest, true
	}
	return s, ""
}

// isExponent recognises what a spreadsheet makes of a long number: 5,5119E+12 or 5.5119e12.
func isExponent(s string) bool {
	mantissa, exponent, found := strings.Cut(strings.ToUpper(strings.TrimPrefix(s, "+")), "E")
	exponent = strings.TrimPrefix(exponent, "+")
	if !found || mantissa == "" || exponent == "" || strings.Trim(exponent, "0123456789") != "" {
		return false
	}
	return strings.Trim(mantissa, "0123456789.,") == "" && strings.Trim(mantissa, ".,") != ""
}

// dropPointZero undoes what data tools do to a column of integers: 5511…9999.0.
func dropPointZero(s string) string {
	rest, ok := strings.CutSuffix(s, ".0")
	if ok && len(rest) >= phoneLike && strings.Trim(rest, "0123456789") == "" {
		return rest
	}
	return s
}
