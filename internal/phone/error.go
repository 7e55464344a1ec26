package phone

import (
	"fmt"
	"strings"
	"unicode"
)

// Reason names why something is no telephone number.
type Reason string

// The reasons.
const (
	Empty    Reason = "empty"
	Exponent Reason = "exponent" // a spreadsheet rounded it
	Letters  Reason = "letters"  // it holds what no number holds
	Several  Reason = "several"  // two numbers in one place
	Country  Reason = "country"  // no such country code
	Length   Reason = "length"   // no number of that country has so many digits
	Group    Reason = "group"    // the chat id of a group, not of a person
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

func words(reason Reason, input, region string) (sentence, remedy string) {
	international := "Write it with + and the country code."
	switch reason {
	case Empty:
		return "There is no phone number.", international
	case Exponent:
		return fmt.Sprintf("A spreadsheet shortened the phone to %s, and the last digits are lost.", input),
			"Format the column as text in the spreadsheet, enter the number again and export the file anew."
	case Letters:
		return fmt.Sprintf("%q is not a phone number: it holds more than digits, spaces, dots, dashes and brackets.", input),
			"Leave the number alone in its place; an extension cannot be on WhatsApp."
	case Several:
		return fmt.Sprintf("%q looks like several phone numbers in one.", input),
			"Write each number by itself."
	case Group:
		return fmt.Sprintf("%q is not the chat id of a person.", input),
			"A person's chat id is the number with its country code and @c.us behind it."
	case Country:
		if region == "" {
			return fmt.Sprintf("%q does not begin with a country code.", input),
				international + " Or say which country such numbers belong to (--region BR)."
		}
		return fmt.Sprintf("%q is neither a number of %s nor does it begin with a country code.", input, region), international
	default:
		return fmt.Sprintf("%q has too few or too many digits for a phone number of its country.", input),
			"Check it digit by digit; write it with + and the country code."
	}
}

// Show makes somebody's text fit for a message: numbers masked, one line, printable, short.
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
