package producercmd

import (
	"context"
	"io"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/agent"
	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/cli"
)

type mcpOptions struct {
	ReadOnly   bool
	ShowPhones bool
}

func newMCPCommand(p *program) *cobra.Command {
	var o mcpOptions
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Let a language model list, explain and create groups",
		Long: `Serve the Model Context Protocol on standard input and output. The program of a language model starts
this command; docs/agents.md shows how.

The model acts for the user who runs this command: the audit log names that user and the door mcp. It may
do what an operator may do to groups, and nothing to instances, keys or the configuration. It creates only
what it has planned before. A person must confirm what concerns several groups: the model's program
asks its user, and a program that cannot ask is refused.`,
		Example: `rollcall-producer mcp
rollcall-producer mcp --read-only --config rollcall.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runMCP(ctx, r, o) })
		},
	}
	cmd.Flags().BoolVar(&o.ReadOnly, "read-only", false, "offer only the tools that change nothing")
	cmd.Flags().BoolVar(&o.ShowPhones, "show-phones", false, "show phone numbers and invitation links to the model (default: masked)")
	return cli.WithExit(cmd, cli.ExitLines(
		"0    the client left, or ended by SIGINT or SIGTERM",
		"1    the connection to the client broke")...)
}

func runMCP(ctx context.Context, r *rooms, o mcpOptions) error {
	if !o.ReadOnly {
		if err := r.fit(ctx); err != nil {
			return err
		}
	}
	client, err := r.door(ctx)
	if err != nil {
		return err
	}
	who := auth.New(auth.Config{Trail: r.store.Trail, Log: r.Log})
	c := r.api(client, who)
	defer c.Photos.Close()
	c.Metrics = http.NotFoundHandler()
	server := api.New(c)
	defer server.Close()
	jobs := app.NewJobs(r.control, r.Log) // so that a change of many groups goes on where no server or worker runs
	jobs.Start(ctx)
	defer jobs.Stop()
	actor := audit.ActorOf(ctx)
	actor.Through = audit.MCP
	model, err := agent.New(agent.Config{API: server, Actor: actor, ReadOnly: o.ReadOnly, ShowPhones: o.ShowPhones, Version: c.Version})
	if err != nil {
		return err
	}
	return model.Serve(ctx, io.NopCloser(cli.Interruptible(ctx, r.In)), notClosed{r.Out})
}

// notClosed leaves standard output open: it is not the protocol's to close.
type notClosed struct{ io.Writer }

func (notClosed) Close() error { return nil }
