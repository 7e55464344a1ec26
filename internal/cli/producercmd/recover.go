package producercmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/view"
)

type recoverOptions struct {
	Current, Restored, StartOver bool
	Since                        string
}

func newRecoverCommand(p *program) *cobra.Command {
	var o recoverOptions
	cmd := &cobra.Command{
		Use:   "recover",
		Short: "Show whether Redis lost data, and decide what follows",
		Long: `Show the id of the installation and whether Redis holds what the workers remember. After Redis went
back to an older state, workers look for each group in the provider's lists before they create it.
After Redis lost the installation, they create nothing until one of these is given:
--current     nothing was lost: create without looking
--restored    a backup was restored: look before each create; give it before the workers start
--start-over  everything was lost: begin a new installation, and look before each create`,
		Example: `rollcall-producer recover
rollcall-producer recover --restored
rollcall-producer recover --start-over --since 2026-11-01T00:00:00Z`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			since, err := o.since()
			if err != nil {
				return err
			}
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runRecover(ctx, r, o, since) })
		},
	}
	cmd.Flags().BoolVar(&o.Current, "current", false, "say that no data were lost")
	cmd.Flags().BoolVar(&o.Restored, "restored", false, "say that a backup was restored")
	cmd.Flags().BoolVar(&o.StartOver, "start-over", false, "begin a new installation after all data were lost")
	cmd.Flags().StringVar(&o.Since, "since", "", "with --start-over: creation time of the oldest group that may be requested again (default: start of the lost installation)")
	cmd.MarkFlagsMutuallyExclusive("current", "restored", "start-over")
	return cli.WithExit(cmd, cli.ExitLines("0    done", "1    nothing to decide, or another decision is needed")...)
}

func (o recoverOptions) since() (time.Time, error) {
	if o.Since == "" {
		return time.Time{}, nil
	}
	if !o.StartOver {
		return time.Time{}, cli.Usage("--since goes with --start-over only")
	}
	at, err := time.Parse(time.RFC3339, o.Since)
	if err != nil {
		return at, cli.Usage("--since must be a time such as 2026-11-01T00:00:00Z")
	}
	return at, nil
}

func runRecover(ctx context.Context, r *rooms, o recoverOptions, since time.Time) error {
	var what operate.Recovery
	switch {
	case o.Current:
		what = operate.Current
	case o.Restored:
		what = operate.Restored
	case o.StartOver:
		what = operate.StartOver
	}
	if what != "" {
		if err := r.control.Recover(ctx, what, since); err != nil {
			return err
		}
	}
	doc, err := r.status.Installation(ctx)
	if err != nil {
		return err
	}
	return cli.Print[view.Installation](r.Session, doc, nil, func(p *cli.Page) {
		p.Printf("installation %s: %s\n", doc.ID, doc.State)
		if !doc.Reason.Zero() {
			p.Printf("%s\n", doc.Reason)
		}
		if doc.Until != nil {
			p.Printf("until %s\n", p.Time(doc.Until))
		}
	})
}
