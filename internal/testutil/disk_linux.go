package testutil

import (
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// FillDisk keeps the server's append-only file from growing: it limits the size of files to that of the longest one. To
// Redis that is a full disk, also in the middle of a write. It needs no separate file system and no right to mount one.
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

// FreeDisk removes the limit of FillDisk.
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

// ignoreFileLimits makes a child's write fail at the limit, as on a full disk, instead of killing the child: children
// inherit ignored signals.
func ignoreFileLimits() { signal.Ignore(syscall.SIGXFSZ) }
