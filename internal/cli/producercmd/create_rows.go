package producercmd

import (
	"cmp"
	"context"
	"io"
	"iter"
	"path/filepath"
	"time"

	"github.com/rollcallhq/rollcall/internal/admission"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// input is an opened file or standard input.
type input struct {
	r       io.Reader
	options intake.Options
	batch   string // the batch's name unless --batch gives one
	close   func()
}

// open opens the input. The caller closes it.
func (o *createOptions) open(ctx context.Context, s *cli.Session, cfg *config.Config) (input, error) {
	if o.File == "-" {
		if s.InTTY {
			s.Say("reading groups from the terminal; end with Ctrl-D")
		}
		return input{cli.Interruptible(ctx, s.In), o.reading(cfg), "stdin", func() {}}, nil
	}
	f, err := cli.OpenInput(ctx, o.File)
	if err != nil {
		return input{}, err
	}
	reading := o.reading(cfg)
	reading.Name = o.File
	return input{f, reading, filepath.Base(o.File), func() { _ = f.Close() }}, nil // only read
}

// reading returns how to read a file, by the flags and the pools of the configuration.
func (o *createOptions) reading(cfg *config.Config) intake.Options {
	return intake.Options{
		Region: o.Region, Regions: cfg.Regions(), Target: tasks.Target{Instance: o.Instance, Pool: o.Pool},
		Encoding: o.Encoding, OneRowIs: o.OneRowIs, Sheet: o.Sheet, Dates: o.Dates,
	}
}

// rows opens the input. done must be called after the reading.
func (o *createOptions) rows(ctx context.Context, r *rooms) (rows iter.Seq2[enqueue.Row, error], batch string, done func(), err error) {
	o.input = admission.Input{
		To: tasks.Target{Instance: o.Instance, Pool: o.Pool}, Priority: tasks.Priority(o.Priority), Setup: o.Setup.asked(o.Region), AutoInvite: o.AutoInvite,
		Split: o.Split, Rules: intake.Rules{
			Region: o.Region, Regions: r.config.Regions(), Strict: o.Strict, RequireConsent: r.config.RequireConsent, PrivatePhotos: r.config.Photo.AllowPrivate,
		},
	}
	if o.File == "" {
		return o.input.Rows(ctx, o.one()), o.Batch, func() {}, nil
	}
	in, err := o.open(ctx, r.Session, r.config)
	if err != nil {
		return nil, "", nil, err
	}
	batch = cmp.Or(o.Batch, in.batch)
	if why := group.WrongBatchName(batch); !why.Zero() { // that of the file: check has seen o.Batch
		in.close()
		return nil, "", nil, cli.Usage("%s The batch is named after the file; give it a name: --batch NAME", why)
	}
	in.options.Warn = o.input.Warn
	return o.input.Rows(ctx, intake.Read(ctx, in.r, in.options)), batch, in.close, nil
}

// consent returns the consent that the flags describe; nil if there is none or its time is invalid.
func (o *createOptions) consent() *tasks.Consent {
	if o.ConsentSource == "" && o.ConsentAt == "" {
		return nil
	}
	c := &tasks.Consent{Source: o.ConsentSource}
	if o.ConsentAt != "" {
		at, err := time.Parse(time.RFC3339, o.ConsentAt)
		if err != nil {
			return nil
		}
		c.At = &at
	}
	return c
}

// one returns the group that the flags describe.
func (o *createOptions) one() iter.Seq2[intake.Row, error] {
	req := tasks.GroupRequest{
		GroupName: o.Name, IdempotencyKey: o.IdempotencyKey, ExternalRef: o.ExternalRef, InviteMessage: o.InviteMessage,
		Consent: o.consent(),
	}
	for _, p := range o.Phones {
		req.Phones = append(req.Phones, tasks.Phone(p))
	}
	return func(yield func(intake.Row, error) bool) { yield(intake.Row{N: 1, Line: 1, Request: req}, nil) }
}
