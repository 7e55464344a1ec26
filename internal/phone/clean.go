package phone

import (
	"strings"
	"unicode"
)

// asciiDigit returns the ASCII form of a decimal digit of the scripts in which people type numbers (ASCII, Arabic,
// Persian, full width), or 0 for anything else.
func asciiDigit(r rune) byte {
	for _, zero := range [...]rune{'0', '٠', '۰', '０'} {
		if r >= zero && r <= zero+9 {
			return '0' + byte(r-zero) //nolint:gosec // 0 to 9
		}
	}
	return 0
}

// isSeparator reports whether r may stand inside a number without a meaning: spaces of every width,
// dots, dashes, brackets and the invisible characters that chats and spreadsheets add.
func isSeparator(r rune) bool {
	switch r {
	case '.', '-', '(', ')', '[', ']', '{', '}', '−', '·', '﹣', '－', '（', '）', '．':
		return true
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || isInvisible(r)
}

// isInvisible reports whether r is a zero-width character, a direction mark, the soft hyphen or the BOM.
func isInvisible(r rune) bool { return unicode.Is(unicode.Cf, r) }

// spelling is a typed number taken apart.
type spelling struct {
	digits        string
	international bool // it began with + or 00, or came from a link
	areaBrackets  bool // it began with a bracket, as people write an area code: "(11) 9…"
	brackets      bool // it holds a bracket
	slash         bool // it holds a slash: "0171/4242421" is one number, "1234/5678" is two
	extension     bool // an extension was cut off
}

// take reads a typed number. A non-empty reason says why the text is not a number.
func take(input string) (spelling, Reason) {
	input = strings.TrimFunc(input, func(r rune) bool { return unicode.IsSpace(r) || isInvisible(r) })
	if input == "" {
		return spelling{}, Empty
	}
	if rest := strings.TrimPrefix(input, "+"); rest != "" && onlyDigits(rest) { // the usual case
		return spelling{digits: rest, international: len(rest) < len(input)}.withoutDialPrefix()
	}
	var s spelling
	input, s.international = withoutMarks(input)
	input, s.extension = cutExtension(withoutCarrier(input))
	input, reason := wholeDecimal(input)
	if reason != "" {
		return spelling{}, reason
	}
	var b strings.Builder
	b.Grow(len(input))
	slashAt := 0
	plus := false
	for _, r := range input {
		d := asciiDigit(r)
		switch {
		case d != 0:
			b.WriteByte(d)
		case r == '+' || r == '＋':
			if b.Len() > 0 || plus {
				return spelling{}, Several
			}
			plus = true
		case isSeparator(r):
			if isBracket(r) {
				s.areaBrackets = s.areaBrackets || b.Len() == 0 && !plus
				s.brackets = true
			}
		case r == '/' && !s.slash && b.Len() > 0:
			s.slash, slashAt = true, b.Len()
		case r == ',' || r == ';' || r == '/' || r == '|':
			return spelling{}, Several
		default:
			return spelling{}, Letters
		}
	}
	s.digits = b.String()
	s.international = s.international || plus
	if s.digits == "" {
		return spelling{}, Letters
	}
	if s.slash && (slashAt > maxArea || len(s.digits)-slashAt < minInArea) {
		return spelling{}, Several
	}
	return s.withoutDialPrefix()
}

// withoutDialPrefix removes the 00 that is dialled before an international number.
func (s spelling) withoutDialPrefix() (spelling, Reason) {
	if rest, ok := strings.CutPrefix(s.digits, "00"); ok && !s.international {
		s.digits, s.international = rest, true
		if rest == "" {
			return spelling{}, Letters
		}
	}
	return s, ""
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// A slash in one number comes after at most maxArea digits, an area code with or without its country code, and before
// at least minInArea digits. Any other slash separates two numbers.
const (
	maxArea   = 7
	minInArea = 5
)

func isBracket(r rune) bool { return strings.ContainsRune("([{（)]}）", r) }
