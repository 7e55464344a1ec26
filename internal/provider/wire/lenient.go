package wire

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// The types here read what the providers send instead of what they document. Bool, Text and Moment never fail on a
// value of the wrong type: an optional field must not make a created group unreadable.

// Bool is a boolean that may be a word or a number: lists say "true", settings "yes".
type Bool uint8

// The values of a Bool. Unsaid also represents null and any unreadable value.
const (
	Unsaid Bool = iota
	No
	Yes
)

// Told returns the boolean, or nil if it is unknown.
func (b Bool) Told() *bool {
	if b == Unsaid {
		return nil
	}
	yes := b == Yes
	return &yes
}

// UnmarshalJSON never fails.
func (b *Bool) UnmarshalJSON(data []byte) error {
	switch strings.ToLower(strings.Trim(string(data), `" `)) {
	case "true", "1", "yes":
		*b = Yes
	case "false", "0", "no":
		*b = No
	default:
		*b = Unsaid
	}
	return nil
}

// Text is a string that may come as a number, such as a telephone number; "" for everything else.
type Text string

// UnmarshalJSON never fails.
func (t *Text) UnmarshalJSON(data []byte) error {
	*t = ""
	switch {
	case len(data) == 0:
	case data[0] == '"':
		var s string
		if json.Unmarshal(data, &s) == nil {
			*t = Text(s)
		}
	case data[0] == '-' || data[0] >= '0' && data[0] <= '9':
		*t = Text(data)
		if f, err := strconv.ParseFloat(string(data), 64); err == nil && bytes.ContainsAny(data, ".eE") {
			*t = Text(strconv.FormatFloat(f, 'f', -1, 64)) // 7.9e10: a number that went through a spreadsheet
		}
	}
	return nil
}

// Moment is a time in seconds or milliseconds, as a number or a string.
type Moment struct{ time.Time }

// UnmarshalJSON never fails.
func (m *Moment) UnmarshalJSON(data []byte) error {
	m.Time = time.Time{}
	f, err := strconv.ParseFloat(strings.Trim(string(data), `" `), 64)
	switch {
	case err != nil || f <= 0 || f >= 1e14:
	case f >= 1e11: // seconds reach this in the year 5138, milliseconds did in 1973
		m.Time = time.UnixMilli(int64(f)).UTC()
	default:
		m.Time = time.Unix(int64(f), 0).UTC()
	}
	return nil //nolint:nilerr // a text that is not a number gives no time
}

// Some is a list that may come as a single element without the brackets.
type Some[T any] []T

// UnmarshalJSON reads an array, an object or null.
func (s *Some[T]) UnmarshalJSON(data []byte) error {
	*s = nil
	if len(data) > 0 && data[0] == '{' {
		var one T
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		*s = Some[T]{one}
		return nil
	}
	return json.Unmarshal(data, (*[]T)(s))
}

// List reads a body that must be an array. Anything else is an error, even null, because an empty list means that a
// group does not exist.
func List[T any](body []byte, into *[]T) error {
	*into = nil
	if err := json.Unmarshal(body, into); err != nil {
		return err
	}
	if *into == nil {
		return errNoList
	}
	return nil
}
