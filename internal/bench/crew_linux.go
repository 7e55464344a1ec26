package bench

import (
	"os/exec"
	"syscall"
)

// bind lets a worker end with this process, also when somebody kills it: it would go on alone.
func bind(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
