package workercmd

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/api"
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
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// dev is a worker with all that it needs in its process.
type dev struct {
	world  *world // nil when another process runs the simulators
	worker *app.App
	api    string // "" when nothing is served
	http   *api.API
	store  *store.Store
	reader *view.Reader
	hooks  http.Handler // nil when no instance lets webhooks in

	door enqueue.Options // for requests that come in here: the configuration's rules for records, consent, pools and photos

	undo []func() error
}

// closes makes close call f. close calls its functions in reverse order.
func (d *dev) closes(f func() error) { d.undo = append(d.undo, f) }

func (d *dev) close() error {
	var errs []error
	for _, f := range slices.Backward(d.undo) {
		errs = append(errs, f())
	}
	d.undo = nil
	return errors.Join(errs...)
}

// read opens the records, as a producer does, for the report, the simulators' webhooks and the API.
func (d *dev) read(ctx context.Context, s *cli.Session, cfg *config.Config, conn *redisconn.Conn) (err error) {
	rdb := conn.Client()
	d.door = enqueue.Options{
		EncryptionKey: cfg.Redis.EncryptionKey.Reveal(), RequireConsent: cfg.RequireConsent, Regions: cfg.Regions(), PrivatePhotos: cfg.Photo.AllowPrivate,
		OnLate: app.TellLate(s.Log),
	}
	if d.store, err = store.Open(ctx, rdb, store.Options{EncryptionKey: d.door.EncryptionKey}); err != nil {
		return err
	}
	pacer := pacing.New(rdb, pacing.WithNumbers(d.store.Presence.Numbers))
	d.closes(func() error { pacer.Close(); return nil })
	q := queue.New(rdb, d.store.Lines)
	d.reader = view.New(d.store, pacer, q)
	if h := s.Hooks(cfg, d.store, q, pacer, nil); h != nil {
		d.closes(func() error { h.Close(); return nil })
		d.hooks = h
	}
	return d.serveAPI(ctx, s, cfg, operate.Config{
		Store: d.store, Queue: q, Pacer: pacer,
		Schedule: group.Schedule{VerifyLooks: cfg.Verify.Looks, RollLooks: cfg.RollCall.Looks},
		Rules:    intake.Rules{RequireConsent: cfg.RequireConsent, Regions: cfg.Regions(), PrivatePhotos: cfg.Photo.AllowPrivate},
	}, conn)
}

// run accepts the batch and follows it. With --exit-when-done it returns at the end of the batch, otherwise it goes on
// to follow all groups that producers request.
func (d *dev) run(ctx context.Context, s *cli.Session, conn *redisconn.Conn, o devOptions) error {
	r := &report{begun: s.Now()}
	if o.file != "" || !o.noSample {
		sum, err := d.accept(ctx, s, conn, o)
		if err != nil {
			return err
		}
		r.batch, r.invalid = sum.BatchID, sum.Invalid
	}
	if o.exit {
		if err := d.followBatch(ctx, s, r.batch); err != nil {
			return err
		}
		if err := r.gather(ctx, d, s.Now()); err != nil {
			return err
		}
		return errors.Join(r.print(s), r.verdict())
	}
	d.pointOut(s, r.batch, o.batchName())
	if r.batch != "" && d.followBatch(ctx, s, r.batch) == nil {
		if err := r.gather(ctx, d, s.Now()); err != nil {
			return err
		}
		if s.Format == cli.Text {
			if err := r.print(s); err != nil {
				return err
			}
		}
		s.Say("dev: the batch is over; the worker goes on for other terminals, until Ctrl-C")
	}
	d.followAll(ctx, s)
	return d.farewell(context.WithoutCancel(ctx), s, r)
}

// farewell drains the worker and reports the final states, unless told has reported the same.
func (d *dev) farewell(ctx context.Context, s *cli.Session, told *report) error {
	s.Say("dev: draining: calls under way finish; a second Ctrl-C aborts them")
	if err := d.worker.Stop(ctx); err != nil {
		return err
	}
	last := &report{begun: told.begun, batch: told.batch, invalid: told.invalid}
	if s.Format == cli.Text {
		last.batch = "" // all groups that came, from any client
	}
	if err := last.gather(ctx, d, s.Now()); err != nil {
		return err
	}
	if s.Format == cli.Text && last.same(told) {
		return nil
	}
	return last.print(s)
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// pointOut shows commands to paste into another terminal.
func (d *dev) pointOut(s *cli.Session, batch, name string) {
	if d.api != "" {
		s.Say("dev: the admin page is at %s/, the API's documentation at /docs", d.api)
	}
	executable, _ := os.Executable() // "" if it is not known: as under go run
	producer, example := otherPrograms(executable)
	if batch == "" {
		s.Say("dev: in another terminal:\n  %s create FILE%s", producer, example)
		return
	}
	if plainName.MatchString(name) { // as it needs no quotes, it is easier to read and to type
		batch = name
	}
	s.Say("dev: in another terminal:\n"+
		"  %[1]s status\n"+
		"  %[1]s watch %[2]s\n"+
		"  %[1]s list --batch %[2]s\n"+
		"  %[1]s create FILE%[3]s", producer, batch, example)
}

// otherPrograms returns the command of the producer, and a line for the Go example, as go run or, beside an installed
// worker, the producer's own name.
func otherPrograms(executable string) (producer, example string) {
	if strings.HasPrefix(filepath.Base(executable), program) {
		return "rollcall-producer", ""
	}
	return "go run ./producer", "\n  go run ./examples/go-client"
}
