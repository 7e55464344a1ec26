package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// exitNote is the annotation that says what a command's exit codes mean.
const exitNote = "rollcall.exit"

// WithExit says what a command's exit codes mean, one line each, for its help.
func WithExit(cmd *cobra.Command, lines ...string) *cobra.Command {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[exitNote] = strings.Join(lines, "\n")
	return cmd
}

// ExitLines returns the lines of a command's exit codes, in order: its own ones, and the usual ones of nearly every
// command. A command's own line of a code replaces the usual one.
func ExitLines(own ...string) []string {
	lines := slices.Clone(own)
	for _, usual := range []string{
		"2    the command line or the configuration is wrong",
		"5    Redis is not reachable, or refuses the password",
		"130  interrupted",
	} {
		if !slices.ContainsFunc(own, func(line string) bool { return codeOf(line) == codeOf(usual) }) {
			lines = append(lines, usual)
		}
	}
	slices.SortStableFunc(lines, func(a, b string) int { return codeOf(a) - codeOf(b) })
	return lines
}

// codeOf returns the exit code with which such a line begins.
func codeOf(line string) int {
	text, _, _ := strings.Cut(line, " ")
	n, _ := strconv.Atoi(text)
	return n
}

// UseHelp gives a command tree our help: what it does, how it is called, then EXAMPLES and EXIT STATUS.
func UseHelp(root *cobra.Command) {
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { writeHelp(cmd.OutOrStdout(), cmd) })
	root.SetUsageFunc(func(cmd *cobra.Command) error { writeHelp(cmd.OutOrStderr(), cmd); return nil })
}

func writeHelp(w io.Writer, cmd *cobra.Command) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	p("%s\n\nUSAGE\n", strings.TrimSpace(about))
	for _, line := range usageLines(cmd) {
		p("  %s\n", line)
	}
	if children := visible(cmd); len(children) > 0 {
		p("\nCOMMANDS\n")
		for _, c := range children {
			p("  %-12s %s\n", c.Name(), c.Short)
		}
	}
	for _, part := range []struct {
		title string
		flags *pflag.FlagSet
	}{{"FLAGS", cmd.NonInheritedFlags()}, {"COMMON FLAGS", cmd.InheritedFlags()}} {
		if part.flags.HasAvailableFlags() {
			p("\n%s\n%s", part.title, part.flags.FlagUsagesWrapped(100))
		}
	}
	if cmd.Example != "" {
		p("\nEXAMPLES\n%s\n", indented(examplesOf(cmd)))
	}
	if note := exitNoteOf(cmd); note != "" {
		p("\nEXIT STATUS\n%s\n", indented(note))
	}
}

func usageLines(cmd *cobra.Command) []string {
	var lines []string
	if len(visible(cmd)) > 0 {
		lines = append(lines, cmd.CommandPath()+" COMMAND [flags]")
	}
	if len(lines) == 0 || cmd.Annotations[runsItself] != "" {
		lines = append([]string{cmd.UseLine()}, lines...)
	}
	return lines
}

// runsItself marks a command that has subcommands and can run without one.
const runsItself = "rollcall.runs"

// RunsItself marks a command that has subcommands and can run without one.
func RunsItself(cmd *cobra.Command) *cobra.Command {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[runsItself] = "yes"
	return cmd
}

func visible(cmd *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			all = append(all, c)
		}
	}
	return all
}

// programWord stands for the program's name in the examples of commands that both programs have.
const programWord = "{program}"

func examplesOf(cmd *cobra.Command) string {
	return strings.Trim(strings.ReplaceAll(cmd.Example, programWord, cmd.Root().Name()), "\n")
}

// Spell adds to cobra's own texts what our help adds: the program's name in examples, and the exit status. It is for
// generators that read only cobra's texts.
func Spell(root *cobra.Command) {
	root.Example = examplesOf(root)
	if note := exitNoteOf(root); note != "" {
		root.Long = paragraph(root) + "\n\nExit status:\n\n" + indented(note)
	}
	for _, c := range root.Commands() {
		Spell(c)
	}
}

func exitNoteOf(cmd *cobra.Command) string { return cmd.Annotations[exitNote] }

func indented(text string) string {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight("  "+line, " ")
	}
	return strings.Join(lines, "\n")
}
