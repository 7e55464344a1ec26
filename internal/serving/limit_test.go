package serving_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/serving"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

// from is a listener whose connections come from these addresses, in this order.
type from struct {
	net.Listener

	mu        sync.Mutex
	addresses []string // the last one repeats
}

// at is a connection that comes from addr.
type at struct {
	net.Conn

	addr net.Addr
}

func (c at) RemoteAddr() net.Addr { return c.addr }

func (f *from) Accept() (net.Conn, error) {
	c, err := f.Listener.Accept()
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	addr := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(f.addresses[0]))
	if len(f.addresses) > 1 {
		f.addresses = f.addresses[1:]
	}
	return at{c, addr}, nil
}

// house is a server with limits; it answers a request for /hold only when the test ends.
type house struct {
	t       *testing.T
	limited *serving.Listener
	refused chan string
	held    chan struct{}
	idle    chan struct{} // receives when a connection becomes idle
}

// open starts a house whose connections come from these addresses.
func open(t *testing.T, limits serving.Limits, addresses ...string) *house {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, refused: make(chan string, 1000), held: make(chan struct{}, 100), idle: make(chan struct{}, 1000)}
	limits.Refused = func(limit string, _ netip.Prefix) { h.refused <- limit }
	h.limited = serving.Limit(&from{Listener: l, addresses: addresses}, limits)
	over := make(chan struct{})
	server := serving.Server(h.limited, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hold" {
			h.held <- struct{}{}
			<-over
		}
		_, _ = io.WriteString(w, "ok")
	}))
	count := server.ConnState
	server.ConnState = func(c net.Conn, state http.ConnState) {
		if count(c, state); state == http.StateIdle {
			h.idle <- struct{}{}
		}
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(h.limited) }()
	t.Cleanup(func() {
		close(over)
		_ = server.Shutdown(context.Background())
		_ = server.Close()
		<-done
	})
	return h
}

// dial opens a connection with a deadline, and closes it when the test ends.
func (h *house) dial() net.Conn {
	h.t.Helper()
	c, err := net.Dial("tcp", h.limited.Addr().String())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(testutil.Timeout))
	return c
}

// ask sends a request over a connection and returns the status of the answer; 0 without one.
func ask(c net.Conn, path string) (status int, header http.Header) {
	_, _ = io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n")
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode, res.Header
}

// served sends a request and waits until the server counts the connection as idle, a moment after the answer.
func (h *house) served(c net.Conn) (status int) {
	h.t.Helper()
	status, _ = ask(c, "/")
	if status == http.StatusOK {
		<-h.idle
	}
	return status
}

func TestLimit_IdleConnectionsOfOneSourceMakeRoomForItsOwn(t *testing.T) {
	t.Parallel()
	h := open(t, serving.Limits{Connections: 100, PerSource: 5}, "203.0.113.9:1")
	var all []net.Conn
	for range 50 {
		c := h.dial()
		if status := h.served(c); status != http.StatusOK {
			t.Fatalf("connection %d: got %d, want 200", len(all), status)
		}
		all = append(all, c)
	}
	if n := h.limited.Open(); n > 5 {
		t.Errorf("%d connections are open, want at most 5", n)
	}
	if status, _ := ask(all[0], "/"); status != 0 {
		t.Errorf("the oldest connection answers %d, want it closed", status)
	}
	if status, _ := ask(all[49], "/"); status != http.StatusOK {
		t.Errorf("the newest connection answers %d, want 200", status)
	}
}

func TestLimit_BusyConnectionsOfOneSourceLeaveRoomForOthers(t *testing.T) {
	t.Parallel()
	greedy := []string{"203.0.113.9:1", "203.0.113.9:2", "203.0.113.9:3", "203.0.113.9:4", "[2001:db8::1]:1"}
	h := open(t, serving.Limits{Connections: 8, PerSource: 3}, greedy...)
	for range 3 {
		c := h.dial()
		go func() { _, _ = ask(c, "/hold") }()
		<-h.held
	}
	status, header := ask(h.dial(), "/")
	if status != http.StatusTooManyRequests || header.Get("Retry-After") == "" || header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("the fourth gets %d with %v, want 429, Retry-After and a problem document", status, header)
	}
	if limit := <-h.refused; limit != serving.SourceConnections {
		t.Errorf("refused by %s", limit)
	}
	if status, _ := ask(h.dial(), "/"); status != http.StatusOK {
		t.Errorf("another source gets %d, want 200", status)
	}
}

func TestLimit_AFullServerClosesAnIdleOneOfTheGreediestBeforeItRefuses(t *testing.T) {
	t.Parallel()
	h := open(t, serving.Limits{Connections: 6, PerSource: 3},
		"203.0.113.1:1", "203.0.113.1:2", "203.0.113.1:3", "203.0.113.2:1", "203.0.113.2:2", "203.0.113.3:1", "203.0.113.4:1",
		"203.0.113.5:1", "203.0.113.6:1", "203.0.113.7:1")
	var all []net.Conn
	for range 7 {
		c := h.dial()
		if status := h.served(c); status != http.StatusOK {
			t.Fatalf("connection %d gets %d, want 200", len(all), status)
		}
		all = append(all, c)
	}
	for i, c := range all {
		status := h.served(c)
		if gone := status == 0; gone != (i == 0) { // the oldest of the source that has three
			t.Fatalf("connection %d: got %d, want only connection 0 closed", i, status)
		}
	}
	for _, c := range all[1:] {
		go func() { _, _ = ask(c, "/hold") }()
		<-h.held
	}
	if status, header := ask(h.dial(), "/"); status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Errorf("with six requests under way the next gets %d, want 503 with Retry-After", status)
	}
	if limit := <-h.refused; limit != serving.AllConnections {
		t.Errorf("refused by %s", limit)
	}
}

func TestLimit_ATrustedProxyHasNoLimitPerSource(t *testing.T) {
	t.Parallel()
	h := open(t, serving.Limits{Connections: 20, PerSource: 2, Trusted: func(a netip.Addr) bool { return a == netip.MustParseAddr("10.0.0.5") }}, "10.0.0.5:1")
	for range 10 {
		c := h.dial()
		go func() { _, _ = ask(c, "/hold") }()
		<-h.held
	}
	if n := h.limited.Open(); n != 10 {
		t.Errorf("%d connections of the proxy are open, want 10", n)
	}
}

func TestLimit_CountsWhatIsOpen(t *testing.T) {
	t.Parallel()
	h := open(t, serving.Limits{Connections: 20, PerSource: 10}, "203.0.113.9:1")
	c := h.dial()
	if status, _ := ask(c, "/"); status != http.StatusOK || h.limited.Open() != 1 {
		t.Errorf("got %d with %d open, want 200 with one", status, h.limited.Open())
	}
	_ = c.Close()
	testutil.Until(t, "none is open after the last one closed", func() bool { return h.limited.Open() == 0 })
}

func TestAffordable_TakesHalfOfTheFilesAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ wanted, files, want int }{{2048, 0, 2048}, {2048, 65536, 2048}, {2048, 4096, 2048}, {2048, 1024, 512}, {2048, 256, 128}, {2048, 64, 32}} {
		got, warning, err := serving.Affordable(c.wanted, c.files)
		if got != c.want || err != nil || (got < c.wanted) != strings.Contains(warning, "ulimit -n 65536") {
			t.Errorf("%d connections with %d files: got %d, %q, %v, want %d, and a warning if they are fewer", c.wanted, c.files, got, warning, err, c.want)
		}
	}
	if _, _, err := serving.Affordable(2048, 63); err == nil || !strings.Contains(err.Error(), "LimitNOFILE") {
		t.Errorf("63 files: got %v, want an error that names LimitNOFILE", err)
	}
	if serving.Enough(300, 1024) != "" || serving.Enough(300, 0) != "" || !strings.Contains(serving.Enough(300, 256), "may need 300") {
		t.Errorf("got %q of 256 files, want a warning there and for no other number", serving.Enough(300, 256))
	}
	if n := serving.OpenFiles(); n < 0 {
		t.Errorf("OpenFiles = %d, want 0 or more", n)
	}
}
