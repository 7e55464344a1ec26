package callback

import (
	"strconv"
	"testing"
	"time"
)

func TestRepetitions_ForgetsTheOthersOnlyForANewOne(t *testing.T) {
	t.Parallel()
	var r repetitions
	now := time.Now()
	for i := range maxRefused {
		r.first("alpha", []byte(strconv.Itoa(i)), true, now)
	}
	if r.first("alpha", []byte("7"), true, now) || r.first("alpha", []byte("8"), true, now) {
		t.Error("a repetition at the limit is taken for a first, want all of them known")
	}
	if !r.first("alpha", []byte("new"), true, now) || len(r.all) != 1 {
		t.Errorf("past the limit %d are known, want the new one alone", len(r.all))
	}
}

func TestRepetitions_ALaterWebhookIsNone(t *testing.T) {
	t.Parallel()
	for again, want := range map[time.Duration]bool{repeatsFor: false, repeatsFor + time.Second: true} {
		var r repetitions
		now := time.Now()
		r.first("alpha", []byte("{}"), true, now)
		if got := r.first("alpha", []byte("{}"), false, now.Add(again)); got != want {
			t.Errorf("after %s: first is %v, want %v", again, got, want)
		}
	}
}
