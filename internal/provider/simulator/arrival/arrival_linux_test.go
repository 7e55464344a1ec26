package arrival

import (
	"net"
	"testing"
	"time"
)

func TestListener_DataReadLateIsTimedFromItsArrival(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	sender, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sender.Close() }()
	c, err := Listener(l).Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	// The kernel begins to stamp only some time after a socket first asks for it.
	for stamping := time.Now(); c.(*stamped).came.Load() == 0; {
		if time.Since(stamping) > 2*time.Minute {
			t.Fatal("the kernel still sends no timestamps after two minutes")
		}
		if _, err := sender.Write([]byte("first")); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 5)); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now()
	if _, err := sender.Write([]byte("second")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err != nil { // now all of "second" has arrived
		t.Fatal(err)
	}
	there := time.Now()
	if _, err := c.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if at, ok := came(c); !ok || at.Before(before) || at.After(there) {
		t.Errorf("got arrival at %v (told: %v), want between %v and %v", at, ok, before, there)
	}
}
