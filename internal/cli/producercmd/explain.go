package producercmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

func newExplainCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain ID",
		Short: "Say why a group waits, or why an instance does nothing",
		Long: `Say why a group (grp_…) waits, or why an instance (its name) does nothing: in one sentence and until
when, then fact by fact (what is before it, what holds each instance that may take it, the latest
call, the last error), then what to do about it.`,
		Example: `rollcall-producer explain grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10
rollcall-producer explain alpha
rollcall-producer explain alpha --output json | jq -r '.do[].command'`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runExplain(ctx, r, args[0]) })
		},
	}
	return cli.WithExit(cmd, cli.ExitLines("0    done, also when it waits for nothing", "1    there is no such group or instance")...)
}

func runExplain(ctx context.Context, r *rooms, id string) error {
	var e view.Explanation
	var err error
	if strings.HasPrefix(id, group.IDPrefix) {
		if e, err = r.status.Explain(ctx, id); err != nil {
			return notFound(id, err)
		}
	} else if e, err = r.status.ExplainInstance(ctx, id); errors.Is(err, store.ErrNotFound) {
		return cli.Exit(cli.Failed, fmt.Errorf("there is no instance %q, and groups' ids begin with %s; `%s status` shows what there is", id, group.IDPrefix, Name))
	} else if err != nil {
		return err
	}
	return cli.Print[view.Explanation](r.Session, e, nil, func(p *cli.Page) { explainPage(p, e) })
}

func explainPage(p *cli.Page, e view.Explanation) {
	p.Printf("%s\n", cli.Plain(e.Answer.String()))
	if since := p.Time(e.Since); since != "" {
		p.Printf("since %s\n", since)
	}
	if until := p.Time(e.Until); until != "" {
		p.Printf("until %s\n", until)
	}
	p.Printf("\n")
	fields := []string{"status", e.Status}
	if e.Name != e.ID {
		fields = append(fields, "group", e.Name)
	}
	for _, f := range e.Facts {
		fields = append(fields, f.About.String(), f.Text.String())
	}
	p.Fields(fields...)
	if len(e.Do) > 0 {
		p.Printf("\nwhat to do\n")
	}
	for _, d := range e.Do {
		p.Printf("  %s\n", cli.Plain(d.Text.String()))
		if d.Command != "" {
			p.Printf("      %s\n", d.Command)
		}
	}
}
