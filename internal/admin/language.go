package admin

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/clock"
	"github.com/rollcallhq/rollcall/internal/say"
)

const languageCookie = "rollcall_language"

// matcher finds the best of say.Languages.
var matcher = language.NewMatcher(tagsOf(say.Languages()))

func tagsOf(all []say.Language) []language.Tag {
	tags := make([]language.Tag, len(all))
	for i, l := range all {
		tags[i] = language.MustParse(string(l))
	}
	return tags
}

// chosen parses the language in a cookie or a form.
func chosen(word string) (say.Language, bool) {
	for _, l := range say.Languages() {
		if word == string(l) {
			return l, true
		}
	}
	return say.English, false
}

// languageOf returns the language that the person chose, otherwise the one that their browser prefers.
func languageOf(r *http.Request) say.Language {
	if c, err := r.Cookie(languageCookie); err == nil {
		if l, ok := chosen(c.Value); ok {
			return l
		}
	}
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(tags) == 0 {
		return say.English
	}
	_, i, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return say.English
	}
	return say.Languages()[i]
}

// chooseLanguage remembers the person's choice for a year.
func (p *Page) chooseLanguage(v *visit) error {
	to, _ := chosen(v.r.PostFormValue("to"))
	http.SetCookie(v.w, &http.Cookie{ //nolint:gosec // Secure where the browser came by TLS
		Name: languageCookie, Value: string(to), Path: "/", MaxAge: int(365 * 24 * time.Hour / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: auth.Encrypted(v.r),
	})
	http.Redirect(v.w, v.r, local(v.r.PostFormValue("back")), http.StatusSeeOther)
	return nil
}

// tongue is the language and the clock of a view.
type tongue struct {
	lang  say.Language
	clock clock.Clock
}

// voice returns a say.Voice of the tongue, with times relative to now.
func (g tongue) voice(now time.Time) say.Voice {
	return say.Voice{Language: g.lang, Time: func(t time.Time) string { return g.time(t, now) }}
}

// text returns one of the page's texts. args fill its places in order.
func (g tongue) text(code say.Code, args ...any) string {
	return g.voice(time.Now()).Say(phrase(code, args))
}

// title returns the title of a tab: a kind of view, and what it is about.
func (g tongue) title(kind say.Code, of ...string) say.Speech {
	of = slices.DeleteFunc(of, func(s string) bool { return s == "" })
	if len(of) == 0 {
		return kind
	}
	return say.Words(g.text("pair", g.text(kind), strings.Join(of, ", ")))
}

// phrase makes a phrase of a code and parameters: numbers are N, M and Of, texts are Name, Place and Text, in order.
func phrase(code say.Code, args []any) say.Phrase {
	p := say.Phrase{Code: code}
	numbers, texts := []*int{&p.N, &p.M, &p.Of}, []*string{&p.Name, &p.Place, &p.Text}
	for _, arg := range args {
		if n, ok := arg.(int); ok {
			*numbers[0], numbers = n, numbers[1:]
		} else {
			*texts[0], texts = fmt.Sprint(arg), texts[1:]
		}
	}
	return p
}

// known returns one of the page's texts. It fails for a code that is not in the catalogue.
func (g tongue) known(code say.Code, args ...any) (string, error) {
	if !say.Has(code) {
		return "", fmt.Errorf("there is no text %q", code)
	}
	return g.text(code, args...), nil
}

// time returns a moment as a person writes it: the hour for today, otherwise with the day. The foot of the page
// names the zone.
func (g tongue) time(t, now time.Time) string {
	t, now = t.In(g.clock.Zone()), now.In(g.clock.Zone())
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	day := fmt.Sprintf("%d %s", t.Day(), g.lang.Month(t.Month()))
	if t.Year() != now.Year() {
		day += t.Format(" 2006")
	}
	return day + t.Format(" 15:04")
}

// span returns a duration in at most two units.
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
