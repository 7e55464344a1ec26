package redisconn

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/rollcallhq/rollcall/internal/redisconn/memory"
)

// socketName is the name of the unix socket in the directory of an embedded or in-memory Redis.
const socketName = "redis.sock"

// maxSocketPath is the maximum number of bytes of a unix socket's path with its final zero: the smaller of 108 (Linux)
// and 104 (BSDs, macOS).
const maxSocketPath = 104

// shortTempDir makes and returns a private directory whose path leaves room for a socket's name.
func shortTempDir() (string, error) {
	for _, parent := range []string{os.TempDir(), "/tmp"} {
		dir, err := os.MkdirTemp(parent, "rollcall-")
		if err != nil {
			continue
		}
		if len(filepath.Join(dir, "d", socketName)) < maxSocketPath {
			return dir, nil
		}
		_ = os.Remove(dir)
	}
	return "", errors.New("no writable temporary directory with a path short enough for a unix socket; set TMPDIR to a short one")
}

// startMemory starts a Redis inside this process. Other processes of the same user, such as a producer, connect to it
// through a unix socket in a private directory.
func (c *Conn) startMemory(a address) error {
	server, err := memory.Start()
	if err != nil {
		return err
	}
	c.closers = append(c.closers, func() error { server.Close(); return nil })
	server.Age()
	dir, err := shortTempDir()
	if err != nil {
		return err
	}
	c.closers = append(c.closers, func() error { return os.RemoveAll(dir) })
	socket := filepath.Join(dir, socketName)
	if err := server.Listen(socket); err != nil {
		return err
	}
	c.shared = "unix://" + socket
	a.options.Dialer = server.Dial
	return nil
}
