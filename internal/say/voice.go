package say

import (
	"fmt"
	"strings"
	"sync"
	"text/template"
	"time"
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
	var b strings.Builder
	if err := parsed(text).Execute(&b, line{p, v}); err != nil { // a test says every code
		return string(p.Code)
	}
	return b.String()
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
	t := template.Must(template.New("").Parse(text))
	templates.Store(text, t)
	return t
}

// line is what a text's places refer to: the parameters of a phrase, as its reader is told them.
type line struct {
	Phrase

	voice Voice
}

func (l line) At() string    { return l.voice.moment(l.Phrase.At) }
func (l line) Until() string { return l.voice.moment(l.Phrase.Until) }
func (l line) Every() string { return Duration(l.Phrase.Every) }
func (l line) From() string  { return TimeOfDay(l.Phrase.From) }
func (l line) To() string    { return TimeOfDay(l.Phrase.To) }
func (l line) Timed() bool   { return !l.Phrase.Until.IsZero() }
func (l line) Dated() bool   { return !l.Phrase.At.IsZero() }
func (l line) Known() bool   { return len(l.Phrase.Why) > 0 && l.Phrase.Why[0].Code == About }
func (l line) Paced() bool   { return l.Phrase.Every > 0 }

// Why says the reasons, with commas between them.
func (l line) Why() string { return l.whys(", ") }

// Reason says one of the reasons, counted from 0; "" where there is none.
func (l line) Reason(i int) string {
	if i >= len(l.Phrase.Why) {
		return ""
	}
	return l.voice.Say(l.Phrase.Why[i])
}

// Whys says the reasons, with semicolons between them.
func (l line) Whys() string { return l.whys("; ") }

func (l line) whys(between string) string {
	all := make([]string, len(l.Phrase.Why))
	for i, p := range l.Phrase.Why {
		all[i] = l.voice.Say(p)
	}
	return strings.Join(all, between)
}

// Pace says how often something happens, Calls what waits for the pace of invitations.
func (l line) Pace() string  { return l.as(Rhythm) }
func (l line) Calls() string { return l.as(callsWaiting) }

// Word says one of our words by its family and name; a name without a word is said as it is.
func (l line) Word(family, name string) string {
	if c := Code(family + ":" + name); Has(c) {
		return l.voice.Code(c)
	}
	return name
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
