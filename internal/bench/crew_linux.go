package bench

import (
	"os/exec"
	"syscall"
)

// bind makes the kernel kill a worker when this process ends, however it ends.
func bind(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
