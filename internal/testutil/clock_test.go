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

// asClock is the variable that makes the test binary run sayTheTime instead of tests.
const asClock = "ROLLCALL_TEST_AS_CLOCK"

// sayTheTime answers each line of its input with the Unix time by the wall clock, and the milliseconds since the last
// answer by the monotonic clock.
func sayTheTime() {
	last := time.Now()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		now := time.Now()
		fmt.Println(now.Unix(), now.Sub(last).Milliseconds())
		last = now
	}
}

func TestClock_StepsTheClockOfOneProcess(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("SKIPPED: clocks can be stepped on Linux with amd64 only")
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
			t.Fatalf("the process does not answer: %v, %v", err, answers.Err())
		}
		var unix, passed int64
		if _, err := fmt.Sscan(answers.Text(), &unix, &passed); err != nil {
			t.Fatal(err)
		}
		if got := time.Until(time.Unix(unix, 0)); (got - off).Abs() > time.Minute {
			t.Errorf("the wall clock is off by %v, want %v", got, off)
		}
		if passed < 0 || passed > 60_000 {
			t.Errorf("by the monotonic clock %d ms passed between two answers, want 0 to 60000", passed)
		}
	}
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("the process ended with %v, want success", err)
	}
}
