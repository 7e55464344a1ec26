package testutil

import (
	"bufio"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Proxy is a connection to a server that a test can break as a network does. Until then it passes all bytes unchanged.
type Proxy struct {
	Addr string // host:port, for clients

	target   string
	listener net.Listener
	wait     sync.WaitGroup

	mu    sync.Mutex
	links map[*link]struct{}
	delay time.Duration
	hole  chan struct{} // nil while bytes pass; closed when they pass again
	held  int           // directions of connections with a piece that waits for hole
	shut  bool
}

// Break is a way to break a connection.
type Break string

// The breaks. Cut and HalfClosed affect the current connections; Slow and BlackHole last until Heal.
const (
	Cut        Break = "cut"         // both ends get a reset
	HalfClosed Break = "half-closed" // the client receives nothing more, and what it sends still arrives
	Slow       Break = "slow"        // every piece is delayed
	BlackHole  Break = "black hole"  // nothing passes and neither end gets an error; new connections are accepted
)

// Breaks returns all breaks.
func Breaks() []Break { return []Break{Cut, HalfClosed, Slow, BlackHole} }

// NewProxy opens a proxy to a server until the test ends.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: l.Addr().String(), target: target, listener: l, links: map[*link]struct{}{}}
	p.wait.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Break breaks the proxy. slow is the delay of each piece for Slow.
func (p *Proxy) Break(b Break, slow time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch b {
	case Cut:
		for l := range p.links {
			l.reset()
		}
	case HalfClosed:
		for l := range p.links {
			_ = l.client.CloseWrite()
		}
	case Slow:
		p.delay = slow
	case BlackHole:
		if p.hole == nil {
			p.hole = make(chan struct{})
		}
	}
}

// BreakAtRandom breaks the proxy in a random way, with a random delay up to slow. It returns the break.
func (p *Proxy) BreakAtRandom(rng *rand.Rand, slow time.Duration) Break {
	b := Breaks()[rng.IntN(len(Breaks()))]
	p.Break(b, time.Duration(rng.Int64N(int64(slow)))+1)
	return b
}

// Heal lets bytes pass again, the held ones first. It drops the bytes of a client that has disconnected meanwhile.
func (p *Proxy) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = 0
	if p.hole != nil {
		close(p.hole)
		p.hole, p.held = nil, 0
	}
}

// Held returns how many directions of connections have a piece that a black hole holds.
func (p *Proxy) Held() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}

func (p *Proxy) close() {
	p.mu.Lock()
	p.shut = true
	for l := range p.links {
		l.reset()
	}
	p.mu.Unlock()
	_ = p.listener.Close()
	p.Heal()
	p.wait.Wait()
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wait.Go(func() { p.carry(client.(*net.TCPConn)) })
	}
}

// link is one connection through the proxy.
type link struct{ client, server *net.TCPConn }

// reset ends both ends at once, without delivering anything.
func (l *link) reset() {
	for _, c := range []*net.TCPConn{l.client, l.server} {
		_ = c.SetLinger(0)
		_ = c.Close()
	}
}

func (p *Proxy) carry(client *net.TCPConn) {
	conn, err := net.DialTimeout("tcp", p.target, Timeout)
	if err != nil {
		_ = client.SetLinger(0)
		_ = client.Close()
		return
	}
	l := &link{client: client, server: conn.(*net.TCPConn)}
	p.mu.Lock()
	shut := p.shut
	p.links[l] = struct{}{}
	p.mu.Unlock()
	if !shut {
		var both sync.WaitGroup
		both.Go(func() { p.pump(l, l.server, l.client) })
		both.Go(func() { p.pump(l, l.client, l.server) })
		both.Wait()
	}
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
	_, _ = l.client.Close(), l.server.Close()
}

// pump carries one direction until it ends.
func (p *Proxy) pump(l *link, to, from *net.TCPConn) {
	r := bufio.NewReaderSize(from, 64<<10)
	for {
		if _, err := r.Peek(1); errors.Is(err, io.EOF) {
			p.hold()
			_ = to.CloseWrite()
			return
		} else if err != nil {
			l.reset()
			return
		}
		if p.hold() && from == l.client && left(from, r) {
			l.reset()
			return
		}
		piece, _ := r.Peek(r.Buffered())
		if _, err := to.Write(piece); err != nil && to == l.client {
			_, _ = io.Copy(io.Discard, r) // the client receives nothing more, and the server may send to its end
			return
		} else if err != nil {
			l.reset()
			return
		}
		_, _ = r.Discard(len(piece))
	}
}

// hold waits while the proxy is slow or a black hole, and reports whether it was.
func (p *Proxy) hold() bool {
	p.mu.Lock()
	delay, hole := p.delay, p.hole
	if hole != nil {
		p.held++
	}
	p.mu.Unlock()
	if delay > 0 {
		<-time.After(delay)
	}
	if hole != nil {
		<-hole
	}
	return delay > 0 || hole != nil
}

// left reports whether a client has disconnected while its bytes, which are in r, were held.
func left(client *net.TCPConn, r *bufio.Reader) bool {
	if r.Buffered() == r.Size() {
		return false // the client may have sent more, so its end is not in sight
	}
	raw, err := client.SyscallConn()
	if err != nil {
		return true
	}
	// A read with a deadline would not do: after the deadline it reads nothing at all.
	gone := false
	err = raw.Read(func(fd uintptr) bool {
		n, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		gone = err == nil && n == 0 || err != nil && !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR)
		return true
	})
	return gone || err != nil
}
