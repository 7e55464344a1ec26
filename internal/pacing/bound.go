package pacing

import "time"

// Bound is a limit below a pace. Where a field is 0 the pace has its own.
type Bound struct {
	Every  time.Duration `json:"every,omitzero"`
	PerDay int           `json:"perDay,omitzero"`
}

// Within is the pace within a bound: the longer interval, the smaller day. No bound makes a pace
// quicker.
func (p Pace) Within(b Bound) Pace {
	p.Every = max(p.Every, b.Every)
	if b.PerDay > 0 && (p.PerDay == 0 || b.PerDay < p.PerDay) {
		p.PerDay = b.PerDay
	}
	return p
}
