package pacing

import (
	"context"
	"sync"
	"time"
)

// A day begins at midnight of a zone's clock, and has 23, 24 or 25 hours. The scripts are told what they must
// know of a zone (lua/zone.lua).

const dayMicros = 24 * 60 * 60 * 1_000_000

// longestDay is longer than any day that two zones make together. Keys of a day are kept as long.
const longestDay = 26 * 60 * 60 * 1_000_000

var zones sync.Map // name → *time.Location

// Location is the zone of the pace's days and quiet hours. A name that this machine does not know
// counts as UTC.
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

// dayEnd is the first moment from which on the clock of a zone only shows dates after that of t. Where
// clocks are put forward at midnight it is the change; where they are put back, the day is longer.
func dayEnd(t int64, zone *time.Location) int64 {
	at := wall(t).In(zone)
	midnight := (floorDiv(t+offsetAt(at), dayMicros) + 1) * dayMicros // as the clock on the wall counts
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

// The part of a zone's history that a script is told, around the present.
const (
	zoneBehind = 3 * day
	zoneAhead  = 366 * day
)

// clockOf is a zone's clock around a time, for a script: an offset, then moment and offset of each
// change, in µs.
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

// clock is the clock of a pace's zone around the present of the server that keeps a place. Where the
// Pacer does not know that server's time yet, it asks: this machine's clock decides nothing.
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
