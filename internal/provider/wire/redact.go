package wire

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
)

const (
	hidden  = "•••"
	maxText = 300
)

// redactor returns a function that removes the secrets and the private texts of a call from a text, and masks telephone
// numbers. It finds a secret in any case and in every spelling on the wire: as it is, escaped in a URL (an error may
// repeat the whole path), and escaped in JSON.
func redactor(secrets []provider.Token) func(text string, private []string) string {
	tokens := sync.OnceValue(func() *regexp.Regexp { // built on the first error, because most clients never have one
		var spellings []string
		for _, s := range secrets {
			spellings = append(spellings, spell(s.Reveal())...)
		}
		if len(spellings) == 0 {
			return nil
		}
		re := regexp.MustCompile(`(?i)` + strings.Join(spellings, "|"))
		re.Longest() // a token that begins with another one must not leave its tail behind
		return re
	})
	return func(text string, private []string) string {
		if re := tokens(); re != nil {
			text = re.ReplaceAllLiteralString(text, hidden)
		}
		for _, p := range private {
			text = hideWords(text, p)
		}
		return phone.Mask(text)
	}
}

// hideWords removes a text that we sent, but only where it stands as whole words: a group called "over" must not hide
// part of the provider's "rate overlimit".
func hideWords(text, sent string) string {
	if strings.TrimSpace(sent) == "" {
		return text
	}
	var b strings.Builder
	for {
		i := strings.Index(text, sent)
		if i < 0 {
			return b.String() + text
		}
		end := i + len(sent)
		if inWord(text, i) || inWord(text, end) {
			_, size := utf8.DecodeRuneInString(text[i:])
			b.WriteString(text[:i+size])
			text = text[i+size:]
			continue
		}
		b.WriteString(text[:i] + hidden)
		text = text[end:]
	}
}

// inWord reports whether letters or digits stand on both sides of position i.
func inWord(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i:])
	alnum := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	return i > 0 && i < len(text) && alnum(before) && alnum(after)
}

// spell returns a secret's spellings as regular expressions.
func spell(secret string) []string {
	if secret == "" {
		return nil
	}
	inJSON, _ := json.Marshal(secret) // a string always has a JSON form
	seen := map[string]bool{}
	var all []string
	for _, s := range []string{secret, url.PathEscape(secret), url.QueryEscape(secret), strings.Trim(string(inJSON), `"`)} {
		if !seen[s] {
			seen[s] = true
			all = append(all, regexp.QuoteMeta(s))
		}
	}
	return all
}

// cut returns a text as one line of at most n bytes. It removes control characters, because the text may be printed on
// a terminal, and leaves no half character at the end.
func cut(text string, n int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= n {
		return text
	}
	const more = "…"
	text = text[:n-len(more)]
	for !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	return text + more
}

// printable reports whether a value can stand in a header.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

func trimSlash(s string) string { return strings.TrimRight(s, "/") }
