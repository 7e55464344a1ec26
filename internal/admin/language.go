package admin

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/rollcallhq/rollcall/internal/clock"
	"github.com/rollcallhq/rollcall/internal/provider/all"
)

// The languages. English is the catalogue's key: a text that Portuguese lacks is shown in English,
// and a test finds it.
const (
	english    = "en"
	portuguese = "pt"
)

var languages = []string{english, portuguese}

const languageCookie = "rollcall_language"

var matcher = language.NewMatcher([]language.Tag{language.English, language.BrazilianPortuguese})

// languageOf is what somebody chose, or else what their browser asks for.
func languageOf(r *http.Request) string {
	if c, err := r.Cookie(languageCookie); err == nil {
		for _, l := range languages {
			if c.Value == l {
				return l
			}
		}
	}
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(tags) == 0 {
		return english
	}
	_, i, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return english
	}
	return languages[i]
}

// chooseLanguage remembers somebody's choice for a year.
func (p *Page) chooseLanguage(v *visit) error {
	chosen := english
	if v.r.PostFormValue("to") == portuguese {
		chosen = portuguese
	}
	http.SetCookie(v.w, &http.Cookie{ //nolint:gosec // Secure where the browser came by TLS
		Name: languageCookie, Value: chosen, Path: "/", MaxAge: int(365 * 24 * time.Hour / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.encrypted(),
	})
	http.Redirect(v.w, v.r, local(v.r.PostFormValue("back")), http.StatusSeeOther)
	return nil
}

// catalogues are what each language has words in.
var catalogues = map[string][]map[string]string{
	english:    {inEnglish},
	portuguese: append([]map[string]string{inPortuguese, inPortugueseWords, faultsInPortuguese}, providersInPortuguese()...),
}

// providersInPortuguese are the sentences that the providers bring.
func providersInPortuguese() []map[string]string {
	var brought []map[string]string
	for _, p := range all.Providers() {
		brought = append(brought, p.Portuguese)
	}
	return brought
}

// translate says a text in a language. Numbers are filled in afterwards.
func translate(lang, text string, args ...any) string {
	for _, catalogue := range catalogues[lang] {
		if said, ok := catalogue[text]; ok {
			text = said
			break
		}
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// count says a number of things: one and many are texts with a %d.
func count(lang string, n int, one, many string) string {
	if n == 1 {
		one = translate(lang, one)
		if strings.Contains(one, "%") {
			return fmt.Sprintf(one, n)
		}
		return one
	}
	return translate(lang, many, n)
}

var monthsPT = [...]string{"jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"}

// tongue is a language and the clock of a view: what its words and times are written in.
type tongue struct {
	lang  string
	clock clock.Clock
}

// time is a moment as a person writes it: the hour of today, with the day otherwise. The foot of the page
// names the zone.
func (g tongue) time(t, now time.Time) string {
	lang := g.lang
	t, now = t.In(g.clock.Zone()), now.In(g.clock.Zone())
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	day := t.Format("2 Jan")
	if lang == portuguese {
		day = fmt.Sprintf("%d %s", t.Day(), monthsPT[t.Month()-1])
	}
	if t.Year() != now.Year() {
		day += t.Format(" 2006")
	}
	return day + t.Format(" 15:04")
}

// span is a length of time in at most two units.
func span(d time.Duration) string {
	d = d.Abs()
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Round(time.Second)/time.Second))
	case d < time.Hour:
		s := int(d / time.Second)
		if s%60 == 0 || d >= 10*time.Minute {
			return fmt.Sprintf("%d min", s/60)
		}
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	case d < 48*time.Hour:
		m := int(d / time.Minute)
		if m%60 == 0 {
			return fmt.Sprintf("%d h", m/60)
		}
		return fmt.Sprintf("%d h %d min", m/60, m%60)
	default:
		return fmt.Sprintf("%d d", int(d.Round(24*time.Hour)/(24*time.Hour)))
	}
}
