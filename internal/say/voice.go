package say

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/rollcallhq/rollcall/internal/template"
)

// Speech is what a voice can say: a Phrase, or Texts.
type Speech interface{ Said(v Voice) string }

// Voice says phrases to one reader.
type Voice struct {
	Language Language // "" is English
	// Time writes a moment by the reader's clock. Nil writes RFC 3339 in UTC.
	Time func(time.Time) string
}

// Say makes a sentence of a phrase. A code that is not in the catalogue is said as it is: a newer version may
// have stored it.
func (v Voice) Say(p Phrase) string {
	if p.Zero() {
		return ""
	}
	if p.Code == Verbatim {
		return p.Text
	}
	texts, known := catalogue[p.Code]
	if !known {
		return string(p.Code)
	}
	text := texts.Of(v.Language)
	if !strings.Contains(text, "{{") {
		return text
	}
	said, err := parsed(text).Fill(line{p, v}.value)
	if err != nil { // a test says every code
		return string(p.Code)
	}
	return said
}

// Code says a sentence that has no parameters.
func (v Voice) Code(c Code) string { return v.Say(Phrase{Code: c}) }

func (v Voice) moment(t time.Time) string {
	if v.Time == nil {
		return t.UTC().Format(time.RFC3339)
	}
	return v.Time(t)
}

var templates sync.Map // by text

func parsed(text string) *template.Template {
	if t, ok := templates.Load(text); ok {
		return t.(*template.Template) //nolint:forcetypeassert // nothing else is stored
	}
	t, err := template.Parse(text)
	if err != nil {
		panic(fmt.Sprintf("say: %q: %v", text, err)) // a test says every code
	}
	templates.Store(text, t)
	return t
}

// line is what a text's fields refer to: the parameters of a phrase, as its reader is told them.
type line struct {
	Phrase

	voice Voice
}

// value is what a field of a text stands for; nil for one that there is not.
func (l line) value(field string, arguments ...string) any {
	switch field {
	case "Name":
		return l.Name
	case "Place":
		return l.Place
	case "Kind":
		return l.Kind
	case "Text":
		return l.Text
	case "N":
		return l.N
	case "M":
		return l.M
	case "Of":
		return l.Of
	case "PerDay":
		return l.PerDay
	case "Every":
		return Duration(l.Every)
	case "From":
		return TimeOfDay(l.From)
	case "To":
		return TimeOfDay(l.To)
	case "At":
		return l.voice.moment(l.At)
	case "Until":
		return l.voice.moment(l.Until)
	case "Why": // the reasons, with commas between them
		return l.whys(", ")
	case "Whys": // the reasons, with semicolons between them
		return l.whys("; ")
	case "First":
		return l.reason(0)
	case "Second":
		return l.reason(1)
	case "Dated": // has At
		return !l.At.IsZero()
	case "Timed": // has Until
		return !l.Until.IsZero()
	case "Known":
		return len(l.Why) > 0 && l.Why[0].Code == About
	case "Paced": // has Every
		return l.Every > 0
	case "Redirected": // N is such an HTTP status
		return l.N >= 300 && l.N < 400
	case "Pace": // how often something happens
		return l.as(Rhythm)
	case "Calls": // what waits for the pace of invitations
		return l.as(callsWaiting)
	case "Word": // one of our words by its family and name
		if len(arguments) == 2 {
			return l.voice.word(arguments[0], arguments[1])
		}
	}
	return nil
}

// word says one of our words; a name without a word is said as it is.
func (v Voice) word(family, name string) string {
	if c := Code(family + ":" + name); Has(c) {
		return v.Code(c)
	}
	return name
}

// reason says one of the reasons, counted from 0; "" where there is none.
func (l line) reason(i int) string {
	if i >= len(l.Why) {
		return ""
	}
	return l.voice.Say(l.Why[i])
}

func (l line) whys(between string) string {
	all := make([]string, len(l.Why))
	for i, p := range l.Why {
		all[i] = l.voice.Say(p)
	}
	return strings.Join(all, between)
}

// as says the parameters by another code.
func (l line) as(c Code) string {
	p := l.Phrase
	p.Code = c
	return l.voice.Say(p)
}

// Duration is a duration as people write it: 5m, not 5m0s.
func Duration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// TimeOfDay is a time of day, given since midnight.
func TimeOfDay(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d/time.Hour)%24, int(d%time.Hour/time.Minute))
}
