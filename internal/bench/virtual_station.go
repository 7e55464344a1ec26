package bench

import "time"

// station is one core that serves operations one after the other, in the order in which they come. Its idle work
// takes a constant share of the core, which makes operations longer.
type station struct {
	idle    float64 // share of the core
	free    int64   // µs
	minutes []float64
}

// serve returns when an operation that comes now is done.
func (s *station) serve(now int64, cost time.Duration) int64 {
	began := max(now, s.free)
	took := float64(cost) / float64(time.Microsecond) / (1 - s.idle)
	s.free = began + int64(took)
	minute := int(began / time.Minute.Microseconds())
	for len(s.minutes) <= minute {
		s.minutes = append(s.minutes, 0)
	}
	s.minutes[minute] += float64(cost) / float64(time.Minute)
	return s.free
}

// shares returns how busy the core was until now: on average, and in its busiest minute.
func (s *station) shares(now int64) (mean, peak float64) {
	for _, m := range s.minutes {
		mean += m
		peak = max(peak, m)
	}
	return mean/max(1, float64(now)/float64(time.Minute.Microseconds())) + s.idle, min(1, peak+s.idle)
}

// events is a heap with four children a node, the next event first.
type events []event

func (h *events) any() bool { return len(*h) > 0 }

func (h *events) push(e event) {
	*h = append(*h, e)
	s := *h
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 4
		if s[up].at <= e.at {
			break
		}
		s[i] = s[up]
		i = up
	}
	s[i] = e
}

func (h *events) pop() event {
	s := *h
	first, last := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	*h = s
	for i := 0; len(s) > 0; {
		firstChild := 4*i + 1
		if firstChild >= len(s) {
			s[i] = last
			break
		}
		down := firstChild
		for k := firstChild + 1; k < min(firstChild+4, len(s)); k++ {
			if s[k].at < s[down].at {
				down = k
			}
		}
		if last.at <= s[down].at {
			s[i] = last
			break
		}
		s[i] = s[down]
		i = down
	}
	return first
}
