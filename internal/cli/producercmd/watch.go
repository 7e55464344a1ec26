package producercmd

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
)

func newWatchCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "watch [BATCH]",
		Short: "Follow the queue or one batch live",
		Long: `Follow the whole queue, or one batch by its id or name until it is done. A terminal is redrawn;
elsewhere each change is one line (with --output jsonl the group's document without its members).`,
		Example: `rollcall-producer watch
rollcall-producer watch cohort.csv
rollcall-producer watch cohort.csv --output jsonl >> changes.ndjson`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.in(cmd, func(ctx context.Context, r *rooms) error {
				batch := ""
				if len(args) == 1 {
					batch = args[0]
				}
				return runWatch(ctx, r, batch)
			})
		},
	}
	return cli.WithExit(cmd, cli.ExitLines("0    the batch is done", "1    there is no such batch")...)
}

func runWatch(ctx context.Context, r *rooms, name string) error {
	batchID := ""
	if name != "" {
		b, err := r.batch(ctx, name)
		if err != nil {
			return err
		}
		batchID = b.ID
	}
	if batchID == "" && r.Format == cli.JSON {
		return cli.Usage("watching everything never ends, so there is no one document; use --output jsonl, or name a batch")
	}
	var err error
	switch {
	case r.Format == cli.Text && r.OutTTY:
		err = redraw(ctx, r, batchID)
	default:
		err = follow(ctx, r, batchID)
	}
	if err != nil {
		return err
	}
	b, err := r.status.Batch(ctx, batchID)
	if err != nil || r.Format == cli.JSONL {
		return err
	}
	return cli.Print[group.BatchDocument](r.Session, b, nil, func(p *cli.Page) { batchPage(p, b) })
}

// redraw shows the state again and again in the same place, until the batch is done.
func redraw(ctx context.Context, r *rooms, batchID string) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	screen := r.Screen()
	for {
		p := r.Page()
		if batchID == "" {
			d, err := r.status.Status(ctx)
			if err != nil {
				return err
			}
			statusPage(p, d)
		} else {
			b, err := r.status.Batch(ctx, batchID)
			if err != nil {
				return err
			}
			if b.FinishedAt != nil {
				screen.Clear()
				return nil
			}
			batchPage(p, b)
			docs, _, err := r.status.Groups(ctx, ledger.Filter{BatchID: batchID, Statuses: moving, OldestFirst: true}, "", 10)
			if err != nil {
				return err
			}
			rows := make([][]string, len(docs))
			for i, d := range docs {
				rows[i] = listRow(p, d)
			}
			if len(rows) > 0 {
				p.Printf("\n")
				p.Table([]string{"ID", "STATUS", "GROUP", "AT", "PEOPLE", "UNTIL", "WAITS FOR"}, rows)
			}
		}
		screen.Show(p)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// moving are the states of groups that have not ended.
var moving = []group.Status{group.Creating, group.Verifying, group.Inviting, group.Review, group.Queued}

// follow writes a line for each change, until the batch is done. Nothing is missed: it reads the
// ledger's own stream of events, from a moment before the first look at the batch.
func follow(ctx context.Context, r *rooms, batchID string) error {
	after, err := r.ledger.LatestEvent(ctx)
	if err != nil {
		return err
	}
	quiet := true // nothing has come since the last look
	for {
		if quiet && batchID != "" {
			b, err := r.ledger.Batch(ctx, batchID)
			if err != nil || !b.FinishedAt.IsZero() {
				return err
			}
		}
		events, err := r.ledger.Events(ctx, after, look)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		quiet = len(events) == 0
		for _, e := range events {
			after = e.ID
			if batchID != "" && e.Batch != batchID {
				continue
			}
			if err := r.writeEvent(ctx, e); err != nil {
				return err
			}
			if batchID != "" && e.Type == "batch" {
				return nil
			}
		}
	}
}

// writeEvent writes one change as a line. In json only the last document counts.
func (r *rooms) writeEvent(ctx context.Context, e ledger.Event) error {
	switch {
	case r.Format == cli.JSON:
		return nil
	case r.Format == cli.JSONL && e.Type == "group":
		d, err := r.status.Group(ctx, e.Of)
		if errors.Is(err, ledger.ErrNotFound) { // forgotten since
			return nil
		}
		d.Members = nil
		return errors.Join(err, r.Line(d))
	case r.Format == cli.JSONL && e.Type == "batch":
		d, err := r.status.Batch(ctx, e.Of)
		return errors.Join(err, r.Line(d))
	case r.Format == cli.JSONL:
		d, err := r.status.Instance(ctx, e.Of)
		if errors.Is(err, ledger.ErrNotFound) {
			return nil
		}
		return errors.Join(err, r.Line(d))
	}
	p := r.Page()
	p.Printf("%s\t%s\t%s\t%s\n", momentOf(e).UTC().Format(time.RFC3339), e.Type, e.Of, e.Status)
	return p.Flush()
}

// momentOf is when something happened: an event's id begins with it.
func momentOf(e ledger.Event) time.Time {
	text, _, _ := strings.Cut(e.ID, "-")
	ms, _ := strconv.ParseInt(text, 10, 64) // Redis' own
	return time.UnixMilli(ms)
}
