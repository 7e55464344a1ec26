package intake

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// cleanText returns a text without the characters that people do not type on purpose: spaces and invisible characters
// at both ends, and zero-width ones inside. A no-break space inside becomes a space. Joiners inside stay, because emoji
// and several scripts need them.
func cleanText(s string) string {
	if isASCII(s) { // the usual case
		return strings.TrimSpace(s)
	}
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u202f', '\u2007':
			return ' '
		case '\u200b', '\u2060', '\ufeff', '\u00ad':
			return -1
		}
		return r
	}, s)
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// SeenName returns a group's name in a form for comparing, which is equal for names that look the same. Case matters.
func SeenName(name string) string {
	name = norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case r == '\u2010' || r == '\u2011':
			return '-'
		case r != '\u200d' && unicode.Is(unicode.Cf, r): // a joiner makes one emoji of several
			return -1
		}
		return r
	}, name))
	return strings.Join(strings.Fields(name), " ")
}

func allBlank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return cleanText(c) != "" })
}

// hasControl reports whether s has control characters. Line breaks and tabs count unless lineBreaks is set.
func hasControl(s string, lineBreaks bool) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		switch r {
		case '\n', '\r', '\t', '\u2028', '\u2029':
			return !lineBreaks
		}
		return unicode.IsControl(r)
	})
}

// lostLetters reports whether s shows letters that an export's encoding could not hold: the replacement
// character, a question mark at the beginning or in the middle of a word, or a word of question marks only.
func lostLetters(s string) bool {
	for word := range strings.FieldsSeq(s) {
		marks := strings.Trim(word, "?") == ""
		open := strings.TrimLeft(word, `"'(“‘`)
		if strings.ContainsRune(word, unicode.ReplacementChar) || marks && len(word) > 1 {
			return true
		}
		for i, r := range open {
			if r != '?' || i+1 == len(open) {
				continue
			}
			next, _ := utf8.DecodeRuneInString(open[i+1:])
			if unicode.IsLetter(next) {
				return true
			}
		}
	}
	return false
}
