package notify

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"code.dny.dev/ssrf"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// knocks listens on all addresses of this machine and counts the connections.
func knocks(t *testing.T) (port string, count func() int) {
	t.Helper()
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	came := make(chan struct{}, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			came <- struct{}{}
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	_, port, err = net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, func() int { return len(came) }
}

func TestAnAddressThatIsNotPublicIsNotDialledHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	port, count := knocks(t)
	for _, host := range []string{
		"127.0.0.1", "127.8.9.10", "0.0.0.0", "[::1]", "[::]",
		"[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", // IPv4-mapped IPv6
		"[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::]", // NAT64 and 6to4
		"localhost", "LOCALHOST", // a name that resolves to a loopback
		"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "[fc00::1]", "[fd12:3456::1]",
		"169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "100.100.100.200", "192.0.0.192", // metadata
		"224.0.0.1", "255.255.255.255", "[ff02::1]", "192.0.2.1", "198.18.0.1", "[2001:db8::1]",
	} {
		for _, scheme := range []string{"https", "http"} {
			url := fmt.Sprintf("%s://%s:%s/hook", scheme, host, port)
			guarded := to(url)
			guarded.AllowPrivate = false
			r := newRig(t, testutil.Redis(t), guarded)
			task := r.one(GroupCompleted)
			if after := r.try(task); after != table[0] {
				t.Errorf("%s: next try in %s, want %s", url, after, table[0])
			}
			if d := r.delivery(task); !strings.Contains(d.Reason.String(), "not public") {
				t.Errorf("%s: got the delivery %+v, want the reason that the address is not public", url, d)
			}
		}
	}
	if n := count(); n > 0 {
		t.Errorf("got %d connections, want none", n)
	}
	open := newRig(t, testutil.Redis(t), to("http://127.0.0.1:"+port))
	open.try(open.one(GroupCompleted))
	if count() != 1 {
		t.Error("no connection with allow_private either, so this proves nothing")
	}
}

func TestPublicAddressesPassTheGuardOnAnyPort(t *testing.T) {
	t.Parallel()
	guard := ssrf.New(ssrf.WithAnyPort())
	for _, address := range []string{"1.1.1.1:443", "8.8.8.8:8443", "[2606:4700:4700::1111]:443"} {
		if err := guard.SafeAddrPort(netip.MustParseAddrPort(address)); err != nil {
			t.Errorf("%s: got %v, want it allowed", address, err)
		}
	}
}

func TestNoProxyOfTheEnvironmentIsUsed(t *testing.T) { // not parallel: it sets the environment
	proxy := listen(t, nil)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("HTTPS_PROXY", proxy.URL)
	t.Setenv("ALL_PROXY", proxy.URL)
	r := newRig(t, testutil.Redis(t), to("http://unknown.invalid/"))
	r.try(r.one(GroupCompleted))
	if n := len(proxy.letters()); n > 0 {
		t.Errorf("the proxy got %d requests, want none", n)
	}
}
