package cli

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

	"github.com/rollcallhq/rollcall/internal/redisconn"
)

// Dev is what a running `worker dev` tells the producers on its machine.
type Dev struct {
	PID   int    `json:"pid"`
	Redis string `json:"redis"` // unix://… or redis://127.0.0.1:…
	API   string `json:"api"`   // http://…
	// Access is what lets us into that Redis, beside its address.
	Access    redisconn.Access `json:"access,omitzero"`
	StartedAt time.Time        `json:"startedAt"`
}

// ErrNoDev says that no `worker dev` runs here.
var ErrNoDev = errors.New("no `worker dev` runs here")

// devFile is where a `worker dev` leaves word of itself: $ROLLCALL_DEV_FILE, or a file of its own in
// the user's cache directory, since several may run.
func (o *IO) devFile(pid string) (string, error) {
	if path := o.env("ROLLCALL_DEV_FILE"); path != "" {
		return path, nil
	}
	dir, err := o.CacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache directory: %w", err)
	}
	return filepath.Join(dir, "dev-"+pid+".json"), nil
}

// LeaveDev writes the file. The address in it may hold a password, so only its user can read it.
func (o *IO) LeaveDev(d Dev) error {
	path, err := o.devFile(strconv.Itoa(d.PID))
	if err != nil {
		return err
	}
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".dev-*") // private by itself
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

// RemoveDev removes the file, unless another `worker dev` has written it since.
func (o *IO) RemoveDev(pid int) error {
	path, err := o.devFile(strconv.Itoa(pid))
	if err != nil {
		return err
	}
	d, err := readDev(path)
	if err != nil || d.PID != pid {
		return nil //nolint:nilerr // nothing of ours is left
	}
	return os.Remove(path)
}

// FindDev finds the `worker dev` that runs here; of several the one that was started last. One that
// was killed leaves its file behind, so its process must live and its Redis must answer. The error is
// ErrNoDev when there is none.
func (o *IO) FindDev(ctx context.Context) (Dev, error) {
	pattern, err := o.devFile("*")
	if err != nil {
		return Dev{}, err
	}
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return Dev{}, err
	}
	latest, faults := Dev{}, []error{}
	for _, path := range paths {
		d, err := readDev(path)
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
	return Dev{}, ErrNoDev
}

func readDev(path string) (Dev, error) {
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
	if runtime.GOOS == "windows" { // there FindProcess has looked
		return true
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}

// listens says whether somebody listens at a Redis address.
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
