package producercmd

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

type editOptions struct {
	ID            string
	Name          string
	Add, Remove   []string
	AutoInvite    bool
	InviteMessage string
	NotBefore     string
	ExpiresAt     string
	Region        string
	Strict        bool
	DryRun        bool
	Setup         setupOptions
	create        createOptions // consent
}

func newEditCommand(p *program) *cobra.Command {
	var o editOptions
	cmd := &cobra.Command{
		Use:   "edit ID [--name NAME] [--remove-phone PHONE...] [--add-phone PHONE...] [...]",
		Short: "Correct a group that does not exist yet",
		Long: `Correct a group that waits, failed or was cancelled: a typo in its name, a wrong number. What is not
given stays as it is; a flag with an empty value ("") takes a text or a time away.

A group for which nothing was called yet is edited in place. One that failed or was cancelled, or that
waits after calls that came to nothing, is replaced: another group is created instead, and each of the
two records names the other. The corrected request is judged as one that is created.

A group that is being created, is in review, or exists is refused: add people to it ("add"), end its
review first ("resolve"). For its instance or pool there is "move".`,
		Example: `rollcall-producer edit grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10 --name "Turma 12" --dry-run
rollcall-producer edit grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10 --remove-phone +5544999999999 --add-phone +5544999999998`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.ID = args[0]; !strings.HasPrefix(o.ID, group.IDPrefix) {
				return cli.Usage("%q is not a group's id; they begin with %s", o.ID, group.IDPrefix)
			}
			change, err := o.change(cmd.Flags())
			if err != nil {
				return err
			}
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runEdit(ctx, r, o, change) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Name, "name", "", "the group's new `NAME`")
	f.StringArrayVar(&o.Add, "add-phone", nil, "a `PHONE` to add; give it several times")
	f.StringArrayVar(&o.Remove, "remove-phone", nil, "a `PHONE` to remove, in any spelling; give it several times")
	f.BoolVar(&o.AutoInvite, "auto-invite", true, "invite privately who cannot be added (default: as it is)")
	f.StringVar(&o.InviteMessage, "invite-message", "", "the invitation's `TEXT`")
	f.StringVar(&o.NotBefore, "not-before", "", "do not create it before this `TIME`, as 2026-11-21T09:00:00Z")
	f.StringVar(&o.ExpiresAt, "expires-at", "", "do not create it after this `TIME`, as 2026-11-21T09:00:00Z")
	o.Setup.flags(f)
	f.StringVar(&o.Region, "region", "", "the `COUNTRY` of phones without a country code, as BR")
	f.BoolVar(&o.Strict, "strict", false, "change nothing if any phone cannot be used")
	f.BoolVar(&o.DryRun, "dry-run", false, "say what would be changed; change nothing")
	f.StringVar(&o.create.ConsentSource, "consent-source", "", "`WHERE` the people gave their consent")
	f.StringVar(&o.create.ConsentAt, "consent-at", "", "the `TIME` at which they gave it, as 2026-11-21T09:00:00Z")
	return cli.WithExit(cmd, cli.ExitLines("0    done, or nothing differs", "1    there is no such group, or its state does not allow it", "3    some of the added people cannot be used")...)
}

// change returns what the flags ask for.
func (o *editOptions) change(f *pflag.FlagSet) (operate.Change, error) {
	c := operate.Change{Consent: o.create.consent()}
	if o.create.ConsentAt != "" && c.Consent == nil {
		return c, cli.Usage("--consent-at %q is not a time; write it as 2026-11-21T09:00:00Z", o.create.ConsentAt)
	}
	if o.Region != "" && !phone.KnownRegion(o.Region) {
		return c, cli.Usage("--region %q is not a country; write its two letters, for example BR", o.Region)
	}
	for _, t := range []struct {
		flag string
		text *string
		to   **string
	}{
		{"name", &o.Name, &c.Name},
		{"invite-message", &o.InviteMessage, &c.Message},
		{"description", &o.Setup.Description, &c.Description},
		{"photo", &o.Setup.Photo, &c.Photo},
		{"welcome-message", &o.Setup.WelcomeMessage, &c.Welcome},
	} {
		if f.Changed(t.flag) {
			*t.to = t.text
		}
	}
	for _, t := range []struct {
		flag, text string
		to         **time.Time
	}{{"not-before", o.NotBefore, &c.NotBefore}, {"expires-at", o.ExpiresAt, &c.ExpiresAt}} {
		if !f.Changed(t.flag) {
			continue
		}
		at := time.Time{}
		if t.text != "" {
			var err error
			if at, err = time.Parse(time.RFC3339, t.text); err != nil {
				return c, cli.Usage("--%s %q is not a time; write it as 2026-11-21T09:00:00Z", t.flag, t.text)
			}
		}
		*t.to = &at
	}
	for _, p := range o.Add {
		c.Add = append(c.Add, tasks.Phone(p))
	}
	for _, p := range o.Remove {
		c.Remove = append(c.Remove, tasks.Phone(p))
	}
	if f.Changed("auto-invite") {
		c.AutoInvite = &o.AutoInvite
	}
	if f.Changed("admins") {
		if c.Admins = intake.AdminsOf(o.Setup.Admins, o.Region); c.Admins == nil {
			c.Admins = &tasks.Admins{}
		}
	}
	if o.Setup.changed(f); o.Setup.Settings != (tasks.Settings{}) {
		c.Settings = &o.Setup.Settings
	}
	return c, nil
}

func runEdit(ctx context.Context, r *rooms, o editOptions, change operate.Change) error {
	do := r.control.Edit
	if o.DryRun {
		do = r.control.PlanEdit
	}
	e, err := do(ctx, o.ID, change, operate.EditRules{Region: o.Region, Strict: o.Strict})
	if bad, ok := errors.AsType[*tasks.RowError](err); ok {
		return cli.Exit(cli.BadUsage, errors.New(bad.Message))
	}
	if errors.Is(err, store.ErrNotFound) {
		return cli.Exit(cli.Failed, errors.New("there is no group "+o.ID))
	}
	if err != nil {
		return err
	}
	docs, err := r.status.Describe(ctx, []*group.Group{e.Group})
	if err != nil {
		return err
	}
	doc := api.EditedOf(e, docs[0], o.DryRun)
	if err := printEdited(r, o.ID, doc); err != nil {
		return err
	}
	if len(doc.Unusable) > 0 {
		return cli.Exit(cli.Partly, nil)
	}
	return nil
}

func printEdited(r *rooms, id string, d api.GroupEdited) error {
	return cli.Print(r.Session, d, []api.GroupEdited{d}, func(p *cli.Page) {
		var rows [][]string
		for _, n := range d.New {
			rows = append(rows, []string{"added", n})
		}
		for _, n := range d.Gone {
			rows = append(rows, []string{"removed", n})
		}
		for _, f := range d.Fields {
			rows = append(rows, []string{"changed", f})
		}
		for _, u := range d.Unusable {
			rows = append(rows, []string{"unusable", u.Input + ": " + u.Message})
		}
		if len(rows) > 0 {
			p.Table([]string{"WHAT", "OF THE REQUEST"}, rows)
		}
		switch {
		case d.Outcome == operate.Unchanged:
			r.Say("nothing differs; %s stays as it is", id)
		case d.DryRun && d.Outcome == operate.Superseded:
			r.Say("another group would be created instead of %s", id)
		case d.DryRun:
			r.Say("%s would be edited in place", id)
		case d.Outcome == operate.Superseded:
			r.Say("%s is created instead of %s", d.Group.ID, id)
		default:
			r.Say("%s is edited in place", id)
		}
	})
}
