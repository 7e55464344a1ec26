package store

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
)

// epoch writes moments as milliseconds since a group's creation, because most lie within the hour after it and then
// take three bytes instead of nine.
type epoch struct{ ms int64 }

func since(created time.Time) epoch { return epoch{created.UnixMilli()} }

// ago returns 0 for the zero time, and otherwise the milliseconds since the creation, plus one unless t is before it.
func (e epoch) ago(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	d := t.UnixMilli() - e.ms
	if d >= 0 {
		d++
	}
	return d
}

func (e epoch) moment(d int64) time.Time {
	if d == 0 {
		return time.Time{}
	}
	if d > 0 {
		d--
	}
	return readable(e.ms + d)
}

// later returns what ago does, but 0 for the creation itself. It is for moments that usually are the creation.
func (e epoch) later(t time.Time) int64 {
	if t.UnixMilli() == e.ms {
		return 0
	}
	return e.ago(t)
}

func (e epoch) laterMoment(d int64) time.Time {
	if d == 0 {
		return readable(e.ms)
	}
	return e.moment(d)
}

func (e epoch) looking(l group.Looking) looking {
	return looking{From: e.ago(l.From), Until: e.ago(l.Until), Looks: l.Looks, Failures: l.Failures}
}

func (e epoch) looked(l looking) group.Looking {
	return group.Looking{From: e.moment(l.From), Until: e.moment(l.Until), Looks: l.Looks, Failures: l.Failures}
}

// The first and last moments that RFC 3339, and so a document, can hold, in milliseconds.
const (
	firstMoment = -62167219200000
	lastMoment  = 253402300799999
)

// readable reads a stored moment. It moves a damaged one into the range that a document can hold.
func readable(ms int64) time.Time {
	return time.UnixMilli(min(max(ms, firstMoment), lastMoment)).UTC()
}

// millis returns t in milliseconds, or 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return readable(ms)
}
