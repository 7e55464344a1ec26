package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Markdown writes the reference of a command tree, from the same texts as its help.
func Markdown(w io.Writer, root *cobra.Command) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }
	p("## %s\n\n%s\n", root.Name(), paragraph(root))
	if flags := flagTable(root.PersistentFlags()); flags != "" {
		p("\nFlags of every command:\n\n%s", flags)
	}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.HasParent() {
			p("\n### %s\n\n%s\n\n```\n%s\n```\n", cmd.CommandPath(), paragraph(cmd), strings.Join(usageLines(cmd), "\n"))
			if flags := flagTable(cmd.LocalNonPersistentFlags()); flags != "" {
				p("\n%s", flags)
			}
		}
		if cmd.Example != "" {
			p("\n```sh\n%s\n```\n", examplesOf(cmd))
		}
		if note := exitNoteOf(cmd); note != "" {
			p("\n| exit status | |\n|---|---|\n")
			for line := range strings.SplitSeq(note, "\n") {
				code, what, _ := strings.Cut(line, " ")
				p("| %s | %s |\n", code, strings.TrimSpace(what))
			}
		}
		for _, c := range visible(cmd) {
			if c.Name() != "help" && c.Name() != "completion" {
				walk(c)
			}
		}
	}
	walk(root)
}

func paragraph(cmd *cobra.Command) string {
	if cmd.Long != "" {
		return strings.TrimSpace(cmd.Long)
	}
	return cmd.Short + "."
}

func flagTable(flags *pflag.FlagSet) string {
	var b strings.Builder
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		if b.Len() == 0 {
			b.WriteString("| flag | |\n|---|---|\n")
		}
		value, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		if value != "" {
			name += " " + value
		}
		if d := f.DefValue; d != "" && d != "false" && d != "[]" && d != "0" {
			usage += " (default " + d + ")"
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", name, strings.ReplaceAll(usage, "|", "\\|"))
	})
	return b.String()
}
