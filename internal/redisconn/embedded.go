package redisconn

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/redisconn/child"
)

// embedded is a Redis in a directory. A process that finds no server at its socket starts the
// server. All processes that use the directory are equal: when the one that started the server
// ends, the server ends with it, and the next dial of another process starts it again on the
// same files.
//
// A file lock decides which process may start the server, because two servers on one append-only file would ruin the
// file. The server process inherits the lock and holds it exactly as long as it runs, however it ends.
type embedded struct {
	dir     string
	socket  string // a path short enough to dial
	program string
	log     zerolog.Logger

	turn   chan struct{} // one starter at a time in this process; also guards the fields below
	own    *child.Process
	served bool // own has answered, so its exit is not a failed start
	closed bool
}

const (
	startTimeout = 60 * time.Second // a large append-only file takes a while to load
	stopTimeout  = 30 * time.Second
)

func (c *Conn) startEmbedded(ctx context.Context, a address, s settings) error {
	program, err := FindServer(s.lookPath)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		return &Error{Fault: Other, What: "its directory cannot be made: " + err.Error(), Remedy: "correct embedded:DIR in redis.url", Err: err}
	}
	e := &embedded{dir: a.dir, program: program, log: s.log, turn: make(chan struct{}, 1)}
	cleanup, err := e.findSocket()
	if err != nil {
		return err
	}
	c.closers = append(c.closers, cleanup, e.close)
	c.shared = "unix://" + e.socket // other processes share it, and never start a server of their own
	a.options.Addrs = []string{e.socket}
	a.options.Dialer = e.dial
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	return e.ensure(ctx)
}

// FindServer returns the path of the server program. A nil look means exec.LookPath. If there is no such program, it
// returns ErrNoServer, whose text names the command that installs one.
func FindServer(look func(string) (string, error)) (string, error) {
	if look == nil {
		look = exec.LookPath
	}
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := look(name); err == nil {
			return path, nil
		}
	}
	return "", &Error{
		Fault: NoServer, What: "no redis-server (and no valkey-server) on PATH", Remedy: installHint(), Err: ErrNoServer,
	}
}

// findSocket sets e.socket. The socket always lies in the directory. If the directory's path is too long for a socket,
// it is reached through a short link of our own, which cleanup removes.
func (e *embedded) findSocket() (cleanup func() error, err error) {
	e.socket = filepath.Join(e.dir, socketName)
	if len(e.socket) < maxSocketPath {
		return func() error { return nil }, nil
	}
	short, err := shortTempDir()
	if err != nil {
		return nil, err
	}
	if err := os.Symlink(e.dir, filepath.Join(short, "d")); err != nil {
		return nil, errors.Join(err, os.Remove(short))
	}
	e.socket = filepath.Join(short, "d", socketName)
	return func() error { return os.RemoveAll(short) }, nil
}

// dial is go-redis' dialer. It starts the server if there is none.
func (e *embedded) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", e.socket)
	if err == nil || !noServer(err) {
		return conn, err
	}
	if err := e.ensure(ctx); err != nil {
		return nil, err
	}
	return d.DialContext(ctx, "unix", e.socket)
}

// ensure starts a server unless one runs, and returns when it answers.
func (e *embedded) ensure(ctx context.Context) error {
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for {
		if e.closed {
			return net.ErrClosed
		}
		if e.answers() {
			e.served = true
			return nil
		}
		if err := e.reap(); err != nil {
			return err
		}
		if e.own == nil {
			if err := e.tryStart(); err != nil {
				return err
			}
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// reap forgets our server if it has ended. It returns an error if the server never answered, because to start it again
// would not help.
func (e *embedded) reap() error {
	if e.own == nil || !ended(e.own) {
		return nil
	}
	gone := e.own
	e.own = nil
	if e.served {
		e.log.Warn().EmbedObject(event.EmbeddedRedisEnded).AnErr("end", gone.Err()).Str("dir", e.dir).Msg("embedded Redis exited")
		return nil
	}
	return &Error{Fault: Other, What: "redis-server ended at once: " + child.LastWords(e.logFile()), Remedy: "see " + e.logFile(), Err: gone.Err()}
}

// tryStart starts a server, unless the server of any process runs or is still ending.
func (e *embedded) tryStart() error {
	lock, err := os.OpenFile(filepath.Join(e.dir, "server.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return &Error{Fault: Other, What: "its directory is not writable: " + err.Error(), Remedy: "correct embedded:DIR in redis.url", Err: err}
	}
	defer lock.Close() //nolint:errcheck // the server holds its own copy
	if !tryLock(lock) {
		return nil
	}
	cmd := exec.Command(e.program, //nolint:gosec,noctx // found on PATH by its fixed name; it ends with us, not with a context
		"--port", "0", "--unixsocket", socketName, "--unixsocketperm", "700", "--dir", e.dir,
		"--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory", "0", "--maxmemory-policy", "noeviction",
		"--daemonize", "no", "--logfile", e.logFile())
	cmd.Dir = e.dir
	cmd.ExtraFiles = []*os.File{lock}
	own, err := child.Start(cmd)
	if err != nil {
		return &Error{Fault: Other, What: "redis-server does not start: " + err.Error(), Err: err}
	}
	e.own, e.served = own, false
	e.log.Info().EmbedObject(event.EmbeddedRedisStarted).Str("program", e.program).Str("dir", e.dir).Int("pid", own.PID()).Msg("embedded Redis started")
	return nil
}

func (e *embedded) logFile() string { return filepath.Join(e.dir, "redis.log") }

// answers reports whether the server answers PING with PONG. While it loads its file it answers LOADING.
func (e *embedded) answers() bool {
	conn, err := net.DialTimeout("unix", e.socket, time.Second) //nolint:noctx // a second at most
	if err != nil {
		return false
	}
	defer conn.Close() //nolint:errcheck // nothing was written that could be lost
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := fmt.Fprint(conn, "PING\r\n"); err != nil {
		return false
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	return err == nil && strings.HasPrefix(line, "+PONG")
}

// close stops the server if we started it. Redis flushes its append-only file before it ends.
func (e *embedded) close() error {
	e.turn <- struct{}{}
	defer func() { <-e.turn }()
	e.closed = true
	if e.own == nil {
		return nil
	}
	return e.own.Stop(stopTimeout)
}

func ended(p *child.Process) bool {
	select {
	case <-p.Done():
		return true
	default:
		return false
	}
}

func noServer(err error) bool {
	return errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ECONNREFUSED)
}
