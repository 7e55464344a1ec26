package redisconn

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/rollcallhq/rollcall/internal/redisconn/memory"
)

// socketName is the name of the unix socket in an embedded Redis' directory.
const socketName = "redis.sock"

// maxSocketPath is the longest path of a unix socket, with its final zero: 108 on Linux, 104 on
// the BSDs and macOS.
const maxSocketPath = 104

// shortTempDir makes a private directory whose path leaves room for a socket's name.
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

// startMemory starts the Redis inside this process. Other processes of this user, such as a producer, reach
// it by a unix socket in a private directory.
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
