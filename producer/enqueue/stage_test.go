package enqueue

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Recorded groups get their tasks at once, even if the recording of later ones has failed by then.
func TestStage_ADoneStageGoesOnAlthoughALaterOneHasFailed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in, out := make(chan int), make(chan int, 5)
		go func() {
			defer close(in)
			for n := range 5 {
				in <- n
			}
		}()
		full := errors.New("Redis is full")
		begun, halted := make(chan struct{}), false
		err := stage(in, out, 2, func(error) { halted = true }, func(n int) (int, error) {
			if n == 1 {
				<-begun // or the first, which may come second here, is not begun at all
				return 0, full
			}
			if n == 0 {
				close(begun)
			}
			<-time.After(time.Second) // the first ends after the second
			return 10 + n, nil
		})
		close(out)
		var went []int
		for n := range out {
			went = append(went, n)
		}
		if !errors.Is(err, full) || !halted || !slices.Equal(went, []int{10}) {
			t.Errorf("got %v with %v, halted %v; want the first alone to go on", went, err, halted)
		}
	})
}
