package memory

import (
	"net"
	"sync"
)

// eager is the server's side of a connection, on which writing never waits for the reader. Redis
// collects answers in memory and goes on reading, but miniredis waits until each answer is read.
// go-redis writes a whole pipeline before it reads the first answer. So without eager both sides
// wait for each other until the timeout, and the retry then runs the commands twice.
type eager struct {
	net.Conn

	mu      sync.Mutex
	changed *sync.Cond
	pending []byte
	err     error // why no more can be written
	done    chan struct{}
}

func newEager(c net.Conn) *eager {
	e := &eager{Conn: c, done: make(chan struct{})}
	e.changed = sync.NewCond(&e.mu)
	go e.send()
	return e
}

func (e *eager) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err != nil {
		return 0, e.err
	}
	e.pending = append(e.pending, b...)
	e.changed.Signal()
	return len(b), nil
}

// send writes what is pending until the connection ends.
func (e *eager) send() {
	defer close(e.done)
	for {
		e.mu.Lock()
		for len(e.pending) == 0 && e.err == nil {
			e.changed.Wait()
		}
		if e.err != nil {
			e.mu.Unlock()
			return
		}
		now := e.pending
		e.pending = nil
		e.mu.Unlock()
		if _, err := e.Conn.Write(now); err != nil {
			e.stop(err)
		}
	}
}

func (e *eager) stop(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err == nil {
		e.err = err
	}
	e.changed.Signal()
}

// Close drops what the reader has not read, and waits for the sender.
func (e *eager) Close() error {
	e.stop(net.ErrClosed)
	err := e.Conn.Close()
	<-e.done
	return err
}
