package pacing

import (
	"context"
	"sync"
	"time"
)

// A day begins at midnight of a zone's clock, and mostly has 23, 24 or 25 hours. The scripts get the clock of a zone as
// arguments (lua/zone.lua).

const dayMicros = 24 * 60 * 60 * 1_000_000

// longestDay is how far ahead the end of a day can be at most, in µs.
const longestDay = 26 * 60 * 60 * 1_000_000

var zones sync.Map // name → *time.Location

// Location returns the zone of the pace's days and quiet hours, or UTC if this machine does not know its name.
func (p Pace) Location() *time.Location {
	if p.Zone == "" {
		return time.UTC
	}
	if known, ok := zones.Load(p.Zone); ok {
		return known.(*time.Location)
	}
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		zone = time.UTC
	}
	zones.Store(p.Zone, zone)
	return zone
}

// dayEnd returns the end of the day of t in a zone: the first moment after which the zone's clock shows only later
// dates. If the clock is put forward at midnight, the day ends at the change; if it is put back, the day is longer.
func dayEnd(t int64, zone *time.Location) int64 {
	at := wall(t).In(zone)
	midnight := (floorDiv(t+offsetAt(at), dayMicros) + 1) * dayMicros // in local time
	end := int64(0)
	for from := t; from < t+2*dayMicros; {
		_, change := at.ZoneBounds()
		turns := midnight - offsetAt(at)
		if turns > from {
			end = turns
			if !change.IsZero() {
				end = min(end, change.UnixMicro())
			}
		}
		if change.IsZero() {
			break
		}
		at, from = change.In(zone), change.UnixMicro()
	}
	return end
}

func offsetAt(t time.Time) int64 {
	_, seconds := t.Zone()
	return int64(seconds) * 1_000_000
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// The span around the present for which a script gets a zone's clock.
const (
	zoneBehind = 3 * day
	zoneAhead  = 366 * day
)

// clockOf returns a zone's clock around a time, for a script: an offset, then the time and the offset of each change,
// in µs.
func clockOf(zone *time.Location, around time.Time) []any {
	at := around.Add(-zoneBehind).In(zone)
	clock := []any{offsetAt(at)}
	for {
		_, change := at.ZoneBounds()
		if change.IsZero() || change.After(around.Add(zoneAhead)) {
			return clock
		}
		at = change.In(zone)
		clock = append(clock, change.UnixMicro(), offsetAt(at))
	}
}

// clock returns the clock of a pace's zone around the present of the server that holds a place. If the Pacer does not
// know that server's time yet, it asks: this machine's clock decides nothing.
func (p *Pacer) clock(ctx context.Context, place string, kind Kind, pace Pace) ([]any, error) {
	zone := pace.Location()
	if zone == time.UTC {
		return []any{0}, nil
	}
	if !p.offset(tag(place)).known {
		if _, _, err := p.run(ctx, tag(place), p.scripts.hold, []string{p.paceKey(place, kind)}, "", 0, ""); err != nil {
			return nil, err
		}
	}
	now := p.now()
	return clockOf(zone, wall(p.offset(tag(place)).redis(now, now).Microseconds())), nil
}
