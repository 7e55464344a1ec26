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

// redactor removes the secrets in every spelling they have on the wire: as they are, escaped in a URL (an error may
// repeat the whole path), and escaped in JSON. It ignores case. Then it masks the telephone numbers.
func redactor(secrets []provider.Token) func(text string, private []string) string {
	tokens := sync.OnceValue(func() *regexp.Regexp { // built on the first error: most of thousands of clients never have one
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

// hideWords removes what we sent, but only as whole words: a group called "over" must not hide part of the provider's
// "rate overlimit".
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

// inWord says that letters or digits stand on both sides of position i.
func inWord(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i:])
	alnum := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	return i > 0 && i < len(text) && alnum(before) && alnum(after)
}

// spell gives a secret's spellings as regular expressions.
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

// cut makes a text one line of at most n bytes, without control characters (it may be printed
// on a terminal) and without half a character at its end.
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

// printable says that a value can stand in a header.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

func trimSlash(s string) string { return strings.TrimRight(s, "/") }
