package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
)

// Confirm asks before something that cannot be undone. It asks only people: without a terminal, or
// with --no-input, the command line itself is the decision, so that scripts never hang. The end of ctx
// ends the question, with its cause as the error.
func (s *Session) Confirm(ctx context.Context, question string, args ...any) error {
	if s.NoInput || !s.InTTY || !s.ErrTTY {
		return nil
	}
	_, _ = fmt.Fprintf(s.Err, "%s [y/N] ", fmt.Sprintf(question, args...))
	answer, err := bufio.NewReader(Interruptible(ctx, s.In)).ReadString('\n')
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		if err == nil {
			return nil
		}
	}
	return Exit(Failed, fmt.Errorf("nothing was changed"))
}

// Interruptible returns a reader whose reads end with ctx, also on a terminal or a pipe on which nothing
// comes. The read under way is left behind; the program ends soon after.
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
	buf := make([]byte, len(p)) // p is the caller's again once we have returned
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
