package testutil_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// echo starts a server that sends every line back, and sends it on heard, too.
func echo(t *testing.T) (addr string, heard chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	heard = make(chan string, 100)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					heard <- lines.Text()
					_, _ = fmt.Fprintln(conn, lines.Text())
				}
			}()
		}
	}()
	return l.Addr().String(), heard
}

func dial(t *testing.T, p *testutil.Proxy) *net.TCPConn {
	t.Helper()
	conn, err := net.DialTimeout("tcp", p.Addr, testutil.Timeout)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.(*net.TCPConn)
}

func say(t *testing.T, conn net.Conn, line string) {
	t.Helper()
	if _, err := fmt.Fprintln(conn, line); err != nil {
		t.Fatal(err)
	}
}

// hears reads one line, or returns the error that ended the connection.
func hears(conn net.Conn) (string, error) {
	_ = conn.SetReadDeadline(time.Now().Add(testutil.Timeout))
	line, err := bufio.NewReader(conn).ReadString('\n')
	return line, err
}

func TestProxy_PassesLinesBothWays(t *testing.T) {
	t.Parallel()
	addr, _ := echo(t)
	conn := dial(t, testutil.NewProxy(t, addr))
	for _, word := range []string{"one", "two"} {
		say(t, conn, word)
		if got, err := hears(conn); err != nil || got != word+"\n" {
			t.Errorf("got %q, %v; want %s", got, err, word)
		}
	}
}

func TestProxy_CutResetsConnectionsAndAcceptsNewOnes(t *testing.T) {
	t.Parallel()
	addr, _ := echo(t)
	p := testutil.NewProxy(t, addr)
	conn := dial(t, p)
	say(t, conn, "before")
	if _, err := hears(conn); err != nil {
		t.Fatal(err)
	}
	p.Break(testutil.Cut, 0)
	if _, err := hears(conn); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("after the cut: got %v, want a reset", err)
	}
	again := dial(t, p)
	say(t, again, "after")
	if got, err := hears(again); err != nil || got != "after\n" {
		t.Errorf("a new connection got %q, %v; want after", got, err)
	}
}

func TestProxy_HalfClosedStillDeliversWhatTheClientSends(t *testing.T) {
	t.Parallel()
	addr, heard := echo(t)
	p := testutil.NewProxy(t, addr)
	conn := dial(t, p)
	say(t, conn, "before")
	if _, err := hears(conn); err != nil {
		t.Fatal(err)
	}
	<-heard
	p.Break(testutil.HalfClosed, 0)
	if got, err := hears(conn); !errors.Is(err, io.EOF) {
		t.Errorf("the client got %q, %v; want EOF", got, err)
	}
	say(t, conn, "after")
	if got := <-heard; got != "after" {
		t.Errorf("the server got %q, want after", got)
	}
}

func TestProxy_BlackHoleHoldsEverythingUntilHeal(t *testing.T) {
	t.Parallel()
	addr, heard := echo(t)
	p := testutil.NewProxy(t, addr)
	stays, leaves := dial(t, p), dial(t, p)
	for _, conn := range []net.Conn{stays, leaves} {
		say(t, conn, "hello")
		if _, err := hears(conn); err != nil {
			t.Fatal(err)
		}
		<-heard
	}
	p.Break(testutil.BlackHole, 0)
	say(t, stays, "patience")
	say(t, leaves, "gone")
	_ = leaves.Close()
	newcomer := dial(t, p)
	say(t, newcomer, "new")
	_ = stays.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if _, err := stays.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a read in a black hole: got %v, want its deadline", err)
	}
	testutil.Until(t, "the black hole holds what the three clients sent", func() bool { return p.Held() == 3 })
	p.Heal()
	for conn, want := range map[net.Conn]string{stays: "patience\n", newcomer: "new\n"} {
		if got, err := hears(conn); err != nil || got != want {
			t.Errorf("after Heal: got %q, %v; want %q", got, err, want)
		}
	}
	if all := []string{<-heard, <-heard}; slices.Contains(all, "gone") || len(heard) > 0 {
		t.Errorf("the server got %q and %d more lines, want nothing from the client that left", all, len(heard))
	}
}

func TestProxy_SlowDelaysEveryPiece(t *testing.T) {
	t.Parallel()
	addr, _ := echo(t)
	p := testutil.NewProxy(t, addr)
	conn := dial(t, p)
	p.Break(testutil.Slow, 40*time.Millisecond)
	at := time.Now()
	say(t, conn, "slow")
	if _, err := hears(conn); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(at); took < 80*time.Millisecond {
		t.Errorf("a line and its answer took %v, want at least 80 ms", took)
	}
}

func TestProxyBreakAtRandom_TheSameSeedBreaksInTheSameWay(t *testing.T) {
	t.Parallel()
	addr, _ := echo(t)
	draw := func(seed uint64) (all []testutil.Break) {
		p, rng := testutil.NewProxy(t, addr), rand.New(rand.NewPCG(seed, 0))
		for range 20 {
			all = append(all, p.BreakAtRandom(rng, time.Millisecond))
			p.Heal()
		}
		return all
	}
	one, again, other := draw(1), draw(1), draw(2)
	if !slices.Equal(one, again) || slices.Equal(one, other) {
		t.Errorf("seed 1 gave %v and %v, seed 2 %v; want the first two equal and the third different", one, again, other)
	}
	for _, b := range testutil.Breaks() {
		if !slices.Contains(one, b) {
			t.Errorf("20 breaks at random hold no %q: %v", b, one)
		}
	}
}
