// Package serving bounds the connections of an HTTP server, in total and per source. Each connection is an open
// file, and a process has few of them.
package serving

import (
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// The limits that Limits.Refused is called with.
const (
	AllConnections    = "connections"
	SourceConnections = "connectionsPerSource"
)

// Limits bound the connections of a Listener.
type Limits struct {
	// Connections is the maximum at a time. Required.
	Connections int
	// PerSource is the maximum of one source at a time; at most half of Connections is used. Required.
	PerSource int
	// Trusted says which addresses are proxies, whose connections serve many sources. Defaults to none.
	Trusted func(netip.Addr) bool
	// Refused is called for each connection that is turned away, with the limit. Defaults to no report.
	Refused func(limit string, source netip.Prefix)
}

const (
	// answerFor bounds how long a connection that is turned away may take to read why.
	answerFor = time.Second
	// maxAnswers is the maximum of connections that are answered at once. Others are closed without an answer.
	maxAnswers = 32
)

// Listener accepts connections within Limits. When a new one exceeds a limit, it closes the connection that has
// been idle for longest: of the same source, or of the source with the most connections. If none is idle, it
// answers the new connection and closes it.
type Listener struct {
	net.Listener

	limits  Limits
	answers chan struct{}
	owned   sync.WaitGroup

	mu   sync.Mutex
	open map[*conn]struct{}
	of   map[netip.Prefix]int
}

// conn is a connection that the Listener counts.
type conn struct {
	net.Conn

	l      *Listener
	source netip.Prefix // invalid for a trusted proxy
	// busy says whether a request is under way, and since is when busy last changed. The Listener's mu guards both.
	busy  bool
	since time.Time
}

// Limit bounds what l accepts. The server must have ConnState as its ConnState hook.
func Limit(l net.Listener, limits Limits) *Listener {
	limits.PerSource = max(min(limits.PerSource, limits.Connections/2), 1)
	if limits.Trusted == nil {
		limits.Trusted = func(netip.Addr) bool { return false }
	}
	if limits.Refused == nil {
		limits.Refused = func(string, netip.Prefix) {}
	}
	return &Listener{
		Listener: l, limits: limits, answers: make(chan struct{}, maxAnswers), open: map[*conn]struct{}{}, of: map[netip.Prefix]int{},
	}
}

// Open returns how many connections there are.
func (l *Listener) Open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

// Accept waits for a connection that the limits allow.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		source := netip.Prefix{}
		if at := addressOf(c.RemoteAddr()); !l.limits.Trusted(at) {
			source = SourceOf(at)
		}
		admitted, evicted, limit := l.admit(c, source)
		if evicted != nil {
			_ = evicted.Close()
		}
		if limit == "" {
			return admitted, nil
		}
		l.limits.Refused(limit, source)
		l.turnAway(c, limit)
	}
}

// admit counts a connection, or returns the limit that it exceeds. The caller must close evicted.
func (l *Listener) admit(c net.Conn, source netip.Prefix) (admitted, evicted *conn, limit string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case source.IsValid() && l.of[source] >= l.limits.PerSource:
		if evicted = l.oldest(source, true); evicted == nil {
			return nil, nil, SourceConnections
		}
	case len(l.open) >= l.limits.Connections:
		if evicted = l.oldest(l.greediest(), false); evicted == nil {
			if evicted = l.oldest(netip.Prefix{}, false); evicted == nil {
				return nil, nil, AllConnections
			}
		}
	}
	if evicted != nil {
		l.forget(evicted)
	}
	admitted = &conn{Conn: c, l: l, source: source, since: time.Now()}
	l.open[admitted] = struct{}{}
	l.of[source]++
	return admitted, evicted, ""
}

// greediest returns the source with the most connections among those with an idle one.
func (l *Listener) greediest() (greediest netip.Prefix) {
	highest := 0
	for c := range l.open {
		if n := l.of[c.source]; !c.busy && c.source.IsValid() && n > highest {
			greediest, highest = c.source, n
		}
	}
	return greediest
}

// oldest returns the connection that has been idle for longest: of a source, or of all if the source is invalid
// and only is false.
func (l *Listener) oldest(source netip.Prefix, only bool) (found *conn) {
	for c := range l.open {
		if !c.busy && (c.source == source || !only && !source.IsValid()) && (found == nil || c.since.Before(found.since)) {
			found = c
		}
	}
	return found
}

// forget stops counting a connection.
func (l *Listener) forget(c *conn) {
	if _, counts := l.open[c]; !counts {
		return
	}
	delete(l.open, c)
	if l.of[c.source]--; l.of[c.source] == 0 {
		delete(l.of, c.source)
	}
}

// ConnState notes which connections are busy. It must be the ConnState hook of the http.Server that serves this
// listener.
func (l *Listener) ConnState(nc net.Conn, state http.ConnState) {
	c, ok := nc.(*conn)
	if !ok || state == http.StateNew || state == http.StateClosed {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if busy := state == http.StateActive || state == http.StateHijacked; busy != c.busy {
		c.busy, c.since = busy, time.Now()
	}
}

// Close closes the connection and stops counting it.
func (c *conn) Close() error {
	c.l.mu.Lock()
	c.l.forget(c)
	c.l.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite lets net/http close the writing side first, so that the client can read the last answer.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Close stops accepting, and waits for the answers to connections that are turned away.
func (l *Listener) Close() error {
	err := l.Listener.Close()
	l.owned.Wait()
	return err
}

// refusals are the whole HTTP answers, by limit. They are the same for every request, because none was read.
var refusals = map[string]string{
	AllConnections: refusal("503 Service Unavailable", "The server has as many connections as it may have. Try again in a moment."),
	SourceConnections: refusal("429 Too Many Requests",
		"Your address has as many connections as one may have. Close some, or use them for several requests."),
}

func refusal(status, detail string) string {
	body := `{"status":` + status[:3] + `,"title":"` + status[4:] + `","detail":"` + detail + `"}` + "\n"
	return "HTTP/1.1 " + status + "\r\nContent-Type: application/problem+json\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: " +
		strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

// turnAway answers a connection in the background and closes it.
func (l *Listener) turnAway(c net.Conn, limit string) {
	select {
	case l.answers <- struct{}{}:
	default:
		_ = c.Close()
		return
	}
	l.owned.Go(func() {
		defer func() {
			_ = c.Close()
			<-l.answers
		}()
		_ = c.SetDeadline(time.Now().Add(answerFor))
		if _, err := io.WriteString(c, refusals[limit]); err != nil {
			return
		}
		if half, ok := c.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
		// Closing before the request was read would reset the connection and lose the answer.
		_, _ = io.CopyN(io.Discard, c, 64<<10)
	})
}
