//go:build !linux

package bench

import "os/exec"

// bind does nothing here: the benchmark's row "instances" runs on Linux only (errNoProc).
func bind(*exec.Cmd) {}
