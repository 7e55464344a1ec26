package operate

import (
	"time"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// longestFor bounds pauses and paces that end: a later end is most likely a typing error.
const longestFor = 366 * 24 * time.Hour

// MaxReason is how many code points the reason of a person may have: each group that waits for it shows it.
const MaxReason = 500

// short returns an error for a reason that is longer than MaxReason.
func short(reason string) error {
	if n := utf8.RuneCountInString(reason); n > MaxReason {
		return &ChangeError{"reason", say.Phrase{Code: say.ReasonLong, N: n, M: MaxReason}}
	}
	return nil
}

// Ending is when a pause or a slower pace ends, as people write it. If both fields are empty, it lasts until a
// person ends it.
type Ending struct {
	// For is a duration, such as 2h.
	For string
	// Until is an RFC 3339 time. Without a zone it is in the instance's pacing.zone.
	Until string
}

// untilLayouts are the ways to write a moment without a zone; the last two come from a browser's field.
var untilLayouts = []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04"}

// at returns the time of an ending, counted from now; zero means until a person ends it. i is nil for an instance
// that no worker has announced.
func (e Ending) at(i *store.Instance, name string, now time.Time) (time.Time, error) {
	switch {
	case e.For != "" && e.Until != "":
		return time.Time{}, &ChangeError{"until", say.Phrase{Code: say.EndTwice}}
	case e.For != "":
		d, err := time.ParseDuration(e.For)
		if err != nil || d <= 0 || d > longestFor {
			return time.Time{}, &ChangeError{"for", say.Phrase{Code: say.EndForRange, Text: e.For, Every: longestFor}}
		}
		return now.Add(d), nil
	case e.Until == "":
		return time.Time{}, nil
	}
	until, err := e.until(i, name)
	switch {
	case err != nil:
		return time.Time{}, err
	case !until.After(now):
		return time.Time{}, &ChangeError{"until", say.Phrase{Code: say.EndPast, Until: until, At: now}}
	case until.Sub(now) > longestFor:
		return time.Time{}, &ChangeError{"until", say.Phrase{Code: say.EndFar, Until: until, Every: longestFor}}
	}
	return until, nil
}

// until parses Until.
func (e Ending) until(i *store.Instance, name string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, e.Until); err == nil {
		return at.UTC(), nil
	}
	for _, layout := range untilLayouts {
		at, err := time.ParseInLocation(layout, e.Until, zoneOf(i))
		switch {
		case err != nil:
		case i == nil:
			return time.Time{}, &ChangeError{"until", say.Phrase{Code: say.EndNoZone, Name: name, Text: e.Until}}
		default:
			return at.UTC(), nil
		}
	}
	return time.Time{}, &ChangeError{"until", say.Phrase{Code: say.EndUnread, Text: e.Until}}
}

// zoneOf returns the pacing.zone of an instance.
func zoneOf(i *store.Instance) *time.Location {
	if i == nil {
		return time.UTC
	}
	return i.Pace(pacing.Create).Location()
}

// untilOf returns the end of a pause or a pace for the audit log, or the zero phrase if it has none.
func untilOf(until time.Time) say.Phrase {
	if until.IsZero() {
		return say.Phrase{}
	}
	return say.Phrase{Code: say.AuditUntil, Until: until}
}
