package producercmd

import (
	"context"
	"errors"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/tracing"
	"github.com/rollcallhq/rollcall/internal/view"
)

// Name is the program's name.
const Name = "rollcall-producer"

// Main runs the program and returns its exit code.
func Main(o *cli.IO) int { return cli.Run(o, New(o)) }

// New returns the program's command tree.
func New(o *cli.IO) *cobra.Command {
	p := &program{IO: o}
	root := &cobra.Command{
		Use:   Name,
		Short: "Ask for WhatsApp groups and follow them",
		Long: `Ask for WhatsApp groups, one or a whole spreadsheet, and follow them until they exist.

The producer puts groups into Redis; workers create them, each WhatsApp number at its own pace.
Accepted rows are kept: the same file under the same batch name adds only what is missing.`,
		Example: `# one group for each row of a spreadsheet
rollcall-producer create cohort.csv
# see how far it is, and what it waits for
rollcall-producer status
rollcall-producer watch cohort.csv`,
	}
	cli.WithExit(root,
		"0    done",
		"1    failed: also an id that does not exist, or a state that does not allow it",
		"2    the command line, a file or the configuration is wrong",
		"3    partly: rows were invalid, or with --wait groups did not end done",
		"4    not allowed",
		"5    Redis is not reachable, or refuses the password",
		"130  interrupted")
	p.common.AddFlags(root.PersistentFlags(), zerolog.WarnLevel)
	root.CompletionOptions.DisableDescriptions = false
	cli.Group(root,
		newCreateCommand(p), newStatusCommand(p), newExplainCommand(p), newListCommand(p), newWatchCommand(p), newExportCommand(p),
		newAddCommand(p), newEditCommand(p), newRetryCommand(p), newCancelCommand(p), newMoveCommand(p), newResolveCommand(p),
		newPauseCommand(p), newResumeCommand(p), newPaceCommand(p), newSuppressCommand(p), newEvidenceCommand(p), newHooksCommand(p),
		newServeCommand(p), newMCPCommand(p), newKeyCommand(p), newRecoverCommand(p), newUnreadableCommand(p), newEncryptionCommand(p), newWebhooksCommand(p), newAuditCommand(p),
		cli.NewHealthCommand(o, &p.common),
		cli.NewVersionCommand(o, &p.common),
	)
	cli.UseHelp(root)
	return root
}

// program is what the commands share before one of them runs.
type program struct {
	*cli.IO
	common cli.Common
}

// rooms are what a running command works with.
type rooms struct {
	*cli.Session
	config  *config.Config
	conn    *redisconn.Conn
	store   *store.Store
	queue   *queue.Queue
	pacer   *pacing.Pacer
	status  *view.Reader
	control *operate.Control
	tracing *tracing.Tracing
	dry     bool // the command writes nothing
}

// in opens the rooms, runs a command's work and closes them. The command needs only Redis, and no tokens of the
// workers' instances.
func (p *program) in(cmd *cobra.Command, work func(ctx context.Context, r *rooms) error) error {
	return p.using(cmd, config.Neither(), work)
}

// using works like in, for a command that uses more of the configuration.
func (p *program) using(cmd *cobra.Command, uses config.Uses, work func(ctx context.Context, r *rooms) error) error {
	s, err := p.common.Open(p.IO, cmd.Root().Name())
	if err != nil {
		return err
	}
	ctx := p.AsUser(cmd.Context())
	r := &rooms{Session: s}
	r.dry = isSet(cmd, "dry-run") && !isSet(cmd, "check-numbers") // answers about numbers are stored
	if r.config, err = s.Settings(uses); err != nil {
		return err
	}
	if r.conn, err = s.Connect(ctx, r.config); err != nil {
		return err
	}
	rdb := r.conn.Client()
	if r.store, err = store.Open(ctx, rdb, store.Options{
		Retention: r.config.Retention, EncryptionKey: r.config.Redis.EncryptionKey.Reveal(), ReadOnly: r.dry,
		Unreadable: func(u store.Unreadable) { app.TellUnreadable(s.Log, u) },
	}); err != nil {
		return errors.Join(err, r.conn.Close())
	}
	if r.tracing, err = s.Tracing(ctx, Name); err != nil {
		return errors.Join(err, r.conn.Close())
	}
	r.queue, r.pacer = queue.New(rdb, r.store.Lines, queue.WithHeaders(r.tracing.Headers)), pacing.New(rdb, pacing.WithNumbers(r.store.Presence.Numbers))
	r.status = view.New(r.store, r.pacer, r.queue)
	r.control = operate.New(operate.Config{
		Store: r.store, Queue: r.queue, Pacer: r.pacer,
		Schedule: group.Schedule{VerifyLooks: r.config.Verify.Looks, RollLooks: r.config.RollCall.Looks},
		Rules:    intake.Rules{RequireConsent: r.config.RequireConsent, Regions: r.config.Regions(), PrivatePhotos: r.config.Photo.AllowPrivate},
		Audit:    s.Audit(r.store), Late: app.TellLate(s.Log),
	})
	err = r.traced(ctx, cmd, work)
	r.pacer.Close()
	s.CloseTracing(ctx, r.tracing)
	if closing := r.conn.Close(); err == nil {
		err = closing
	}
	return err
}

func isSet(cmd *cobra.Command, flag string) bool {
	f := cmd.Flags().Lookup(flag)
	return f != nil && f.Value.String() == "true"
}

// traced runs a command's work as the root of a trace. Each request to serve is a trace of its own, and commands
// that only read have none.
func (r *rooms) traced(ctx context.Context, cmd *cobra.Command, work func(ctx context.Context, r *rooms) error) error {
	switch cmd.Name() {
	case "create", "add", "edit", "retry", "cancel", "resolve":
	default:
		return work(ctx, r)
	}
	ctx, end := r.tracing.Command(ctx, cmd.CommandPath())
	err := work(ctx, r)
	end(err != nil)
	return err
}
