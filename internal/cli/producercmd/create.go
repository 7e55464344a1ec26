package producercmd

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/admission"
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

type createOptions struct {
	File string // "-" is stdin; "" when one group is described by flags

	Name           string
	Phones         []string
	IdempotencyKey string
	ExternalRef    string
	InviteMessage  string
	ConsentSource  string
	ConsentAt      string

	Batch      string
	Instance   string
	Pool       string
	Priority   string
	AutoInvite *bool // nil: as the row says
	Region     string
	Encoding   string // of the file; "": detect it
	OneRowIs   string // group, person; "": as the header says
	Sheet      string // of a workbook; "": the first visible one
	Dates      string // dmy, mdy; "": refuse what could be both
	Strict     bool
	Update     bool
	Split      int // 0: divide no row
	DryRun     bool
	Explain    bool

	CheckNumbers bool

	Setup setupOptions

	Wait    bool
	AllRows bool

	input admission.Input
}

// createHeap is the heap that create needs: rows in flight are bounded, however many rows there are. The limit saves
// memory at a small cost in rate (docs/notes/performance.md).
const createHeap = 36 << 20

func newCreateCommand(p *program) *cobra.Command {
	var o createOptions
	var autoInvite bool
	cmd := &cobra.Command{
		Use:   "create (FILE | - | --name NAME --phone PHONE...)",
		Short: "Ask for groups: a file of them, or one",
		Long: `Ask for groups. Each row of a CSV, .xlsx, .ods, NDJSON or JSON file asks for one; - reads standard input.
Or describe a single group by --name and --phone.

Rows are taken one after the other, whatever the size of the file: a bad row is reported and the
others go on, and so is every person who cannot be used. The same file under the same batch name
again adds only what is missing, so after an interruption just run the command again.

A corrected file under the same batch name never makes a second group: a row that differs from its
group is reported as changed, with what differs. --update adds the new people: to a group that waits
for its create, and later to a group that exists, where they are added or invited one by one.

--split makes several groups of a row of too many people, filled in the order of the row. Write new people at its
end, so that everyone else stays in the same group.

--instance, --pool, --priority, --auto-invite and the flags of the set-up (--description, --photo, --admins,
--welcome-message, --only-admins-…, --approve-joins) are for the rows that do not say it themselves. The set-up
is done once a group exists, before its people are invited (docs/setup.md).

Unsure about a file? --explain shows how its columns and first rows are read, without a Redis;
--dry-run judges all of it, fetches its photos, and says when it would be done. Neither writes anything.

--wait goes on until every row has ended. A group in review waits for a person, so --wait does not
wait for it.`,
		Example: `rollcall-producer create cohort.csv
rollcall-producer create cohort.csv --explain
rollcall-producer create cohort.csv --dry-run
rollcall-producer create cohort.csv --update
rollcall-producer create cohort.csv --pool sales --region BR --wait
rollcall-producer create classes.csv --photo https://school.example/logo.jpg --only-admins-send --admins all
psql -c "copy (…) to stdout csv header" | rollcall-producer create - --batch crm-2026-11
rollcall-producer create --name "Turma 12" --phone +5544999999999 --phone +5544988888888`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.File = args[0]
			}
			if cmd.Flags().Changed("auto-invite") {
				o.AutoInvite = &autoInvite
			}
			o.Setup.changed(cmd.Flags())
			if cmd.Flags().Changed("split") && (o.Split < 1 || o.Split > tasks.MaxPeople) {
				return cli.Usage("--split is 1 to %d people, not %d", tasks.MaxPeople, o.Split)
			}
			if err := o.check(); err != nil {
				return err
			}
			if o.Explain {
				s, err := p.common.Open(p.IO, cmd.Root().Name())
				if err != nil {
					return err
				}
				return runReading(cmd.Context(), s, o)
			}
			p.LimitHeap(createHeap)
			uses := config.Neither()
			if o.CheckNumbers {
				uses.Calls = config.Demanded
			}
			return p.using(cmd, uses, func(ctx context.Context, r *rooms) error { return runCreate(ctx, r, o) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Name, "name", "", "ask for one group with this `NAME`")
	f.StringArrayVar(&o.Phones, "phone", nil, "a person of that group; give it once for each `PHONE`")
	f.StringVar(&o.IdempotencyKey, "idempotency-key", "", "with --name: asking again under the same `KEY` is the same group")
	f.StringVar(&o.ExternalRef, "external-ref", "", "with --name: your own `ID` for the group")
	f.StringVar(&o.InviteMessage, "invite-message", "", "with --name: the invitation's `TEXT`, with {{.Link}} in it")
	f.StringVar(&o.ConsentSource, "consent-source", "", "with --name: `WHERE` the people gave their consent")
	f.StringVar(&o.ConsentAt, "consent-at", "", "with --name: the `TIME` at which they gave it, as 2026-11-21T09:00:00Z")
	f.StringVar(&o.Batch, "batch", "", "the batch's `NAME` (default the file's base name; stdin for -)")
	f.StringVar(&o.Instance, "instance", "", "let this `INSTANCE` create the groups")
	f.StringVar(&o.Pool, "pool", "", "let the first free instance of this `POOL` create each group (default \"default\")")
	f.StringVar(&o.Priority, "priority", "", "`PRIORITY` of the groups: high, normal or low; high ones come before all others (default \"normal\")")
	f.BoolVar(&autoInvite, "auto-invite", true, "invite privately who cannot be added")
	o.Setup.flags(f)
	f.StringVar(&o.Region, "region", "", "the `COUNTRY` of phones without a country code, as BR")
	f.StringVar(&o.Encoding, "encoding", "", "the `ENCODING` of a CSV file, as windows-1251 (default: look at the file)")
	f.StringVar(&o.OneRowIs, "one-row-is", "", "what a line of a table `IS`: group or person (default: as its columns say)")
	f.StringVar(&o.Sheet, "sheet", "", "the `SHEET` of a workbook (default: its first visible one)")
	f.StringVar(&o.Dates, "dates", "", "the `ORDER` of day and month in dates such as 03/04/2026: dmy or mdy (default: refuse them)")
	f.BoolVar(&o.Strict, "strict", false, "refuse a row with any bad phone, or with a number without + that would be another country's, instead of going on with its good ones")
	f.BoolVar(&o.Update, "update", false, "add the new people of a row to the group of its name or key instead of reporting the row as changed")
	f.IntVar(&o.Split, "split", 0, "divide a row of more than `N` people into groups of at most N: \"Name 1\", \"Name 2\", … (default: refuse a row of more than 1023)")
	f.BoolVar(&o.DryRun, "dry-run", false, "show what would be created and when it would be over; write nothing")
	f.BoolVar(&o.CheckNumbers, "check-numbers", false, "with --dry-run: ask the network who is on WhatsApp, through the instances of your configuration")
	f.BoolVar(&o.Explain, "explain", false, "show how the file's columns are read, with three rows; write nothing")
	f.BoolVar(&o.Wait, "wait", false, "wait until every row has ended, and show the progress")
	f.BoolVar(&o.AllRows, "all-rows", false, "report all rows, not only those that lack a group or a person")
	return cli.WithExit(cmd, cli.ExitLines(
		"0    every row was accepted (created, updated, or existed before); with --wait every group ended done",
		"1    failed",
		"3    some rows are invalid, or with --wait some groups did not end done")...)
}

// check refuses contradictory flags before anything is read.
func (o *createOptions) check() error {
	single := o.Name != "" || len(o.Phones) > 0
	switch {
	case o.File == "" && !single:
		return cli.Usage("nothing to create; name a file, - for standard input, or give --name and --phone")
	case o.File != "" && single:
		return cli.Usage("both a file and --name or --phone are given; keep one of the two")
	case single && o.Name == "":
		return cli.Usage("--phone is given without --name; give the group a name")
	case single && len(o.Phones) == 0:
		return cli.Usage("--name is given without --phone; name at least one person besides the owner")
	case !single && (o.IdempotencyKey != "" || o.ExternalRef != "" || o.InviteMessage != "" || o.ConsentSource != "" || o.ConsentAt != ""):
		return cli.Usage("--idempotency-key, --external-ref, --invite-message and --consent-… describe one group and go with --name; in a file they are columns")
	case o.ConsentAt != "" && o.consent() == nil:
		return cli.Usage("--consent-at %q is not a time; write it as 2026-11-21T09:00:00Z", o.ConsentAt)
	case o.Instance != "" && o.Pool != "":
		return cli.Usage("both --instance and --pool are given; an instance is one number, a pool is any of several")
	case o.Explain && o.File == "":
		return cli.Usage("--explain shows how a file is read; name one, or - for standard input")
	case o.Explain && (o.DryRun || o.Wait):
		return cli.Usage("--explain creates nothing to --wait for, and plans nothing; give it alone")
	case o.Explain && o.Split > 0:
		return cli.Usage("--explain shows the rows of the file as they are; --split goes with --dry-run")
	case o.Split > 0 && o.File == "":
		return cli.Usage("--split divides the rows of a file; name one, or - for standard input")
	case o.CheckNumbers && !o.DryRun:
		return cli.Usage("--check-numbers goes with --dry-run; workers check all numbers anyway before they create a group")
	case o.DryRun && o.Wait:
		return cli.Usage("--dry-run creates nothing to --wait for")
	case !group.WrongBatchName(o.Batch).Zero():
		return cli.Usage("--batch: %s", group.WrongBatchName(o.Batch))
	case o.Region != "" && !phone.KnownRegion(o.Region):
		return cli.Usage("--region %q is not a country; write its two letters, for example BR", o.Region)
	}
	if o.OneRowIs != "" && o.OneRowIs != "group" && o.OneRowIs != "person" {
		return cli.Usage("--one-row-is is group or person, not %q", o.OneRowIs)
	}
	if o.Dates != "" && o.Dates != intake.DayFirst && o.Dates != intake.MonthFirst {
		return cli.Usage("--dates is dmy or mdy, not %q", o.Dates)
	}
	if err := knownEncoding(o.Encoding); err != nil {
		return err
	}
	switch tasks.Priority(o.Priority) {
	case "", tasks.High, tasks.Normal, tasks.Low:
		return nil
	}
	return cli.Usage("--priority is high, normal or low, not %q", o.Priority)
}

// knownEncoding refuses an --encoding that has no meaning.
func knownEncoding(name string) error {
	if _, known := intake.KnownEncoding(name); name != "" && !known {
		return cli.Usage("--encoding %q is not known; write it as the web does: utf-8, windows-1252, windows-1251, macintosh", name)
	}
	return nil
}

func runCreate(ctx context.Context, r *rooms, o createOptions) error {
	client, err := r.door(ctx)
	if err != nil {
		return err
	}
	if unknown, err := client.CheckTarget(ctx, o.Instance, o.Pool); err != nil {
		return err
	} else if unknown != nil {
		return cli.Usage("%s", unknown.Message)
	}
	if !o.DryRun {
		if err := r.fit(ctx); err != nil {
			return err
		}
	}
	rows, name, done, err := o.rows(ctx, r)
	if err != nil {
		return err
	}
	defer done()
	rep := newReport(r, &o)
	defer rep.close()
	rules := enqueue.Rules{Region: o.Region, Strict: o.Strict, Update: o.Update}
	if o.DryRun {
		photos := photo.New(r.config.Photo.AllowPrivate)
		defer photos.Close()
		o.input.Photos = photo.NewChecks(photos, r.config.PoolPhotos())
		return runPlan(ctx, r, client, name, rules, rows, rep)
	}
	progress := r.Progress("rows")
	made := "" // the one group without a batch
	sum, err := accept(ctx, client, name, rules, r.config.Regions(), rows, func(res enqueue.Result) error {
		if name == "" {
			made = res.ID
		}
		progress.Set(rep.step(res))
		return rep.add(res)
	})
	progress.Stop()
	sum.Warnings = o.input.Warned(sum.Warnings)
	r.wroteDown(ctx, name, made, sum, err)
	if err != nil {
		return cutShort(rep, sum, err)
	}
	if waiting, err := client.Waiting(ctx); err == nil && waiting && sum.Created > 0 {
		r.Say("no worker has announced an instance yet: the groups wait for one (start `rollcall-worker run`)")
	}
	return rep.finish(ctx, sum)
}

// accept takes the rows as one batch; a single group without a batch name is in no batch.
func accept(ctx context.Context, client *enqueue.Client, name string, rules enqueue.Rules, regions map[string]string, rows iter.Seq2[enqueue.Row, error], each func(enqueue.Result) error) (enqueue.Summary, error) {
	if name != "" {
		return client.CreateBatch(ctx, name, rules, rows, each)
	}
	sum := enqueue.Summary{}
	var witness intake.Witness
	var people intake.People
	for row, err := range rows {
		if err != nil {
			return sum, err
		}
		in, _ := intake.Check(row.Request, intake.Rules{Region: rules.Region, Regions: regions, Strict: rules.Strict, Now: time.Now()})
		witness.Add(&people, row.N, intake.SightsOf(in.People))
		sum.People.Total, sum.People.Unusable = people.Total, people.Unusable
		sum.People.ByCountry, sum.People.Written = people.ByCountry, people.Written
		sum.People.Duplicate += in.Duplicates
		res, err := client.Create(ctx, row.Request, rules)
		if err != nil && res.Error == nil {
			return sum, err
		}
		sum.Total++
		switch res.Outcome {
		case enqueue.Created:
			sum.Created++
		case enqueue.Existed:
			sum.Existed++
		case enqueue.Updated:
			sum.Updated++
		case enqueue.Invalid:
			sum.Invalid++
		}
		if err := each(res); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// wroteDown enters the create into the audit log: a batch with its counts, or the one group without a batch.
func (r *rooms) wroteDown(ctx context.Context, name, made string, sum enqueue.Summary, err error) {
	switch {
	case name != "" && (sum.Total > 0 || err != nil):
		r.control.Audit.Did(ctx, audit.CreateBatch, audit.OfBatch(sum.BatchID, name, sum.Created, sum.Existed, sum.Updated, sum.Invalid), err)
	case made != "":
		r.control.Audit.Did(ctx, audit.CreateGroup, audit.OfGroup(made, outcomeOf(sum)), err)
	case name == "" && err != nil:
		r.control.Audit.Did(ctx, audit.CreateGroup, audit.About{}, err)
	}
}

// outcomeOf returns what became of the one group.
func outcomeOf(sum enqueue.Summary) string {
	switch {
	case sum.Existed > 0:
		return string(enqueue.Existed)
	case sum.Updated > 0:
		return string(enqueue.Updated)
	}
	return string(enqueue.Created)
}

// cutShort reports what stays accepted after a run that ended in the middle.
func cutShort(rep *report, sum enqueue.Summary, err error) error {
	code := cli.Code(err)
	if code == cli.BadUsage || sum.Total == 0 {
		return err
	}
	if printing := rep.print(sum, nil); printing != nil {
		return errors.Join(err, printing)
	}
	stays := fmt.Sprintf("what was read before (%s) is settled and stays; run the same command again and only the rest is added", plural(sum.Total, "row"))
	if code == cli.Interrupted {
		return cli.Exit(code, fmt.Errorf("interrupted; %s", stays))
	}
	return cli.Exit(code, fmt.Errorf("%s\n%s", cli.Explain(err), stays))
}

// fit refuses, or warns of, a Redis that could lose accepted work.
func (r *rooms) fit(ctx context.Context) error {
	report, err := r.conn.Check(ctx)
	if err != nil {
		return err
	}
	if err := report.Refuse(r.config.Redis.RequireDurable); err != nil {
		return err
	}
	if r.Dev { // dev has warned already
		return nil
	}
	for _, f := range report.Findings {
		r.Warn("warning: Redis at %s: %s", r.conn.URL(), f)
	}
	return nil
}
