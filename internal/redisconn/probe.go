package redisconn

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// refine returns the error of the first contact. If the client's own error does not show the cause, refine looks for
// it.
func refine(ctx context.Context, a address, err error) error {
	w := wrap(a.display, err)
	silent := w.Fault == Timeout || w.Fault == Closed
	switch {
	case a.kind == Sentinel && (silent || w.Fault == Refused):
		// The client asks the sentinels again and again until the time is up, and then reports
		// a timeout.
		p, _ := wordsOf(NoMaster)
		return &Error{Fault: NoMaster, Where: a.display, What: p.what, Remedy: p.remedy, Err: err}
	case a.kind == Single && silent && len(a.options.Addrs) == 1:
		if c := certificateFault(ctx, a); c != nil {
			return c
		}
		if what, remedy := tlsMismatch(ctx, a.options.Addrs[0], a.options.TLSConfig != nil); what != "" {
			return &Error{Fault: TLS, Where: a.display, What: what, Remedy: remedy, Err: err}
		}
		if w.Fault != Closed || a.options.TLSConfig != nil {
			return w
		}
		if text := greeting(ctx, a.options.Addrs[0]); text != "" {
			return wrap(a.display, answer(text))
		}
	}
	return w
}

// certificateFault repeats the TLS handshake and returns what is wrong with a certificate, or nil. The client
// itself retries until its time is up, and then reports only a timeout.
func certificateFault(ctx context.Context, a address) error {
	if a.options.TLSConfig == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	conn, err := (&tls.Dialer{Config: a.options.TLSConfig}).DialContext(ctx, "tcp", a.options.Addrs[0])
	if err == nil {
		err = refusal(conn)
	}
	if err == nil {
		return nil
	}
	switch w := wrap(a.display, err); w.Fault {
	case CertUnknown, CertName, CertExpired, CertClient:
		return w
	}
	return nil
}

// refusal returns a server's error about our certificate, which in TLS 1.3 comes after the handshake. A server that
// accepts the certificate waits for a command, so refusal returns a timeout. It returns nil if the server sends data.
func refusal(conn net.Conn) error {
	defer func() { _ = conn.Close() }()
	_ = conn.SetReadDeadline(time.Now().Add(time.Second)) // if this fails, Read fails too
	_, err := conn.Read(make([]byte, 1))
	return err
}

// answer is an error that Redis sent to the probe.
type answer string

func (a answer) Error() string { return string(a) }

// RedisError marks the error as Redis' own.
func (answer) RedisError() {}

// greeting returns the error that a server sends on connect, or "" if it sends none. A Redis at its limit of
// connections, or in protected mode, sends one and hangs up. The client has written by then, and sees only the hang-up.
func greeting(ctx context.Context, addr string) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	network := "tcp"
	if strings.HasPrefix(addr, "/") {
		network = "unix"
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err != nil {
		return ""
	}
	defer conn.Close() //nolint:errcheck // nothing was written that could be lost
	until, _ := ctx.Deadline()
	_ = conn.SetDeadline(until)
	line, _ := bufio.NewReader(io.LimitReader(conn, 1000)).ReadString('\n')
	text, refused := strings.CutPrefix(strings.TrimSpace(line), "-")
	if !refused {
		return ""
	}
	return text
}

// tlsMismatch returns what is wrong, and the remedy, if the server speaks TLS and we do not, or the reverse. Otherwise
// it returns "". The client's own error does not show this: a plain Redis waits for the end of a line that a TLS hello
// never has, and a TLS server hangs up.
func tlsMismatch(ctx context.Context, addr string, weSpeakTLS bool) (what, remedy string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return "", ""
	}
	defer conn.Close() //nolint:errcheck // nothing was written that could be lost
	until, _ := ctx.Deadline()
	_ = conn.SetDeadline(until)
	if !weSpeakTLS {
		// Nothing is sent over this connection, so its certificate does not matter.
		if tls.Client(conn, &tls.Config{InsecureSkipVerify: true}).HandshakeContext(ctx) == nil { //nolint:gosec // see above
			return "it speaks TLS", "write rediss:// instead of redis://"
		}
		return "", ""
	}
	if _, err := fmt.Fprint(conn, "PING\r\n"); err != nil {
		return "", ""
	}
	if first, err := bufio.NewReader(conn).ReadByte(); err == nil && (first == '+' || first == '-') {
		return "it does not speak TLS", "write redis:// instead of rediss://, or switch TLS on in redis.conf"
	}
	return "", ""
}
