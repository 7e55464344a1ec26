package child

import (
	"os/exec"
	"syscall"
)

const terminate = syscall.SIGTERM

func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
