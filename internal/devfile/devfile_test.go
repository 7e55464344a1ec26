package devfile

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// newPlace returns a place in a directory of the test, its path, and a listener that stands for Redis.
func newPlace(t *testing.T) (o Place, path string, redis net.Listener) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "sub", "dev.json")
	o = Place{File: path}
	redis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = redis.Close() })
	return o, path, redis
}

func TestPlaceFind_FindsARunningDev(t *testing.T) {
	t.Parallel()
	o, path, redis := newPlace(t)
	d := Dev{PID: os.Getpid(), Redis: "redis://" + redis.Addr().String() + "/0", API: "http://127.0.0.1:8080", StartedAt: noon()}
	if err := o.Leave(d); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v (%v), want it private", info.Mode(), err)
	}
	if got, err := o.Find(t.Context()); err != nil || got != d {
		t.Errorf("got %+v, %v; want %+v", got, err, d)
	}
}

func TestPlaceFind_FindsTheLatestOfSeveralAndRemovesTheDead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := Place{Dir: func() (string, error) { return dir, nil }}
	redis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = redis.Close() })
	at := "redis://" + redis.Addr().String()
	first := Dev{PID: os.Getppid(), Redis: at, StartedAt: noon()}
	second := Dev{PID: os.Getpid(), Redis: at, StartedAt: noon().Add(time.Minute)}
	dead := Dev{PID: 1 << 30, Redis: at, StartedAt: noon().Add(time.Hour)}
	for _, d := range []Dev{second, first, dead} {
		if err := o.Leave(d); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := o.Find(t.Context()); err != nil || got.PID != second.PID {
		t.Errorf("of two: got %+v, %v, want the latest that runs", got, err)
	}
	if err := o.Remove(second.PID); err != nil {
		t.Fatal(err)
	}
	if got, err := o.Find(t.Context()); err != nil || got.PID != first.PID {
		t.Errorf("after the second has ended: got %+v, %v, want the first", got, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("got the files %v, %v, want that of the first alone", left, err)
	}
}

func TestPlaceFind_FindsNoKilledDev(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(d *Dev, redis net.Listener)
	}{
		{"its process is gone", func(d *Dev, _ net.Listener) { d.PID = 1 << 30 }},
		{"another process has its process id", func(_ *Dev, redis net.Listener) { _ = redis.Close() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o, _, redis := newPlace(t)
			d := Dev{PID: os.Getpid(), Redis: "redis://" + redis.Addr().String() + "/0"}
			c.spoil(&d, redis)
			if err := o.Leave(d); err != nil {
				t.Fatal(err)
			}
			if _, err := o.Find(t.Context()); !errors.Is(err, ErrNone) {
				t.Errorf("got %v, want ErrNone", err)
			}
		})
	}
}

func TestPlaceRemove_RemovesOnlyTheFileOfTheProcess(t *testing.T) {
	t.Parallel()
	o, path, _ := newPlace(t)
	if err := o.Leave(Dev{PID: 7}); err != nil {
		t.Fatal(err)
	}
	if err := o.Remove(6); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file of another process is gone: %v", err)
	}
	if err := o.Remove(7); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
	if err := o.Remove(7); err != nil {
		t.Errorf("removing it twice: %v", err)
	}
}

func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }
