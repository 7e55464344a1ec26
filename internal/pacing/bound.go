package pacing

import "time"

// Bound is a limit on a pace. A field that is 0 does not limit.
type Bound struct {
	Every  time.Duration `json:"every,omitzero"`
	PerDay int           `json:"perDay,omitzero"`
}

// Within returns the pace limited by a bound: the longer interval and the smaller day cap. A bound never makes a pace
// faster.
func (p Pace) Within(b Bound) Pace {
	p.Every = max(p.Every, b.Every)
	if b.PerDay > 0 && (p.PerDay == 0 || b.PerDay < p.PerDay) {
		p.PerDay = b.PerDay
	}
	return p
}
