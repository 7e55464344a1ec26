// Package clock writes times for people. A view has one clock, and shows its zone beside each time.
//
// A stored sentence carries its times as RFC 3339 in UTC, as every machine format does. When the sentence is shown to a
// person, Say rewrites those times in the zone of the view's clock.
package clock

import (
	"regexp"
	"time"
)

// Clock is the clock of a view. The zero value uses UTC.
type Clock struct{ zone *time.Location }

// In returns the clock of a zone; nil is UTC.
func In(zone *time.Location) Clock { return Clock{zone} }

// Zone returns the clock's zone.
func (c Clock) Zone() *time.Location {
	if c.zone == nil {
		return time.UTC
	}
	return c.zone
}

// Time writes a time to the minute with its zone, as 2026-11-28 14:03 -03. It leaves out the day if that is the day of
// now.
func (c Clock) Time(t, now time.Time) string {
	t, now = t.In(c.Zone()), now.In(c.Zone())
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04 MST")
	}
	return t.Format("2006-01-02 15:04 MST")
}

// Stamp writes a time to the second for programs that read text, as 2026-11-28T14:03:05-03:00.
func (c Clock) Stamp(t time.Time) string { return t.In(c.Zone()).Format(time.RFC3339) }

// moments finds the times in a sentence.
var moments = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z\b`)

// Say returns the sentence with each of its times replaced by what write returns for it.
func Say(sentence string, write func(time.Time) string) string {
	return moments.ReplaceAllStringFunc(sentence, func(text string) string {
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return text
		}
		return write(t)
	})
}
