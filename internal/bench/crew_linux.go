package bench

import (
	"os/exec"
	"syscall"
)

// bind lets a worker end with this process, also when this process is killed: it would go on alone.
func bind(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
