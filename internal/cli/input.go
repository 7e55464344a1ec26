package cli

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// OpenInput opens a file that the user named, for reading. The caller closes it.
func OpenInput(path string) (*os.File, error) {
	f, err := os.Open(path) //nolint:gosec // the user's own choice
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, Usage("%s: no such file; check its name and the directory it is in", path)
	case errors.Is(err, fs.ErrPermission):
		return nil, Usage("%s: you may not read this file; change its rights, or copy it to where you may", path)
	case err != nil:
		return nil, Usage("%s: it cannot be opened: %w", path, cause(err))
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		_ = f.Close()
		return nil, Usage("%s is a directory; name a file in it", path)
	}
	return f, nil
}

// cause returns an error without its path, which the message has already.
func cause(err error) error {
	if no, ok := errors.AsType[syscall.Errno](err); ok {
		return no
	}
	return err
}
