package producercmd

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
)

type resolveOptions struct {
	ID       string
	Adopt    string
	Recreate bool
	Abandon  bool
}

func newResolveCommand(p *program) *cobra.Command {
	var o resolveOptions
	cmd := &cobra.Command{
		Use:   "resolve ID (--adopt GROUPID | --recreate | --abandon)",
		Short: "Decide a group that is in review",
		Long: `Decide a group that is in review: only a person who looks at the phone can know what is true.
"status ID" shows the evidence, with the candidates.

  --adopt GROUPID   the group is this one at WhatsApp; its roll is called and people are invited
  --recreate        there is no group; create it
  --abandon         leave everything as it is; the request ends as cancelled`,
		Example: `rollcall-producer resolve grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10 --adopt 120363000000000001-group
rollcall-producer resolve grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10 --recreate`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.ID = args[0]
			ways := 0
			for _, chosen := range []bool{cmd.Flags().Changed("adopt"), o.Recreate, o.Abandon} {
				if chosen {
					ways++
				}
			}
			switch {
			case ways != 1:
				return cli.Usage("give exactly one of --adopt, --recreate and --abandon")
			case cmd.Flags().Changed("adopt") && strings.TrimSpace(o.Adopt) == "":
				return cli.Usage("--adopt is empty; give the group's id as the provider writes it, \"status %s\" shows the candidates", o.ID)
			}
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runResolve(ctx, r, o) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Adopt, "adopt", "", "the group is the one with this `GROUPID` at WhatsApp, as the provider writes it")
	f.BoolVar(&o.Recreate, "recreate", false, "there is no group at WhatsApp; create it again")
	f.BoolVar(&o.Abandon, "abandon", false, "end the request without deciding it")
	return cli.WithExit(cmd, cli.ExitLines(
		"0    done", "1    there is no such group, it is not in review, or the adopted one belongs to another request")...)
}

func runResolve(ctx context.Context, r *rooms, o resolveOptions) error {
	var g *group.Group
	var err error
	switch {
	case o.Recreate:
		g, err = r.control.Recreate(ctx, o.ID)
	case o.Abandon:
		g, err = r.control.Abandon(ctx, o.ID)
	default:
		g, err = r.control.Adopt(ctx, o.ID, o.Adopt)
	}
	if errors.Is(err, group.ErrState) || errors.Is(err, operate.ErrTaken) {
		return cli.Exit(cli.Failed, err)
	}
	if err != nil {
		return notFound(o.ID, err)
	}
	docs, err := r.status.Describe(ctx, []*group.Group{g})
	if err != nil {
		return err
	}
	return printGroup(r.Session, docs[0])
}
