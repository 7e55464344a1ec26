package cli

import (
	"bufio"
	"fmt"
	"strings"
)

// Confirm asks before something that cannot be undone. It asks only people: without a terminal, or
// with --no-input, the command line itself is the decision, so that scripts never hang.
func (s *Session) Confirm(question string, args ...any) error {
	if s.NoInput || !s.InTTY || !s.ErrTTY {
		return nil
	}
	_, _ = fmt.Fprintf(s.Err, "%s [y/N] ", fmt.Sprintf(question, args...))
	answer, err := bufio.NewReader(s.In).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		if err == nil {
			return nil
		}
	}
	return Exit(Failed, fmt.Errorf("nothing was changed"))
}
