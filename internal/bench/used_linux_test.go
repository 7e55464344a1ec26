package bench

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
)

func TestUsedBy_AgreesWithGetrusage(t *testing.T) {
	t.Parallel()
	held := make([]byte, 64<<20)
	for i := range held {
		held[i] = byte(i)
	}
	before := ownCPU()
	for ownCPU()-before < 0.1 { // so that the test notices a figure that stays 0
	}
	before = ownCPU()
	u, err := usedBy(os.Getpid())
	after := ownCPU()
	if err != nil {
		t.Fatal(err)
	}
	const step = 2.0 / ticks // utime and stime are rounded down each
	if u.cpu < before-step || u.cpu > after+step {
		t.Errorf("%g s of processor time, want %g to %g", u.cpu, before, after)
	}
	if u.resident < float64(len(held)) || u.peak < u.resident {
		t.Errorf("got %g resident bytes and a peak of %g, want at least the %d held and a peak no lower than resident", u.resident, u.peak, len(held))
	}
	runtime.KeepAlive(held)
}

func TestUsedBy_AnEndedProcessIsAnError(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if u, err := usedBy(cmd.Process.Pid); err == nil {
		t.Errorf("an ended process uses %+v, want an error", u)
	}
}

func TestProcessorTime_ProgramNameMayHoldParentheses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		stat string
		want float64
	}{
		{"7 (worker) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 9 0 1 2 3", 3},
		{"7 (a) S 9) (b) S 1 7 7 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 9 0 1 2 3", 0.03},
	} {
		if got, err := processorTime(c.stat); err != nil || got != c.want {
			t.Errorf("%q: %g s, %v, want %g", c.stat, got, err, c.want)
		}
	}
	for _, stat := range []string{"", "7 (worker) S 1", "7 (worker) S 1 7 7 0 -1 4194560 100 0 0 0 x 50 0"} {
		if got, err := processorTime(stat); err == nil {
			t.Errorf("%q: %g s, want an error", stat, got)
		}
	}
}
