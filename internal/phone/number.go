package phone

import (
	"fmt"
	"strings"
)

// Number is a telephone number in E.164, "+5511…". Every way of printing it (fmt, JSON, a log) gives the masked form;
// the clear one must be asked for by name. So store E164(), and read it back with Number(stored). As the key of a map
// encoding/json writes it in clear, because there it does not call MarshalText.
type Number string

// E164 is the clear form with its plus.
func (n Number) E164() string { return string(n) }

// Digits is the clear form without the plus, as both providers want it.
func (n Number) Digits() string { return strings.TrimPrefix(string(n), "+") }

// Identity is this number as evidence of who a person is.
func (n Number) Identity() Identity { return Identity{Digits: n.Digits()} }

// String is the masked form, "+5511•••••9999".
func (n Number) String() string { return maskDigits(string(n)) }

// GoString is the masked form, so that %#v of a struct is safe too.
func (n Number) GoString() string { return `phone.Number("` + n.String() + `")` }

// Format masks whatever the verb: without it %x and %d would print the clear bytes.
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

// MarshalText is the masked form: a number reaches JSON in clear only through E164.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.String()), nil }
