package testutil

import (
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// FillDisk leaves the server no room for its append-only file to grow: it may write no file that is
// longer than the longest it has. To Redis that is a full disk, halfway through a write too, and it
// needs neither a file system of our own nor the rights to mount one.
func (s *RedisServer) FillDisk() {
	s.t.Helper()
	longest := int64(0)
	err := filepath.Walk(s.Dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil {
			longest = max(longest, info.Size())
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.limitFiles(uint64(longest))
}

// FreeDisk lets the server write as it likes again.
func (s *RedisServer) FreeDisk() {
	s.t.Helper()
	s.limitFiles(unix.RLIM_INFINITY)
}

func (s *RedisServer) limitFiles(length uint64) {
	s.t.Helper()
	limit := unix.Rlimit{Cur: length, Max: unix.RLIM_INFINITY}
	if err := unix.Prlimit(s.process.PID(), unix.RLIMIT_FSIZE, &limit, nil); err != nil {
		s.t.Fatalf("limit the files of redis-server: %v", err)
	}
}

// ignoreFileLimits keeps children from being killed for a file that is too long: their write then
// fails, as on a full disk. What is ignored when a child is started is ignored by the child.
func ignoreFileLimits() { signal.Ignore(syscall.SIGXFSZ) }
