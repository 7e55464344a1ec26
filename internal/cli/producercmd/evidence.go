package producercmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/view"
)

type evidenceOptions struct {
	Phone  string
	Region string
}

func newEvidenceCommand(p *program) *cobra.Command {
	var o evidenceOptions
	cmd := &cobra.Command{
		Use:   "evidence PHONE",
		Short: "Tell everything that is known about one person",
		Long: `Tell everything that this installation knows about one person, as JSON: the groups, what became of
the person in each and when, the consent that came with the request, the suppression list, and what
the providers said of the number. It is meant for answering that person.

The phone and all that is told are in clear. Groups are kept for the configured retention.`,
		Example: `rollcall-producer evidence +5544999999999 > answer.json
rollcall-producer evidence "(44) 99999-9999" --region BR`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Phone = args[0]
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runEvidence(ctx, r, o) })
		},
	}
	cmd.Flags().StringVar(&o.Region, "region", "", "the `COUNTRY` of a phone without a country code, as BR")
	return cli.WithExit(cmd, cli.ExitLines("0    done, also when nothing is known")...)
}

func runEvidence(ctx context.Context, r *rooms, o evidenceOptions) error {
	_, who, err := phone.ParsePerson(o.Phone, o.Region)
	if err != nil {
		return cli.Usage("%w", err)
	}
	e, err := r.status.Evidence(ctx, who)
	if err != nil {
		return err
	}
	r.control.Audit.Saw(ctx, audit.About{Subjects: []string{r.store.People.PersonID(who)}, Detail: say.Phrase{Code: say.AuditSeen, Kind: "evidence"}})
	if e.Empty() {
		r.Say("nothing is known about this person")
	}
	if r.Format == cli.JSONL {
		return cli.Print(r.Session, e, []view.Evidence{e}, nil)
	}
	return r.Document(e) // JSON in every format: a table would leave out a part
}
