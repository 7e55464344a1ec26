package intake

import (
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// maxConsentSource is the maximum length of a consent's source in characters: a sentence, not a contract.
const maxConsentSource = 500

// The keys of a consent in JSON.
const (
	consentSourceKey field = "consent.source"
	consentAtKey     field = "consent.at"
)

// consent reads {"source": "…", "at": "…"}.
func (d *decoding) consent(value json.RawMessage) {
	var keys map[string]json.RawMessage
	if json.Unmarshal(value, &keys) != nil || keys == nil {
		d.fail(consent, only(say.RowConsentForm))
		return
	}
	c := &tasks.Consent{}
	for name, v := range keys {
		switch {
		case isNull(v):
		case name == "source":
			if json.Unmarshal(v, &c.Source) != nil {
				d.fail(consent, about(say.RowTextForm, consentSourceKey))
			}
		case name == "at":
			var text string
			at, err := time.Time{}, json.Unmarshal(v, &text)
			if err == nil {
				at, err = time.Parse(time.RFC3339, text)
			}
			if err != nil {
				d.fail(consent, only(say.RowConsentAt))
				continue
			}
			c.At = &at
		default:
			d.fail(consent, say.Phrase{Code: say.RowConsentKey, Text: quoted(name)})
		}
	}
	d.request.Consent = c
}

// consent returns the consent in the two columns. A date without a time means the start of that day.
func (v values) consent(o Options) (*tasks.Consent, *tasks.RowError) {
	source, cell := v.one[consentSource], v.one[consentAt]
	if source == "" && cell == "" {
		return nil, nil
	}
	c := &tasks.Consent{Source: source}
	if cell == "" {
		return c, nil
	}
	at, err := o.moment(cell)
	if err != nil {
		return c, rowError(tasks.BadField, consent, say.Phrase{Code: say.RowTimeCell, Name: string(consentAt), Why: []say.Phrase{say.OfError(err)}})
	}
	c.At = &at.Time
	return c, nil
}

// plainConsent returns a consent without stray space, or nil for an empty one.
func plainConsent(c *tasks.Consent) *tasks.Consent {
	if c == nil {
		return nil
	}
	plain := tasks.Consent{Source: cleanText(c.Source), At: c.At}
	if plain == (tasks.Consent{}) {
		return nil
	}
	return &plain
}

func checkConsent(c *tasks.Consent, rules Rules) *tasks.RowError {
	if rules.RequireConsent && (c == nil || c.Source == "" || c.At == nil) {
		return rowError(tasks.BadField, consent, only(say.RowConsentRequired))
	}
	switch {
	case c == nil:
		return nil
	case hasControl(c.Source, false) || !utf8.ValidString(c.Source):
		return rowError(tasks.BadField, consent, about(say.RowControl, consentSourceKey))
	case utf8.RuneCountInString(c.Source) > maxConsentSource:
		return rowError(tasks.BadField, consent, say.Phrase{Code: say.RowConsentLong, N: maxConsentSource})
	case c.At != nil && !Writable(*c.At):
		return rowError(tasks.BadField, consent, about(say.RowTimeYear, consentAtKey))
	case c.At != nil && c.At.After(rules.Now.Add(24*time.Hour)): // a date of today may be tomorrow's in UTC
		return rowError(tasks.BadField, consent, only(say.RowConsentFuture))
	}
	return nil
}
