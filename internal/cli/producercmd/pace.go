package producercmd

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

type paceOptions struct {
	Instance string
	Slowing  store.Slowing
	Reset    bool
	End      operate.Ending
}

func newPaceCommand(p *program) *cobra.Command {
	var o paceOptions
	cmd := &cobra.Command{
		Use:   "pace INSTANCE",
		Short: "Slow an instance down, or give it back its configured pace",
		Long: `Slow an instance down until --reset, or until the end that --for or --until gives; its workers keep to it within seconds. The pace in rollcall.yaml
stays the floor: a longer time between two calls and fewer calls a day are possible here, a quicker
pace only there. A limit that is not given is as configured, also if it was changed before. A moment without a zone is by the clock of the
instance's pacing.zone.`,
		Example: `rollcall-producer pace alpha --create-every 10m --create-per-day 10 --reason "new number"
rollcall-producer pace alpha --invite-every 5m --for 24h
rollcall-producer pace alpha --reset`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Instance = args[0]
			if err := o.check(cmd); err != nil {
				return err
			}
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runPace(ctx, r, o) })
		},
	}
	f := cmd.Flags()
	f.DurationVar(&o.Slowing.Create.Every, "create-every", 0, "at least this long between two creates: 10m")
	f.IntVar(&o.Slowing.Create.PerDay, "create-per-day", 0, "at most so many creates a day of pacing.zone")
	f.DurationVar(&o.Slowing.Invite.Every, "invite-every", 0, "at least this long between two invitations: 90s")
	f.IntVar(&o.Slowing.Invite.PerDay, "invite-per-day", 0, "at most so many invitations a day of pacing.zone")
	f.StringVar(&o.Slowing.Reason, "reason", "", "say why, for those who see it and for the audit log")
	f.BoolVar(&o.Reset, "reset", false, "go back to the configured pace")
	addEnding(cmd, &o.End)
	return cli.WithExit(cmd, cli.ExitLines(
		"0    done, also when nothing changed", "1    there is no such instance, or no worker has announced it",
		"2    the pace is quicker than the configured one, its end is past, or the command line or the configuration is wrong")...)
}

// check refuses contradictory flags and a pace of 0.
func (o *paceOptions) check(cmd *cobra.Command) error {
	given := 0
	for name, fine := range map[string]bool{
		"create-every": o.Slowing.Create.Every > 0, "create-per-day": o.Slowing.Create.PerDay > 0,
		"invite-every": o.Slowing.Invite.Every > 0, "invite-per-day": o.Slowing.Invite.PerDay > 0,
	} {
		if !cmd.Flags().Changed(name) {
			continue
		}
		given++
		if !fine {
			return cli.Usage("--%s must be more than 0; to stop an instance, pause it", name)
		}
	}
	switch {
	case o.Reset && (given > 0 || o.End != operate.Ending{}):
		return cli.Usage("--reset goes back to the configured pace; give it alone, or a pace without it")
	case !o.Reset && given == 0:
		return cli.Usage("no pace was given: give at least one of --create-every, --create-per-day, --invite-every and --invite-per-day, or --reset")
	}
	return nil
}

func runPace(ctx context.Context, r *rooms, o paceOptions) error {
	if err := r.unknownInstance(ctx, o.Instance); err != nil {
		return err
	}
	var err error
	if o.Reset {
		err = r.control.ResetPace(ctx, o.Instance, o.Slowing.Reason)
	} else {
		err = badChange(r.control.SetPace(ctx, o.Instance, o.Slowing, o.End))
	}
	if err != nil {
		return err
	}
	i, err := r.status.Instance(ctx, o.Instance)
	if err != nil {
		return err
	}
	return cli.Print[view.Instance](r.Session, i, nil, func(p *cli.Page) {
		now := "as configured"
		if i.Slowed != nil {
			now = "slowed down"
			if until := p.Time(i.Slowed.Until); until != "" {
				now += " until " + until
			}
		}
		p.Printf("%s: %s; creates %s, invitations %s\n", i.Name, now, paceText(i.Pace.Create), paceText(i.Pace.Invite))
	})
}

// paceText returns a pace in words; "" if no worker has announced one.
func paceText(p view.Pace) string {
	if p.Every == "" {
		return ""
	}
	text := "one every " + p.Every
	if every, err := time.ParseDuration(p.Every); err == nil && every == 0 {
		text = "one after the other"
	}
	if p.PerDay > 0 {
		text += fmt.Sprintf(" and %d a day", p.PerDay)
	}
	return text
}

// slowedText says why an instance is slower than configured; "" if it is not.
func slowedText(p *cli.Page, i view.Instance) string {
	if i.Slowed == nil {
		return ""
	}
	text := "creates are configured " + paceText(i.Slowed.Configured.Create) + ", invitations " + paceText(i.Slowed.Configured.Invite)
	if i.Slowed.Reason != "" {
		text = i.Slowed.Reason + "; " + text
	}
	if until := p.Time(i.Slowed.Until); until != "" {
		text = "until " + until + "; " + text
	}
	return text
}
