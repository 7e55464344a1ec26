package testutil_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// asClock makes this test's program answer with the time instead of running tests.
const asClock = "ROLLCALL_TEST_AS_CLOCK"

// sayTheTime answers each line with the seconds of the day's clock, and the milliseconds since the
// last answer by the monotonic one.
func sayTheTime() {
	last := time.Now()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		now := time.Now()
		fmt.Println(now.Unix(), now.Sub(last).Milliseconds())
		last = now
	}
}

func TestTheClockOfOneProcessCanBeStepped(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("SKIPPED: only processes on Linux with amd64 can be given a clock")
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asClock+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	clock, err := testutil.StartWithClock(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer clock.Close()
	answers := bufio.NewScanner(out)
	for _, off := range []time.Duration{0, time.Hour, -48 * time.Hour, 0} {
		if err := clock.Set(off); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintln(in); err != nil || !answers.Scan() {
			t.Fatalf("it does not answer: %v, %v", err, answers.Err())
		}
		var unix, passed int64
		if _, err := fmt.Sscan(answers.Text(), &unix, &passed); err != nil {
			t.Fatal(err)
		}
		if got := time.Until(time.Unix(unix, 0)); (got - off).Abs() > time.Minute {
			t.Errorf("its clock is %v off, want %v", got, off)
		}
		if passed < 0 || passed > 60_000 {
			t.Errorf("by its monotonic clock %d ms passed between two questions", passed)
		}
	}
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("with a clock of its own it ended: %v", err)
	}
}
