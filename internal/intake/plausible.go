package intake

import (
	"unicode"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// older lists the one-byte encodings that spreadsheets still write, the most common first.
var older = []struct {
	name string
	of   *charmap.Charmap
}{
	{encodingWestern, charmap.Windows1252},
	{encodingCyrillic, charmap.Windows1251},
	{encodingMac, charmap.Macintosh},
}

// olderEncoding returns the older encoding in which the text is most plausible, or nil. Nearly every byte is a
// character in each of them, so it accepts an encoding only if the words look like words: "Ãðóïïà" and "Jo‹o" do not.
func olderEncoding(text []byte) (string, encoding.Encoding) {
	best, fewest := -1, 0
	for i, e := range older {
		good, bad := weigh(text, e.of)
		if good > 0 && bad*10 <= good && (best < 0 || bad < fewest) {
			best, fewest = i, bad
		}
	}
	if best < 0 {
		return "", nil
	}
	return older[best].name, older[best].of
}

// weigh counts the non-ASCII letters that are plausible beside their neighbours, and the implausible characters.
func weigh(text []byte, of *charmap.Charmap) (good, bad int) {
	decode := func(i int) rune {
		if i < 0 || i >= len(text) {
			return ' '
		}
		return of.DecodeByte(text[i])
	}
	for i, c := range text {
		if c < 0x80 {
			continue
		}
		r, before, after := decode(i), decode(i-1), decode(i+1)
		if plausible(r, before, after) {
			if unicode.IsLetter(r) {
				good++
			}
		} else {
			bad++
		}
	}
	return good, bad
}

// plausible reports whether a character fits between its neighbours.
func plausible(r, before, after rune) bool {
	switch {
	case r == unicode.ReplacementChar || unicode.IsControl(r):
		return false
	case unicode.Is(unicode.Cyrillic, r):
		return !unicode.Is(unicode.Latin, before) && !unicode.Is(unicode.Latin, after) && !capitalInside(r, before, after)
	case unicode.Is(unicode.Latin, r):
		lonely := !beyondASCII(before) || !beyondASCII(after) // three such letters in a row are not a word
		return r != 'ÿ' && r != 'þ' && lonely && !capitalInside(r, before, after) &&
			!unicode.Is(unicode.Cyrillic, before) && !unicode.Is(unicode.Cyrillic, after)
	case unicode.IsLetter(r):
		return r == 'ª' || r == 'º'
	case r == '’' || r == '‘' || r == '·' || r == '–' || r == '\u00a0' || r == '\u00ad':
		return true
	}
	return !unicode.IsLetter(before) || !unicode.IsLetter(after) // a symbol inside a word is implausible
}

// capitalInside reports whether a capital letter follows a lower-case letter inside a word.
func capitalInside(r, before, after rune) bool {
	return unicode.IsUpper(r) && unicode.IsLower(before) || unicode.IsLower(r) && unicode.IsUpper(after) && unicode.IsLower(before)
}

func beyondASCII(r rune) bool { return r >= 0x80 && unicode.IsLetter(r) }
