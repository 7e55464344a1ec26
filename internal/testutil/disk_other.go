//go:build !linux

package testutil

// FillDisk skips the test: a running process' files can be limited on Linux only.
func (s *RedisServer) FillDisk() {
	s.t.Helper()
	s.t.Skip("SKIPPED: a disk can be filled for one process on Linux only")
}

// FreeDisk undoes FillDisk.
func (s *RedisServer) FreeDisk() {}

func ignoreFileLimits() {}
