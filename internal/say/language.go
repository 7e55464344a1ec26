package say

import "time"

// Language is a language that people read.
type Language string

// The languages, as HTML and HTTP name them.
const (
	English    Language = "en"
	Portuguese Language = "pt-BR"
	Spanish    Language = "es-419"
)

// Languages lists all of them, English first.
func Languages() []Language { return []Language{English, Portuguese, Spanish} }

// Title is the name of the language, in itself.
func (l Language) Title() string {
	switch l {
	case Portuguese:
		return "Português"
	case Spanish:
		return "Español"
	default:
		return "English"
	}
}

var months = map[Language][12]string{
	English:    {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	Portuguese: {"jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"},
	Spanish:    {"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"},
}

// Month is a month's name in three letters.
func (l Language) Month(m time.Month) string { return months[l][m-1] }

// Texts is one text in every language.
type Texts struct{ english, portuguese, spanish string }

// In puts a text's languages together.
func In(english, portuguese, spanish string) Texts { return Texts{english, portuguese, spanish} }

// Of returns the text in a language.
func (t Texts) Of(l Language) string {
	switch l {
	case Portuguese:
		return t.portuguese
	case Spanish:
		return t.spanish
	default:
		return t.english
	}
}

// Said returns the text in the language of a voice.
func (t Texts) Said(v Voice) string { return t.Of(v.Language) }
