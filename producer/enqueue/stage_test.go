package enqueue

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Recorded groups get their tasks, even if the recording of a later group has already failed.
func TestStage_AFinishedItemGoesOnAlthoughALaterOneHasFailed(t *testing.T) {
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
				<-begun // else the failure could stop item 0 before it begins
				return 0, full
			}
			if n == 0 {
				close(begun)
			}
			<-time.After(time.Second) // item 0 ends after item 1
			return 10 + n, nil
		})
		close(out)
		var went []int
		for n := range out {
			went = append(went, n)
		}
		if !errors.Is(err, full) || !halted || !slices.Equal(went, []int{10}) {
			t.Errorf("got %v with %v, halted %v; want item 0 alone to go on", went, err, halted)
		}
	})
}

// A panic that no goroutine catches would end the caller's program.
func TestStage_APanicEndsTheRunAndNotTheProcess(t *testing.T) {
	t.Parallel()
	in, halted := make(chan int), false
	go func() {
		defer close(in)
		in <- 1
	}()
	err := stage(in, make(chan int), 2, func(error) { halted = true }, func(int) (int, error) { panic("damaged") })
	if err == nil || !strings.HasPrefix(err.Error(), "panic: damaged") || !halted {
		t.Errorf("got %v, halted %v, want the panic as an error", err, halted)
	}
}
