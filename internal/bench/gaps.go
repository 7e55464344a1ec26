package bench

import (
	"context"
	"slices"
	"sync"
	"time"
)

// arrivals records when creates reach the provider, by instance.
type arrivals struct {
	mu sync.Mutex
	at map[string][]time.Time
}

func (a *arrivals) note(instance string, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.at == nil {
		a.at = make(map[string][]time.Time)
	}
	a.at[instance] = append(a.at[instance], at)
}

// from waits until creates have come from so many instances.
func (a *arrivals) from(ctx context.Context, instances int) error {
	for {
		a.mu.Lock()
		n := len(a.at)
		a.mu.Unlock()
		if n >= instances {
			return nil
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}

// gaps are the times between two creates of an instance, the shortest first.
type gaps []time.Duration

func (a *arrivals) gaps() (all gaps) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, times := range a.at {
		slices.SortFunc(times, time.Time.Compare)
		for i := 1; i < len(times); i++ {
			all = append(all, times[i].Sub(times[i-1]))
		}
	}
	slices.Sort(all)
	return all
}

// mean returns the mean gap.
func (g gaps) mean() time.Duration {
	var sum time.Duration
	for _, one := range g {
		sum += one
	}
	return sum / time.Duration(len(g))
}

// figures compares the gaps with a floor. There must be at least one gap.
func (g gaps) figures(floor time.Duration) []Measurement {
	violations, _ := slices.BinarySearch(g, floor)
	return []Measurement{
		{"violations", float64(violations), ""},
		{"gaps", float64(len(g)), ""},
		{"floor", milliseconds(floor), "ms"},
		{"shortest gap", milliseconds(g[0]), "ms"},
		{"median", milliseconds(g[len(g)/2]), "ms"},
		{"p99", milliseconds(g[len(g)*99/100]), "ms"},
	}
}
