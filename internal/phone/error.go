package phone

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/rollcallhq/rollcall/internal/say"
)

// Reason says why something is not a telephone number.
type Reason string

// The reasons. They are stable codes: documents carry them.
const (
	Empty     Reason = "empty"
	Exponent  Reason = "exponent"  // a spreadsheet rounded it
	Fraction  Reason = "fraction"  // it has a decimal fraction
	Letters   Reason = "letters"   // it holds letters or other characters that no number has
	Several   Reason = "several"   // two numbers in one text
	Country   Reason = "country"   // no such country code
	Length    Reason = "length"    // no number of that country has this many digits
	NoRegion  Reason = "noRegion"  // no country code, and no home country is known
	Bracketed Reason = "bracketed" // an area code in brackets, and no home country is known
	Ambiguous Reason = "ambiguous" // a whole number in two countries, and neither is the home country
	NoArea    Reason = "noArea"    // a number of the home country without its area code
	NotHome   Reason = "notHome"   // neither a number of the home country nor a whole foreign one
	Group     Reason = "group"     // the chat id of a group, not of a person
)

// Error says why an input is not a telephone number, and how to fix it. It never holds the number
// in clear.
type Error struct {
	Reason Reason
	// Input is what was given, masked and cut short.
	Input string
	// Region is the home country, and Other is the country whose number the input would be. Either can be "". For an
	// ambiguous number they are its two countries.
	Region, Other string
}

func (e *Error) Error() string { return e.Said().String() }

// Said returns the error's phrase, for people.
func (e *Error) Said() say.Phrase {
	p := say.Phrase{Code: codes[e.Reason], Text: strconv.Quote(e.Input), Place: e.Region, Name: e.Other}
	switch {
	case e.Reason == Exponent:
		p.Text = e.Input
	case e.Reason == NotHome && e.Other != "":
		p.Code = say.PhoneForeign
	}
	return p
}

var codes = map[Reason]say.Code{
	Empty: say.PhoneEmpty, Exponent: say.PhoneExponent, Fraction: say.PhoneFraction, Letters: say.PhoneLetters, Several: say.PhoneSeveral,
	Country: say.PhoneCountry, Length: say.PhoneLength, NoRegion: say.PhoneNoRegion, Bracketed: say.PhoneBracketed, Ambiguous: say.PhoneAmbiguous,
	NoArea: say.PhoneNoArea, NotHome: say.PhoneNotHome, Group: say.PhoneGroup,
}

// NewForeign returns the error of a number without + that is valid only in another country than the home country, for
// callers that refuse such a number.
func NewForeign(input, region, country string) *Error {
	return &Error{Reason: NotHome, Input: showNumber(input), Region: region, Other: country}
}

// Show returns a typed text in a form that is safe for a message: short, printable, on one line, with numbers masked.
func Show(s string) string { return short(Mask(strings.ToValidUTF8(s, " "))) }

// showNumber is Show for a text that was typed as a number: digits in the shape of an id or a time are masked too.
func showNumber(s string) string {
	return short(mask(strings.ToValidUTF8(s, " "), func(string, int) int { return 0 }))
}

func short(s string) string {
	const maxLength = 40
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxLength {
		return string(r[:maxLength]) + "…"
	}
	return s
}
