package intake

import (
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/tasks"
)

// maxConsentSource is the longest source of a consent, in characters: a sentence, not a contract.
const maxConsentSource = 500

// consent reads {"source": "…", "at": "…"}.
func (d *decoding) consent(value json.RawMessage) {
	var keys map[string]json.RawMessage
	if json.Unmarshal(value, &keys) != nil || keys == nil {
		d.fail(consent, `consent is an object: write {"source": "…", "at": "2026-11-21T09:00:00Z"}.`)
		return
	}
	c := &tasks.Consent{}
	for name, v := range keys {
		switch {
		case isNull(v):
		case name == "source":
			if json.Unmarshal(v, &c.Source) != nil {
				d.fail(consent, "consent.source is a text: write it in quotes.")
			}
		case name == "at":
			var text string
			at, err := time.Time{}, json.Unmarshal(v, &text)
			if err == nil {
				at, err = time.Parse(time.RFC3339, text)
			}
			if err != nil {
				d.fail(consent, "consent.at is not a time. Write it like 2026-11-21T09:00:00Z.")
				continue
			}
			c.At = &at
		default:
			d.fail(consent, "consent has the keys source and at; %s is neither.", quoted(name))
		}
	}
	d.request.Consent = c
}

// consent reads the two columns. A date alone is its first moment: forms seldom keep more.
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
		return c, rowError(tasks.BadField, consent, "consentAt is not a time: %s.", err)
	}
	c.At = &at.Time
	return c, nil
}

// plainConsent is a consent without stray space; nil for one that says nothing.
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
		return rowError(tasks.BadField, consent, "Consent is required here: say in consent where these people gave it (source) and when (at).")
	}
	switch {
	case c == nil:
		return nil
	case hasControl(c.Source, false) || !utf8.ValidString(c.Source):
		return rowError(tasks.BadField, consent, "consent.source holds control characters or bytes that are no text. Remove them.")
	case utf8.RuneCountInString(c.Source) > maxConsentSource:
		return rowError(tasks.BadField, consent, "consent.source has more than %d characters. Name the source, and keep the rest yourself.", maxConsentSource)
	case c.At != nil && c.At.After(rules.Now.Add(24*time.Hour)): // a date of today may be tomorrow's in UTC
		return rowError(tasks.BadField, consent, "consent.at lies in the future. Give the time at which consent was given.")
	}
	return nil
}
