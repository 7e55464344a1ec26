package cli_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/producercmd"
	"github.com/rollcallhq/rollcall/internal/cli/workercmd"
)

var update = flag.Bool("update", false, "write docs/cli.md and docs/events.md again")

const docsPath = "../../docs/cli.md"

const docsHead = `<!-- Generated from the commands themselves: go test ./internal/cli -run Reference -update -->

# Command line

Two programs: ` + "`rollcall-producer`" + ` asks for groups and follows them, ` + "`rollcall-worker`" + ` creates them. From a
checkout they are ` + "`go run ./producer`" + ` and ` + "`go run ./worker`" + `.

A value comes from the flag, else from its environment variable, else from the file, else from the
default. ` + "`--redis`" + ` is ` + "`ROLLCALL_REDIS_URL`" + `; every other common flag is ` + "`ROLLCALL_`" + ` and its name in
capitals, as ` + "`ROLLCALL_LOG_LEVEL`" + `. Without a Redis from any of them the producer uses that of a running
` + "`rollcall-worker dev`" + `, and says so.

Data goes to stdout, messages to stderr. ` + "`--output json`" + ` writes exactly one document, ` + "`jsonl`" + ` one a line; text
is a table on a terminal and tab-separated values elsewhere. Text shows times
by the clock of this machine, with the zone; machine formats have RFC 3339 in UTC. There is no colour, no
animation and no question where there is no terminal; ` + "`NO_COLOR`" + ` is obeyed.

The first SIGINT or SIGTERM stops a command cleanly, the second one at once.

`

func programs() []*cobra.Command {
	o := &cli.IO{LookupEnv: func(string) (string, bool) { return "", false }}
	return []*cobra.Command{producercmd.New(o), workercmd.New(o)}
}

func TestReference_IsWhatTheCommandsSay(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	b.WriteString(docsHead)
	for i, root := range programs() {
		if i > 0 {
			b.WriteString("\n")
		}
		cli.Markdown(&b, root)
	}
	if *update {
		if err := os.WriteFile(docsPath, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(docsPath)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Errorf("docs/cli.md is stale; generate it: go test ./internal/cli -run Reference -update")
	}
}

// A group in review may exist: its row given to create again makes a second one.
func TestReference_ExportsNoGroupInReviewToCreateItAgain(t *testing.T) {
	t.Parallel()
	have, err := os.ReadFile(docsPath)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(have)) {
		if _, only, filtered := strings.Cut(line, " export "); filtered && strings.Contains(only, "review") {
			t.Errorf("an example exports groups in review: %s", line)
		}
	}
}

func TestHelp_OfEveryCommandHasUsageExamplesAndExitStatus(t *testing.T) {
	t.Parallel()
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Name() == "completion" || cmd.Name() == "help" { // cobra's own
			return
		}
		var help bytes.Buffer
		cmd.SetOut(&help)
		if err := cmd.Help(); err != nil {
			t.Errorf("%s: %v", cmd.CommandPath(), err)
		}
		for _, part := range []string{"\nUSAGE\n", "\nEXAMPLES\n", "\nEXIT STATUS\n"} {
			if !strings.Contains(help.String(), part) {
				t.Errorf("%s: its help has no %s", cmd.CommandPath(), strings.TrimSpace(part))
			}
		}
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	for _, root := range programs() {
		walk(root)
	}
}

func TestReference_NamesEachExitStatusOfACommandOnce(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, root := range programs() {
		cli.Markdown(&b, root)
	}
	command, tables := "", 0
	named := map[string]bool{}
	for line := range strings.Lines(b.String()) {
		code, _, row := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		switch {
		case strings.HasPrefix(line, "### "):
			command = strings.TrimSpace(line[len("### "):])
		case strings.HasPrefix(line, "| exit status"):
			named = map[string]bool{}
			tables++
		case row && strings.Trim(code, "0123456789") == "":
			if named[code] {
				t.Errorf("%s names the exit status %s twice", command, code)
			}
			named[code] = true
		}
	}
	if tables == 0 {
		t.Error("no table of exit statuses")
	}
}
