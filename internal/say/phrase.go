package say

import (
	"errors"
	"slices"
	"time"
)

// Code names a sentence.
type Code string

// Said says a sentence that has no parameters.
func (c Code) Said(v Voice) string { return v.Code(c) }

// Phrase is something to be said: a code and its parameters. The zero value says nothing. Each sentence uses
// the parameters that it needs and leaves out the others.
type Phrase struct {
	Code  Code   `cbor:"1,keyasint,omitempty" json:"code,omitempty"`
	Name  string `cbor:"2,keyasint,omitempty" json:"name,omitempty"`  // what the sentence is about, mostly an instance
	Place string `cbor:"3,keyasint,omitempty" json:"place,omitempty"` // where: a pool, a queue, a zone, a worker
	Kind  string `cbor:"4,keyasint,omitempty" json:"kind,omitempty"`  // one of a few words of ours, such as create and invite
	Text  string `cbor:"5,keyasint,omitempty" json:"text,omitempty"`  // words from outside: a provider's, a person's

	N  int `cbor:"6,keyasint,omitempty" json:"n,omitempty"`
	M  int `cbor:"7,keyasint,omitempty" json:"m,omitempty"`
	Of int `cbor:"8,keyasint,omitempty" json:"of,omitempty"`

	PerDay int `cbor:"15,keyasint,omitempty" json:"perDay,omitempty"` // 0 for no cap

	Every time.Duration `cbor:"9,keyasint,omitempty" json:"every,omitempty"`
	From  time.Duration `cbor:"10,keyasint,omitempty" json:"from,omitempty"` // since midnight
	To    time.Duration `cbor:"11,keyasint,omitempty" json:"to,omitempty"`

	At    time.Time `cbor:"12,keyasint,omitzero" json:"at,omitzero"`
	Until time.Time `cbor:"13,keyasint,omitzero" json:"until,omitzero"`

	Why []Phrase `cbor:"14,keyasint,omitempty" json:"why,omitempty"`
}

// Words is the phrase of words from outside, which are said as they are in every language.
func Words(text string) Phrase {
	if text == "" {
		return Phrase{}
	}
	return Phrase{Code: Verbatim, Text: text}
}

// spoken is a phrase that is an error.
type spoken struct{ why Phrase }

func (e *spoken) Error() string { return e.why.String() }
func (e *spoken) Said() Phrase  { return e.why }

// NewError is an error that says a code.
func NewError(c Code) error { return &spoken{Phrase{Code: c}} }

// OfError is the phrase that an error brings along. The text of any other is a quotation.
func OfError(err error) Phrase {
	var told interface{ Said() Phrase }
	if errors.As(err, &told) {
		return told.Said()
	}
	return Phrase{Code: Quoted, Text: err.Error()}
}

// Untyped is the phrase without the words from outside, for where none of them may be kept.
func (p Phrase) Untyped() Phrase {
	if p.Code == Verbatim {
		return Phrase{}
	}
	p.Text = ""
	why := make([]Phrase, 0, len(p.Why))
	for _, w := range p.Why {
		if w = w.Untyped(); !w.Zero() {
			why = append(why, w)
		}
	}
	p.Why = why
	return p
}

// Zero says that there is nothing to say.
func (p Phrase) Zero() bool { return p.Code == "" }

// Is reports whether the phrase has one of the codes.
func (p Phrase) Is(codes ...Code) bool { return slices.Contains(codes, p.Code) }

// String says the phrase in English, its moments as RFC 3339 in UTC: as logs and JSON documents have it.
func (p Phrase) String() string { return Voice{}.Say(p) }

// Said says the phrase by a voice.
func (p Phrase) Said(v Voice) string { return v.Say(p) }

// MarshalText is String.
func (p Phrase) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a sentence as words from outside: what it says is no longer known.
func (p *Phrase) UnmarshalText(text []byte) error {
	*p = Words(string(text))
	return nil
}
