package redisconn

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// startMemory makes the Redis inside this process. Our own client talks to it over a pipe; a
// unix socket in a directory only we can enter lets a producer in another process take part.
func (c *Conn) startMemory(o *redis.UniversalOptions) error {
	m := miniredis.NewMiniRedis()
	dial := func(context.Context, string, string) (net.Conn, error) { return m.Dial() }
	first, err := m.Dial() // the first Dial starts it
	if err != nil {
		return fmt.Errorf("start the Redis in memory: %w", err)
	}
	_ = first.Close()
	c.closers = append(c.closers, func() error { m.Close(); return nil })

	dir, err := shortTempDir()
	if err != nil {
		return err
	}
	c.closers = append(c.closers, func() error { return os.RemoveAll(dir) })
	socket := filepath.Join(dir, socketName)
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return fmt.Errorf("listen for other processes: %w", err)
	}
	stop := make(chan struct{})
	var both sync.WaitGroup
	both.Go(func() {
		for {
			peer, err := listener.Accept()
			if err != nil {
				return
			}
			m.Server().ServeConn(peer)
		}
	})
	both.Go(func() { age(m, stop) })
	c.closers = append(c.closers, func() error {
		close(stop)
		err := listener.Close()
		both.Wait()
		return err
	})
	c.shared = "unix://" + socket
	o.Dialer = dial
	return nil
}

// age lets keys expire. miniredis does not do that by itself, and its ClockTTL walks all keys on
// every command: 21 ms an enqueue at 20,000 keys, where this costs 13 ms a second.
func age(m *miniredis.Miniredis, stop <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			m.FastForward(time.Second)
		case <-stop:
			return
		}
	}
}

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
