package workercmd

import (
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
)

// program is the name that stands before every message and in the help.
const program = "rollcall-worker"

// Main runs the program and returns its exit code.
func Main(o *cli.IO) int { return cli.Run(o, New(o)) }

// New returns the command tree. A worker without a command runs.
func New(o *cli.IO) *cobra.Command {
	common := &cli.Common{}
	root := newRunCommand(o, common)
	root.Use = program
	root.Short = "Create WhatsApp groups from a queue"
	root.Example = rootExamples
	common.AddFlags(root.PersistentFlags(), zerolog.InfoLevel)
	root.AddCommand(
		newRunCommand(o, common),
		newDevCommand(o, common),
		newCheckCommand(o, common),
		newSimulateCommand(o, common),
		newBenchCommand(o, common),
		cli.NewHealthCommand(o, common),
		cli.NewVersionCommand(o, common),
	)
	cli.UseHelp(root)
	return cli.RunsItself(root)
}

const rootExamples = `# try everything out on this machine, without any account
rollcall-worker dev

# check the configuration, Redis and every instance, then run
rollcall-worker check --config rollcall.yaml && rollcall-worker --config rollcall.yaml`
