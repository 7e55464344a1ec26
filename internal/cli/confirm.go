package cli

import (
	"bufio"
	"context"
	"fmt"
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
