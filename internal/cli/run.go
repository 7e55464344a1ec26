package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// Run runs a command tree as a program and returns its exit code. The first SIGINT or SIGTERM ends
// the command's context with the cause ErrInterrupted, so that it can finish in order. The second
// makes Run return as soon as the functions of OnAbort have returned, and the third at once.
func Run(o *IO, root *cobra.Command) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals, stop := o.Signals()
	defer stop()

	done := make(chan int, 1)
	go func() { done <- execute(ctx, o, root) }()
	for first := true; ; first = false {
		select {
		case code := <-done:
			return code
		case <-signals:
			if !first {
				select {
				case <-o.abort():
				case <-signals:
				}
				return Interrupted
			}
			cancel(ErrInterrupted)
		}
	}
}

func execute(ctx context.Context, o *IO, root *cobra.Command) int {
	// An error before the command itself runs is a fault of the command line.
	began := false
	root.PersistentPreRun = func(*cobra.Command, []string) { began = true }
	root.SilenceErrors, root.SilenceUsage = true, true
	root.DisableSuggestions = true // cobra's take several lines
	root.SetArgs(o.Args)
	root.SetIn(o.In)
	out := &noting{to: o.Out} // cobra's help reports no error
	root.SetOut(out)
	root.SetErr(o.Err)
	root.InitDefaultHelpCmd()
	if help, _, err := root.Find([]string{"help"}); err == nil && help != root {
		help.Args = knownCommand // cobra's own answers an unknown command with the root's help and exit code 0
	}
	root.InitDefaultCompletionCmd(o.Args...)
	if shells, _, err := root.Find([]string{"completion"}); err == nil && shells != root {
		Group(shells) // cobra's own command answers an unknown shell with its help and exit code 0
	}
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		if err = out.err; err == nil {
			return Done
		}
		began = true
	}
	if !began {
		err = Exit(BadUsage, suggest(root, o.Args, err))
	}
	code := Code(err)
	if ctx.Err() != nil { // the signal ended the command, whatever error the command met while ending
		code = Interrupted
	}
	if s := Explain(err); s != "" {
		for line := range strings.Lines(s) {
			_, _ = fmt.Fprintf(o.Err, "%s: %s\n", root.Name(), strings.TrimRight(line, "\n"))
		}
	}
	if !began {
		_, _ = fmt.Fprintf(o.Err, "see: %s --help\n", cmd.CommandPath())
	}
	return code
}

// noting notes the first error of a writer.
type noting struct {
	to  io.Writer
	err error
}

func (n *noting) Write(p []byte) (int, error) {
	done, err := n.to.Write(p)
	if n.err == nil {
		n.err = err
	}
	return done, err
}

// knownCommand accepts the words of a command.
func knownCommand(help *cobra.Command, words []string) error {
	found, rest, err := help.Root().Find(words)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("unknown command %q for %q", rest[0], found.CommandPath())
	}
	return suggest(help.Root(), words, err)
}

// suggest adds the nearest command to the error about an unknown one.
func suggest(root *cobra.Command, args []string, err error) error {
	at, rest, unknown := root.Find(args)
	if unknown == nil {
		return err
	}
	i := slices.IndexFunc(rest, func(word string) bool { return !strings.HasPrefix(word, "-") })
	if i < 0 {
		return err
	}
	return near(at, rest[i], err)
}

func near(cmd *cobra.Command, word string, err error) error {
	cmd.SuggestionsMinimumDistance = 2
	if names := cmd.SuggestionsFor(word); len(names) > 0 {
		return fmt.Errorf("%w; did you mean %q?", err, names[0])
	}
	return err
}

// Group makes a command that only has subcommands.
func Group(cmd *cobra.Command, children ...*cobra.Command) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return Exit(BadUsage, near(cmd, args[0], fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())))
	}
	cmd.AddCommand(children...)
	return cmd
}
