//go:build unix

package redisconn

import (
	"os"
	"runtime"
	"syscall"
)

// tryLock takes the lock. It returns false if another process has it. The lock belongs to the open file, which a child
// inherits.
func tryLock(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

func installHint() string {
	if runtime.GOOS == "darwin" {
		return "install it with: brew install redis"
	}
	return "install it with: apt-get install redis-server (Debian, Ubuntu), dnf install redis (Fedora), " +
		"apk add redis (Alpine) or brew install redis; or give redis.url the address of a running Redis"
}
