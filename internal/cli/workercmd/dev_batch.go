package workercmd

import (
	"bytes"
	"context"
	_ "embed"
	"io"
	"path/filepath"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// sample is a dozen groups of people who do not exist.
//
//go:embed sample.csv
var sample []byte

// shownErrors is how many bad rows of a file are shown.
const shownErrors = 20

// batchName returns the batch's name: the base name of a file, as everywhere.
func (o devOptions) batchName() string {
	if o.file == "" {
		return "sample"
	}
	return filepath.Base(o.file)
}

// input opens the batch before anything is started, so that a missing file is reported first.
func (o devOptions) input(ctx context.Context) (io.ReadCloser, error) {
	if o.file == "" {
		return io.NopCloser(bytes.NewReader(sample)), nil
	}
	return cli.OpenInput(ctx, o.file)
}

// accept accepts the batch as create does. It reports invalid rows and continues with the others.
func (d *dev) accept(ctx context.Context, s *cli.Session, conn *redisconn.Conn, o devOptions) (enqueue.Summary, error) {
	client, err := enqueue.New(ctx, conn.Client(), d.door)
	if err != nil {
		return enqueue.Summary{}, err
	}
	name, invalid := o.batchName(), 0
	warn := func(w enqueue.Warning) { s.Warn("dev: %s: %s", name, w.Message) }
	rows := enqueue.Read(ctx, o.in, enqueue.ReadOptions{Name: o.file, Region: o.region, Regions: d.door.Regions, Warn: warn})
	sum, err := client.CreateBatch(ctx, name, enqueue.Rules{Region: o.region}, rows, func(r enqueue.Result) error {
		if r.Outcome != enqueue.Invalid {
			return nil
		}
		if invalid++; invalid <= shownErrors {
			s.Warn("dev: %s, row %d: %s: %s", name, r.Row, r.Error.Code, r.Error.Message)
		}
		return nil
	})
	if err != nil {
		return sum, err
	}
	if invalid > shownErrors {
		s.Warn("dev: %s: and %d more bad rows", name, invalid-shownErrors)
	}
	s.Say("dev: batch %s: %s accepted (%d new, %d known before), %s invalid", name,
		count(sum.Created+sum.Existed, "group", "groups"), sum.Created, sum.Existed, count(sum.Invalid, "row", "rows"))
	return sum, nil
}
