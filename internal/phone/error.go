package phone

import (
	"fmt"
	"strings"
	"unicode"
)

// Reason names why something is no telephone number.
type Reason string

// The reasons. They are codes: documents carry them, and they keep their names.
const (
	Empty     Reason = "empty"
	Exponent  Reason = "exponent"  // a spreadsheet rounded it
	Fraction  Reason = "fraction"  // it has a decimal fraction
	Letters   Reason = "letters"   // it holds what no number holds
	Several   Reason = "several"   // two numbers in one place
	Country   Reason = "country"   // no such country code
	Length    Reason = "length"    // no number of that country has so many digits
	NoRegion  Reason = "noRegion"  // no country code, and no home country is known
	Bracketed Reason = "bracketed" // an area code in brackets, and no home country is known
	Ambiguous Reason = "ambiguous" // a whole number in two countries, and neither is the home
	NoArea    Reason = "noArea"    // the home country's, without an area code
	NotHome   Reason = "notHome"   // neither a number of the home country nor a whole foreign one
	Group     Reason = "group"     // the chat id of a group, not of a person
)

// Error says why an input is no telephone number, and how to mend it. It never holds the number
// in clear.
type Error struct {
	Reason Reason
	// Input is what was given, masked and cut short.
	Input string
	// Sentence says what is wrong, Remedy what to do.
	Sentence string
	Remedy   string
}

func (e *Error) Error() string { return e.Sentence + " " + e.Remedy }

func newError(reason Reason, input, region string) *Error {
	e := &Error{Reason: reason, Input: Show(input)}
	e.Sentence, e.Remedy = words(reason, e.Input, region)
	return e
}

// NewForeign is the error of a number without + that would be one of another country than the home, for callers
// that take no such number.
func NewForeign(input, region, country string) *Error {
	e := newError(NotHome, input, region)
	e.Sentence = fmt.Sprintf("Phone %q would be a number of %s, and the home country is %s.", e.Input, country, region)
	return e
}

func words(reason Reason, input, region string) (sentence, remedy string) {
	const international = "Write it with + and the country code."
	switch reason {
	case Empty:
		return "There is no phone number.", international
	case Exponent:
		return fmt.Sprintf("A spreadsheet shortened the phone to %s, and its last digits are lost.", input),
			"Format the column as text in the spreadsheet, enter the number again and export the file again."
	case Fraction:
		return fmt.Sprintf("%q is not a phone number: it has a decimal fraction.", input),
			"Format the column as text in the spreadsheet, or send the number as a text in quotes."
	case Letters:
		return fmt.Sprintf("%q is not a phone number: it holds more than digits, spaces, dots, dashes and brackets.", input),
			"Keep only the number in this place."
	case Several:
		return fmt.Sprintf("%q looks like several phone numbers in one.", input),
			"Separate the numbers with a comma, or write each in its own cell."
	case Group:
		return fmt.Sprintf("%q is not the chat id of a person.", input),
			"A person's chat id is the number with its country code and @c.us behind it."
	case Country:
		return fmt.Sprintf("%q does not begin with a country code that exists.", input), international
	case NoRegion:
		return fmt.Sprintf("Phone %q has no country code.", input),
			"Add --region BR (the country of such numbers), or write it with + and the country code."
	case Bracketed:
		return fmt.Sprintf("Phone %q has an area code in brackets and no country code.", input),
			"Add --region BR (the country of such numbers), or write it with + and the country code."
	case NoArea:
		return fmt.Sprintf("Phone %q has no area code.", input),
			fmt.Sprintf("Write the area code in front of it: the number is read as one of %s.", region)
	case NotHome:
		return fmt.Sprintf("%q is not a valid number of %s, nor of another country with its country code in front.", input, region),
			"Check it digit by digit; write a number of another country with + and the country code."
	default:
		return fmt.Sprintf("%q has too few or too many digits for a phone number of its country.", input),
			"Check it digit by digit; write it with + and the country code."
	}
}

func ambiguousWords(input string, countries [2]string) (sentence, remedy string) {
	return fmt.Sprintf("Phone %q can be a number of %s or one of %s.", input, countries[0], countries[1]),
		fmt.Sprintf("Write it with + and the country code, or add --region %s or --region %s.", countries[0], countries[1])
}

// Show makes a typed text fit for a message: numbers masked, one line, printable, short.
func Show(s string) string {
	const most = 40
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, Mask(strings.ToValidUTF8(s, " ")))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
