package cli_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/producercmd"
	"github.com/rollcallhq/rollcall/internal/cli/workercmd"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// root is the root of the repository.
var root = filepath.Join("..", "..")

// own returns the program that words call, and its arguments; nil for a command that is not ours.
func own(words []string) (program func(*cli.IO) *cobra.Command, args []string) {
	switch {
	case words[0] == "rollcall-worker":
		return workercmd.New, words[1:]
	case words[0] == "rollcall-producer":
		return producercmd.New, words[1:]
	case len(words) > 2 && slices.Equal(words[:3], []string{"go", "run", "./worker"}):
		return workercmd.New, words[3:]
	case len(words) > 2 && slices.Equal(words[:3], []string{"go", "run", "./producer"}):
		return producercmd.New, words[3:]
	}
	return nil, nil
}

// parse reads a command of ours as the program does, without running it. A mention may leave out arguments, and
// the value of its last flag.
func parse(words []string, mention bool) error {
	program, args := own(words)
	if program == nil {
		return nil
	}
	tree := program(&cli.IO{LookupEnv: func(string) (string, bool) { return "", false }})
	tree.InitDefaultCompletionCmd(args...)
	cmd, rest, err := tree.Find(args)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil && (!mention || cmd.ParseFlags(append(rest, "1h")) != nil) {
		return err
	}
	args = cmd.Flags().Args()
	if len(args) > 0 && (cmd.HasAvailableSubCommands() && cmd.Args == nil) {
		return fmt.Errorf("%s has no command %s", cmd.CommandPath(), args[0])
	}
	if mention && len(args) == 0 {
		return nil
	}
	return cmd.ValidateArgs(args)
}

func TestDocuments_EveryCommandParses(t *testing.T) {
	t.Parallel()
	read := 0
	for file, text := range testutil.Documents(t, root) {
		for mention, all := range [][]testutil.Documented{testutil.CommandsOf(file, text), testutil.MentionsIn(file, text)} {
			for _, d := range all {
				if first, _, _ := strings.Cut(d.Text, " "); first == "producer" || first == "worker" {
					if d.Text != "worker" || file != "docs/install.md" { // the name that `go install` would give it
						t.Errorf("%v: the program is called rollcall-%s", d, first)
					}
				}
				for _, words := range testutil.Simple(d.Text) {
					read++
					if err := parse(words, mention == 1); err != nil {
						t.Errorf("%v: %v", d, err)
					}
				}
			}
		}
	}
	if read < 300 {
		t.Errorf("only %d commands were read", read)
	}
}

// day matches the date that a moment begins with.
var day = regexp.MustCompile(`\b20\d\d-\d\d-\d\d`)

// TestDocuments_NoCommandNamesADayToCome finds an example such as --until 2026-12-01T08:00, which fails from then on.
func TestDocuments_NoCommandNamesADayToCome(t *testing.T) {
	t.Parallel()
	yesterday := time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly) // may not have ended everywhere
	read := 0
	for file, text := range testutil.Documents(t, root) {
		for _, d := range slices.Concat(testutil.CommandsOf(file, text), testutil.MentionsIn(file, text)) {
			for _, named := range day.FindAllString(d.Text, -1) {
				read++
				if named >= yesterday {
					t.Errorf("%v: %s is not past, and after it the command may fail", d, named)
				}
			}
		}
	}
	if read == 0 {
		t.Error("no date was read")
	}
}

func TestParse_RefusesWhatTheProgramRefuses(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"rollcall-producer nonsense", "rollcall-producer status --nonsense", "rollcall-producer status a b", "rollcall-producer key nonsense",
		"rollcall-worker nonsense", "go run ./worker check --nonsense", "rollcall-producer resolve",
	} {
		if parse(testutil.Simple(line)[0], false) == nil {
			t.Errorf("%s parses, want an error", line)
		}
	}
	for _, line := range []string{"rollcall-producer completion bash", "rollcall-worker --config x", "ls --nonsense"} {
		if err := parse(testutil.Simple(line)[0], false); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}
