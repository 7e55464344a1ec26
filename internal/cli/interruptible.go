package cli

import (
	"context"
	"io"
)

// Interruptible returns a reader whose reads end with ctx, even on a terminal or a pipe on which nothing
// comes. The interrupted read goes on in the background, because the program ends soon after.
func Interruptible(ctx context.Context, r io.Reader) io.Reader { return interruptible{ctx, r} }

type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i interruptible) Read(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	buf := make([]byte, len(p)) // p belongs to the caller again after the return
	c := make(chan result, 1)
	go func() {
		n, err := i.r.Read(buf)
		c <- result{n, err}
	}()
	select {
	case got := <-c:
		return copy(p, buf[:got.n]), got.err
	case <-i.ctx.Done():
		return 0, context.Cause(i.ctx)
	}
}
