package testutil

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// leaving is how long goroutines that are about to end may take after the last test.
const leaving = 30 * time.Second

// Main runs the tests of a package, and fails it if they leave goroutines behind. It is for TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if code == 0 {
		if err := Leaks(leaving); err != nil {
			fmt.Fprintln(os.Stderr, "goroutines outlive the tests:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// Leaks waits until no goroutine runs but that of the tests. After that time the error names the others.
// goleak alone waits for half a second, which is too short for a busy machine.
func Leaks(wait time.Duration) error {
	for deadline := time.Now().Add(wait); ; {
		if err := goleak.Find(); err == nil || time.Now().After(deadline) {
			return err
		}
	}
}
