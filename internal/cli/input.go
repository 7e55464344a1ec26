package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// OpenInput opens a file that the user named, for reading. The caller closes it. Opening a pipe and reading from it end
// with ctx, even if nothing comes.
func OpenInput(ctx context.Context, path string) (io.ReadCloser, error) {
	f, err := open(ctx, path)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.Is(err, fs.ErrNotExist):
		return nil, Usage("%s: no such file; check its name and the directory it is in", path)
	case errors.Is(err, fs.ErrPermission):
		return nil, Usage("%s: you may not read this file; change its rights, or copy it to where you may", path)
	case err != nil:
		return nil, Usage("%s: it cannot be opened: %w", path, cause(err))
	}
	switch info, err := f.Stat(); {
	case err == nil && info.IsDir():
		_ = f.Close()
		return nil, Usage("%s is a directory; name a file in it", path)
	case err == nil && !info.Mode().IsRegular():
		return struct {
			io.Reader
			io.Closer
		}{Interruptible(ctx, f), f}, nil
	}
	return f, nil
}

// open works like os.Open, but ends with ctx: os.Open of a pipe waits until a program writes to it.
func open(ctx context.Context, path string) (*os.File, error) {
	type result struct {
		f   *os.File
		err error
	}
	c := make(chan result, 1)
	go func() {
		f, err := os.Open(path) //nolint:gosec // the user's own choice
		c <- result{f, err}
	}()
	select {
	case got := <-c:
		return got.f, got.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// cause returns an error without its path, which the message has already.
func cause(err error) error {
	if no, ok := errors.AsType[syscall.Errno](err); ok {
		return no
	}
	return err
}
