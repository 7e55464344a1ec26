// Package memory is a Redis inside this process: miniredis with three things that it lacks. Keys expire, pipelines of
// any size work, and other processes can connect.
package memory

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// Server is a Redis inside this process. Close ends it and everything it started.
type Server struct {
	*miniredis.Miniredis

	closers []func()

	mu  sync.Mutex
	srv *server.Server // nil once closed; miniredis' own field has no lock
}

// Start starts an empty server, which listens nowhere.
func Start() (*Server, error) {
	s := &Server{Miniredis: miniredis.NewMiniRedis()}
	first, err := s.Miniredis.Dial() // the first Dial starts it
	if err != nil {
		return nil, fmt.Errorf("start the Redis in memory: %w", err)
	}
	s.srv = s.Server()
	return s, first.Close()
}

// Dial connects over a pipe inside the process: no port, no socket, fit for synctest. It has the signature of go-redis'
// dialer. It replaces miniredis' own Dial, on which a pipeline of a few hundred commands blocks for ever (see eager).
func (s *Server) Dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	if err := s.serve(theirs); err != nil {
		return nil, err
	}
	return ours, nil
}

// serve accepts a connection, unless the server is closed. Clients still dial then, in the background.
func (s *Server) serve(conn net.Conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.srv == nil {
		return net.ErrClosed
	}
	s.srv.ServeConn(newEager(conn))
	return nil
}

// Listen lets other processes in over a unix socket.
func (s *Server) Listen(socket string) error {
	listener, err := net.Listen("unix", socket) //nolint:noctx // at once
	if err != nil {
		return fmt.Errorf("listen for other processes: %w", err)
	}
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			peer, err := listener.Accept()
			if err != nil {
				return
			}
			if s.serve(peer) != nil {
				_ = peer.Close()
			}
		}
	})
	s.closers = append(s.closers, func() { _ = listener.Close(); accepting.Wait() })
	return nil
}

// Age starts to expire keys once a second. miniredis does not do that by default, and its ClockTTL walks all keys on
// every command, which is slow with many keys.
func (s *Server) Age() {
	stop := make(chan struct{})
	var aging sync.WaitGroup
	aging.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				s.FastForward(time.Second)
			case <-stop:
				return
			}
		}
	})
	s.closers = append(s.closers, func() { close(stop); aging.Wait() })
}

// Close ends the server. Close its clients first: their calls fail afterwards.
func (s *Server) Close() {
	for _, c := range s.closers {
		c()
	}
	s.closers = nil
	s.mu.Lock()
	s.srv = nil
	s.mu.Unlock()
	s.Miniredis.Close()
}
