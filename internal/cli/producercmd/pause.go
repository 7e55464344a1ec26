package producercmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

type pauseOptions struct {
	Instance string
	Reason   string
	EndRest  bool
	End      operate.Ending
}

func newPauseCommand(p *program) *cobra.Command {
	var o pauseOptions
	cmd := &cobra.Command{
		Use:   "pause INSTANCE",
		Short: "Stop an instance until it is resumed",
		Long: `Stop an instance. When the command returns, no new create and no new invitation begins there. It
says which call had begun before and is still under way; the provider has that one already. The
instance's groups keep waiting and say why; those of its pools go to the other instances.

With --for or --until the instance goes on at that moment, by Redis' clock, without resume. A moment
without a zone is by the clock of the instance's pacing.zone. A new pause replaces the one before.`,
		Example: `rollcall-producer pause alpha --reason "SIM is being replaced"
rollcall-producer pause alpha --for 2h`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Instance = args[0]
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runPause(ctx, r, o) })
		},
	}
	cmd.Flags().StringVar(&o.Reason, "reason", "", "say why, for those who wonder what a group waits for")
	addEnding(cmd, &o.End)
	return cli.WithExit(cmd, cli.ExitLines("0    done, also when it was paused already", "1    there is no such instance", "2    the end is past, or the command line or the configuration is wrong")...)
}

// addEnding adds the flags that end a pause or a pace.
func addEnding(cmd *cobra.Command, e *operate.Ending) {
	cmd.Flags().StringVar(&e.For, "for", "", "let it end after this long: 2h")
	cmd.Flags().StringVar(&e.Until, "until", "", "let it end at this moment: 2030-12-02T08:00 by the clock of pacing.zone, or 2030-12-02T08:00:00-03:00")
}

// badChange turns the error for an impossible change into a usage error.
func badChange(err error) error {
	if _, ok := errors.AsType[*operate.ChangeError](err); ok {
		return cli.Exit(cli.BadUsage, err)
	}
	return err
}

func newResumeCommand(p *program) *cobra.Command {
	var o pauseOptions
	cmd := &cobra.Command{
		Use:   "resume INSTANCE",
		Short: "Let a paused instance go on",
		Long: `Let a paused instance go on. What the provider says (logged out, restricted, a rest after "rate
overlimit") still holds. --end-rest ends such a rest early: WhatsApp restricts numbers that do not
heed it.

Queues that asynq's own tools have paused (asynq queue pause, asynqmon, Inspector.PauseQueue) are let go
on too: those of the instance and those of its pools.`,
		Example: `rollcall-producer resume alpha --reason "new SIM"
rollcall-producer resume alpha --end-rest`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Instance = args[0]
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runResume(ctx, r, o) })
		},
	}
	cmd.Flags().StringVar(&o.Reason, "reason", "", "say why, for the audit log")
	cmd.Flags().BoolVar(&o.EndRest, "end-rest", false, "end a rest that the provider imposed, too")
	return cli.WithExit(cmd, cli.ExitLines("0    done, also when it was not paused", "1    there is no such instance")...)
}

func runPause(ctx context.Context, r *rooms, o pauseOptions) error {
	if err := r.unknownInstance(ctx, o.Instance); err != nil {
		return err
	}
	if err := badChange(r.control.Pause(ctx, o.Instance, o.Reason, o.End)); err != nil {
		return err
	}
	return r.printInstance(ctx, o.Instance, "paused")
}

func runResume(ctx context.Context, r *rooms, o pauseOptions) error {
	if err := r.unknownInstance(ctx, o.Instance); err != nil {
		return err
	}
	if err := r.control.Resume(ctx, o.Instance, o.Reason, o.EndRest); err != nil {
		return err
	}
	return r.printInstance(ctx, o.Instance, "resumed")
}

// instance returns the document of an instance that was announced or that the configuration lists.
func (r *rooms) instance(ctx context.Context, name string) (view.Instance, error) {
	d, err := r.status.Instance(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		for i := range r.config.Instances {
			if own := &r.config.Instances[i]; own.Name == name {
				d, err = unserved(name, own.Pools), nil
				d.Provider = string(own.Provider)
			}
		}
	}
	return d, err
}

// unserved returns the document of an instance that no worker has announced.
func unserved(name string, pools []string) view.Instance {
	if pools == nil {
		pools = []string{}
	}
	return view.Instance{Name: name, State: provider.UnknownState, Reason: say.Phrase{Code: say.NoWorker}, Pools: pools}
}

// printInstance shows an instance after a change. It shows only the name if no worker has announced the instance.
func (r *rooms) printInstance(ctx context.Context, name, what string) error {
	i, err := r.instance(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		i = unserved(name, nil)
	} else if err != nil {
		return err
	}
	return cli.Print[view.Instance](r.Session, i, nil, func(p *cli.Page) {
		line := fmt.Sprintf("%s: %s", name, what)
		if string(i.State) != what {
			line += ", now " + string(i.State)
		}
		if !i.Reason.Zero() {
			line += " (" + i.Reason.String() + ")"
		}
		if until := p.Time(i.Until); until != "" {
			line += " until " + until
		}
		if underWay := i.StillUnderWay(); !underWay.Zero() && i.State == provider.Paused {
			line += "; " + underWay.String()
		}
		p.Printf("%s\n", line)
	})
}
