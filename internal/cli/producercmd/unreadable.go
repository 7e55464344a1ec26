package producercmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/store"
)

func newUnreadableCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "unreadable",
		Short: "List, export and remove stored things that cannot be read",
		Long: `List, export and remove what is stored in Redis and cannot be read: it is damaged, a newer version
wrote it, or it is encrypted with a key that is not known here. Everything else keeps working. What the
records tell is repaired within 15 seconds; the rest stays until it can be read or is removed.`,
		Example: `rollcall-producer unreadable list
rollcall-producer unreadable export group grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10 > record.json
rollcall-producer unreadable remove group grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10 --dry-run`,
	}
	cli.WithExit(cmd, cli.ExitLines("0    done")...)
	return cli.Group(cmd, newUnreadableListCommand(p), newUnreadableExportCommand(p), newUnreadableRemoveCommand(p))
}

func newUnreadableListCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List what cannot be read",
		Long:    `List what cannot be read. Each is looked at again: what can be read meanwhile is not listed.`,
		Example: `rollcall-producer unreadable list --output json`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.in(cmd, func(ctx context.Context, r *rooms) error {
				found, err := r.store.Unreadables(ctx)
				if err != nil {
					return err
				}
				return cli.Print(r.Session, listDocument[store.Unreadable]{found, ""}, found, func(page *cli.Page) {
					if len(found) == 0 {
						r.Say("no unreadable entry has been found")
						return
					}
					rows := make([][]string, len(found))
					for i, u := range found {
						rows[i] = []string{string(u.Kind), u.ID, page.Time(&found[i].Since), u.Reason.Said().String()}
					}
					page.Table([]string{"KIND", "ID", "FOUND", "WHY, AND WHAT TO DO"}, rows)
				})
			})
		},
	}
	return cli.WithExit(cmd, cli.ExitLines("0    done, also when there is nothing")...)
}

func newUnreadableExportCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export KIND ID",
		Short: "Write a thing that cannot be read, as it is stored",
		Long: `Write a thing that cannot be read to standard output, as one JSON document. Its content is base64, and
may hold telephone numbers and texts.`,
		Example: `rollcall-producer unreadable export group grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10 > record.json`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.in(cmd, func(ctx context.Context, r *rooms) error {
				e, err := r.control.ExportUnreadable(ctx, store.Kind(args[0]), args[1])
				if err != nil {
					return noUnreadable(args, err)
				}
				r.Format = cli.JSON
				return cli.Print[store.Exported](r.Session, e, nil, func(*cli.Page) {})
			})
		},
	}
	return cli.WithExit(cmd, cli.ExitLines("0    done", "1    there is no such thing, or it can be read")...)
}

func newUnreadableRemoveCommand(p *program) *cobra.Command {
	var dryRun, again bool
	cmd := &cobra.Command{
		Use:   "remove KIND ID",
		Short: "Remove a thing that cannot be read",
		Long: `Remove a thing that cannot be read. Export it first: nothing brings it back. A person at a terminal is
asked; scripts (no terminal, or --no-input) are not.

A group leaves the index and its batch, which can end then. Its group at WhatsApp, if there is one,
stays as it is. The same request is refused from then on (code removed), because its group may exist,
and no other request takes that group; both for as long as the retention. With --again both end now.
The key of a request is rewritten for its group; if no record has the key, --again is needed. A pause
or a slower pace ends. A suppression ends: add the person again.`,
		Example: `rollcall-producer unreadable remove group grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10 --dry-run
rollcall-producer unreadable remove pause alpha --no-input`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.in(cmd, func(ctx context.Context, r *rooms) error {
				u, err := r.store.PlanRemove(ctx, store.Kind(args[0]), args[1], again)
				switch {
				case dryRun:
				case err != nil: // refused without a question
					r.control.Audit.Did(ctx, audit.RemoveUnreadable, audit.About{Subjects: []string{args[0] + " " + args[1]}}, err)
				default:
					if err := r.Confirm(ctx, "remove the %s %s for good?", u.Kind, u.ID); err != nil {
						return err
					}
					u, err = r.control.RemoveUnreadable(ctx, u.Kind, u.ID, again)
				}
				if err != nil {
					return noUnreadable(args, err)
				}
				return cli.Print[removal](r.Session, removal{u, dryRun}, nil, func(page *cli.Page) {
					did := "removed"
					if dryRun {
						did = "would be removed"
					}
					page.Printf("%s %s, found %s, %s\n", u.Kind, u.ID, page.Time(&u.Since), did)
				})
			})
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "show what would be removed; change nothing")
	cmd.Flags().BoolVar(&again, "again", false, "of a group or a request: let the same request make a group again")
	return cli.WithExit(cmd, cli.ExitLines("0    done", "1    there is no such thing, it can be read, or it is not removed so")...)
}

// removal is the answer of remove.
type removal struct {
	store.Unreadable

	DryRun bool `json:"dryRun"`
}

// noUnreadable explains why a thing is neither exported nor removed.
func noUnreadable(args []string, err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return cli.Exit(cli.Failed, fmt.Errorf("nothing unreadable is named %s %s; \"unreadable list\" shows what there is", args[0], args[1]))
	case errors.Is(err, store.ErrAgain):
		return cli.Exit(cli.Failed, fmt.Errorf("%w: give --again", err))
	case errors.Is(err, store.ErrNeeded):
		return cli.Exit(cli.Failed, err)
	}
	return err
}
