package testutil

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// leaving is how long goroutines may take to end after the last test.
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

// Leaks waits until only the goroutine of the tests runs. After wait it returns an error that names the others. goleak
// itself waits for half a second, which is too short on a busy machine.
func Leaks(wait time.Duration) error {
	for deadline := time.Now().Add(wait); ; {
		if err := goleak.Find(); err == nil || time.Now().After(deadline) {
			return err
		}
	}
}
