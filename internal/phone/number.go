package phone

import (
	"fmt"
	"strings"
)

// Number is a telephone number in E.164, "+5511…". Every way of printing it (fmt, JSON, a log) gives the masked form.
// Only E164 and Digits give the clear one. So store E164(), and read it back with Number(stored). Do not use a Number
// as a map key in JSON: encoding/json writes string keys in clear, without MarshalText.
type Number string

// E164 returns the number in clear, with its plus.
func (n Number) E164() string { return string(n) }

// Digits returns the number in clear, without the plus, as providers expect it.
func (n Number) Digits() string { return strings.TrimPrefix(string(n), "+") }

// Identity returns the identity of the person with this number.
func (n Number) Identity() Identity { return Identity{Digits: n.Digits()} }

// String returns the masked form, "+5511•••••9999".
func (n Number) String() string { return maskDigits(string(n)) }

// GoString returns the masked form, so that %#v of a struct is safe too.
func (n Number) GoString() string { return `phone.Number("` + n.String() + `")` }

// Format masks the number for every verb; without it %x and %d would print the clear bytes.
func (n Number) Format(f fmt.State, verb rune) {
	switch {
	case verb == 'q':
		_, _ = fmt.Fprintf(f, "%q", n.String())
	case verb == 'v' && f.Flag('#'):
		_, _ = fmt.Fprint(f, n.GoString())
	default:
		_, _ = fmt.Fprintf(f, fmt.FormatString(f, 's'), n.String())
	}
}

// MarshalText returns the masked form: a number reaches JSON in clear only through E164.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.String()), nil }
