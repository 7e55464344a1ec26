package cli

import (
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/rollcallhq/rollcall/internal/clock"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/devfile"
)

// IO holds what the process gets from outside: arguments, environment, streams, signals and more. The programs read
// these only from IO, so a test can give them its own.
type IO struct {
	Args []string // without the program's name
	In   io.Reader
	Out  io.Writer
	Err  io.Writer
	// LookupEnv finds an environment variable.
	LookupEnv func(string) (string, bool)

	InTTY, OutTTY, ErrTTY bool
	// Width returns the present width of the terminal; 0 if there is none.
	Width func() int
	// Signals delivers SIGINT and SIGTERM until stop is called.
	Signals func() (signals <-chan os.Signal, stop func())
	Now     func() time.Time
	// Zone is the zone of this machine's clock, in which texts for people show times. Nil means UTC.
	Zone *time.Location
	// User is who runs this process, and on which host.
	User func() (name, host string)
	// CacheDir is where a running `rollcall-worker dev` writes how to reach it.
	CacheDir func() (string, error)
	// LimitHeap makes the garbage collector work harder once the heap has so many bytes. It is not a hard limit.
	// GOMEMLIMIT in the environment overrides it.
	LimitHeap func(bytes int64)

	mu     sync.Mutex
	aborts []func()
}

// OnAbort makes Run call f when a second signal ends the program: f undoes at once what the command would undo later.
// The command may be undoing the same thing at that moment.
func (o *IO) OnAbort(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.aborts = append(o.aborts, f)
}

// abort calls the functions of OnAbort. It returns a channel that is closed when they have returned.
func (o *IO) abort() <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, f := range slices.Backward(o.aborts) {
			f()
		}
	}()
	return done
}

// OS returns the IO of the real process.
func OS() *IO {
	return &IO{
		Args: os.Args[1:], In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		LookupEnv: os.LookupEnv,
		InTTY:     term.IsTerminal(int(os.Stdin.Fd())),
		OutTTY:    term.IsTerminal(int(os.Stdout.Fd())),
		ErrTTY:    term.IsTerminal(int(os.Stderr.Fd())),
		Width:     osWidth,
		Signals: func() (<-chan os.Signal, func()) {
			c := make(chan os.Signal, 2)
			signal.Notify(c, os.Interrupt, syscall.SIGTERM)
			return c, func() { signal.Stop(c) }
		},
		Now:      time.Now,
		Zone:     config.LocalZone(),
		User:     osUser,
		CacheDir: devfile.UserDir,
		LimitHeap: func(bytes int64) {
			if _, set := os.LookupEnv("GOMEMLIMIT"); !set {
				debug.SetMemoryLimit(bytes)
			}
		},
	}
}

func osWidth() int {
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
	}
	w, _ := strconv.Atoi(os.Getenv("COLUMNS")) // unset or nonsense: unknown
	return w
}

// env returns a variable's value, "" when it is unset.
func (o *IO) env(name string) string {
	v, _ := o.LookupEnv(name)
	return v
}

// Clock returns the clock of all texts for people.
func (o *IO) Clock() clock.Clock { return clock.In(o.Zone) }

// animated reports whether stderr may be redrawn: whether it is a terminal that can move its cursor.
func (o *IO) animated() bool { return o.ErrTTY && o.env("TERM") != "dumb" }

// coloured reports whether stdout may have colours.
func (o *IO) coloured() bool {
	_, no := o.LookupEnv("NO_COLOR")
	return o.OutTTY && !no && o.env("TERM") != "dumb"
}
