// Package devfile is how programs find a `rollcall-worker dev` that runs on their machine: dev leaves a file with the
// address of its Redis.
package devfile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// Dev is what a running `rollcall-worker dev` tells the producers on its machine.
type Dev struct {
	PID   int    `json:"pid"`
	Redis string `json:"redis"` // unix://… or redis://127.0.0.1:…
	API   string `json:"api"`   // http://…
	// Password and TLS are what a client of that Redis needs beside the address.
	Password  string    `json:"password,omitempty"`
	TLS       TLS       `json:"tls,omitzero"`
	StartedAt time.Time `json:"startedAt"`
}

// TLS names the certificates for a Redis that speaks TLS.
type TLS struct {
	CAFile     string `json:"caFile,omitempty"`
	CertFile   string `json:"certFile,omitempty"`
	KeyFile    string `json:"keyFile,omitempty"`
	ServerName string `json:"serverName,omitempty"`
}

// Variable is the environment variable that names the file, for the process that writes it and for those that read it.
const Variable = "ROLLCALL_DEV_FILE"

// ErrNone says that no `rollcall-worker dev` runs here.
var ErrNone = errors.New("no `rollcall-worker dev` runs here")

// Place is where the files are: File, or one for each process in Dir, since several may run.
type Place struct {
	File string
	Dir  func() (string, error)
}

// User returns the place of this process: what Variable says, or the user's cache directory.
func User() Place { return Place{File: os.Getenv(Variable), Dir: UserDir} } //nolint:forbidigo // the Go client has no IO to take it from

// UserDir returns rollcall's directory in the user's cache.
func UserDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "rollcall"), nil
}

func (p Place) path(pid string) (string, error) {
	if p.File != "" {
		return p.File, nil
	}
	dir, err := p.Dir()
	if err != nil {
		return "", fmt.Errorf("find the cache directory: %w", err)
	}
	return filepath.Join(dir, "dev-"+pid+".json"), nil
}

// Leave writes the file. The address in it may hold a password, so only its user can read it.
func (p Place) Leave(d Dev) error {
	path, err := p.path(strconv.Itoa(d.PID))
	if err != nil {
		return err
	}
	data, err := json.Marshal(d) //nolint:gosec // the file is its user's alone
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".dev-*") // CreateTemp makes it private
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// Remove removes the file, unless another `rollcall-worker dev` has written it since.
func (p Place) Remove(pid int) error {
	path, err := p.path(strconv.Itoa(pid))
	if err != nil {
		return err
	}
	d, err := read(path)
	if err != nil || d.PID != pid {
		return nil //nolint:nilerr // nothing of ours is left
	}
	return os.Remove(path)
}

// Find finds the `rollcall-worker dev` that runs here; of several the one that was started last. One that was
// killed leaves its file behind, so its process must live and its Redis must answer. The error is
// ErrNone when there is none.
func (p Place) Find(ctx context.Context) (Dev, error) {
	pattern, err := p.path("*")
	if err != nil {
		return Dev{}, err
	}
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return Dev{}, err
	}
	latest, faults := Dev{}, []error{}
	for _, path := range paths {
		d, err := read(path)
		switch {
		case errors.Is(err, fs.ErrNotExist): // gone meanwhile
		case err != nil:
			faults = append(faults, err)
		case !alive(d.PID):
			_ = os.Remove(path) // it was killed
		case (latest.PID == 0 || d.StartedAt.After(latest.StartedAt)) && listens(ctx, d.Redis):
			latest = d
		}
	}
	switch {
	case latest.PID != 0:
		return latest, nil
	case len(faults) > 0:
		return Dev{}, errors.Join(faults...)
	}
	return Dev{}, ErrNone
}

func read(path string) (Dev, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the user's own cache, or what the user named
	if err != nil {
		return Dev{}, err
	}
	var d Dev
	if err := json.Unmarshal(data, &d); err != nil {
		return Dev{}, fmt.Errorf("read %s: %w", path, err)
	}
	return d, nil
}

func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil || pid <= 0 {
		return false
	}
	if runtime.GOOS == "windows" { // there FindProcess finds only running processes
		return true
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}

// listens reports whether a server listens at a Redis address.
func listens(ctx context.Context, address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	network, at := "tcp", u.Host
	if u.Scheme == "unix" {
		network, at = "unix", u.Path
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, network, at)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}
