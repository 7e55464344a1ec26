package wire_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// rawServer answers at the level of TCP, so that it can do what no HTTP server would.
type rawServer struct {
	url      string
	requests atomic.Int32 // whole requests, over all connections
	conns    atomic.Int32
	ended    atomic.Int32 // connections that have ended
}

// serve runs handle for every request of every connection; n counts them within a connection.
// handle returns false to close the connection.
func serve(t *testing.T, handle func(conn *net.TCPConn, n int) bool) *rawServer {
	t.Helper()
	l := listen(t)
	s := &rawServer{url: "http://" + l.Addr().String()}
	var (
		running sync.WaitGroup
		mu      sync.Mutex
		open    []net.Conn
	)
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.conns.Add(1)
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			running.Go(func() { s.talk(conn.(*net.TCPConn), handle) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		running.Wait()
	})
	return s
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func (s *rawServer) talk(conn *net.TCPConn, handle func(*net.TCPConn, int) bool) {
	defer s.ended.Add(1)
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	for n := 1; ; n++ {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		s.requests.Add(1)
		if !handle(conn, n) {
			return
		}
	}
}

func say(conn net.Conn, text string) { _, _ = io.WriteString(conn, text) }

const fine = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}"

const secret = "S3CR3T/tok+en" // a path, a query and JSON spell it differently

// client returns a wire whose path holds the secret.
func client(t *testing.T, base string, transport http.RoundTripper) *wire.Client {
	t.Helper()
	if transport == nil {
		own := wire.NewTransport()
		t.Cleanup(own.CloseIdleConnections)
		transport = own
	}
	c, err := wire.New(wire.Config{
		Base:    base,
		Path:    func(c wire.Call) string { return "/token/S3CR3T%2Ftok+en/" + c.Method },
		Header:  map[string]provider.Token{"Client-Token": "header-secret"},
		Secrets: []provider.Token{secret, "header-secret"},
		Classify: func(c wire.Call, a wire.Answer) *provider.Error {
			return wire.ByStatus(c, a, wire.Words(a.Body))
		},
		Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func create() wire.Call {
	return wire.Call{
		Op: "create group", Method: "createGroup", Kind: wire.Create, Scope: provider.ScopeRequest,
		Body: map[string]string{"groupName": "Turma 12"}, Private: []string{"Turma 12"},
		Decode: decodeObject,
	}
}

func read() wire.Call {
	return wire.Call{
		Op: "read state", Method: "state", Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopeInstance,
		Decode: decodeObject,
	}
}
