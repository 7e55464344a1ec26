package arrival

import (
	"net"
	"testing"
	"time"
)

func TestListener_DataReadLateCountsFromWhenItCame(t *testing.T) {
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
	// The kernel begins to stamp some time after it was first asked to.
	for stamping := time.Now(); c.(*stamped).came.Load() == 0; {
		if time.Since(stamping) > 2*time.Minute {
			t.Fatal("the kernel does not tell when something came")
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
	if _, err := c.Read(make([]byte, 1)); err != nil { // so it is there
		t.Fatal(err)
	}
	there := time.Now()
	if _, err := c.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if at, ok := came(c); !ok || at.Before(before) || at.After(there) {
		t.Errorf("it came at %v (%v) by the kernel's word, want between %v and %v", at, ok, before, there)
	}
}
