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
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/store"
)

func newWatchCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "watch [BATCH]",
		Short: "Follow the queue or one batch live",
		Long: `Follow the whole queue, or one batch by its id or name until it is done. On a terminal the status is
redrawn in place. Elsewhere each change is one line: time, kind, id, state and name. With --output jsonl
the line is the document of the group (without its members), batch or instance. With --output json only
the batch's document is printed, once it is done.`,
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
		return cli.Usage("without a batch, watch never ends, so it cannot print one JSON document; use --output jsonl, or name a batch")
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
	var b group.BatchDocument
	if _, err := r.outlast(ctx, r.Say, func() error { b, err = r.status.Batch(ctx, batchID); return err }); err != nil || r.Format == cli.JSONL {
		return err
	}
	return cli.Print[group.BatchDocument](r.Session, b, nil, func(p *cli.Page) { batchPage(p, b) })
}

// redraw shows the status in place, and refreshes it until the batch is done.
func redraw(ctx context.Context, r *rooms, batchID string) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	screen := r.Screen()
	for {
		var p *cli.Page
		_, err := r.outlast(ctx, func(format string, args ...any) {
			screen.Clear() // so that the next page is not drawn over the message
			r.Say(format, args...)
		}, func() (err error) {
			p, err = watchPage(ctx, r, batchID)
			return err
		})
		if err != nil {
			return err
		}
		if p == nil {
			screen.Clear()
			return nil
		}
		screen.Show(p)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// watchPage returns what redraw shows, or nil once the batch is done.
func watchPage(ctx context.Context, r *rooms, batchID string) (*cli.Page, error) {
	p := r.Page()
	if batchID == "" {
		d, err := r.status.Status(ctx)
		if err != nil {
			return nil, err
		}
		statusPage(p, d)
		return p, nil
	}
	b, err := r.status.Batch(ctx, batchID)
	if err != nil || b.FinishedAt != nil {
		return nil, err
	}
	batchPage(p, b)
	docs, _, err := r.status.Groups(ctx, store.Filter{BatchID: batchID, Statuses: moving, OldestFirst: true}, "", 10)
	if err != nil {
		return nil, err
	}
	rows := make([][]string, len(docs))
	for i, d := range docs {
		rows[i] = listRow(p, d)
	}
	if len(rows) > 0 {
		p.Printf("\n")
		p.Table([]string{"ID", "STATUS", "GROUP", "AT", "PEOPLE", "UNTIL", "WAITS FOR"}, rows)
	}
	return p, nil
}

// outlast repeats a read while Redis is away, for example during a restart. It says once that it waits, and once that
// Redis is back. broken reports whether Redis was away.
func (r *rooms) outlast(ctx context.Context, say func(format string, args ...any), read func() error) (broken bool, err error) {
	var since time.Time
	return store.Outlast(ctx, func(err error) {
		if err != nil {
			since = r.Now()
			say("%s; waiting until it answers again", redisconn.Explain(err))
			return
		}
		say("Redis answers again, after %s", max(r.Now().Sub(since), time.Second).Round(time.Second))
	}, read)
}

// moving are the states of groups that have not ended.
var moving = []group.Status{group.Creating, group.Verifying, group.Inviting, group.Review, group.Queued}

// follow writes a line for each change, until the batch is done. It misses no change, because it reads
// the store's stream of events, from a moment before it first reads the batch. Only if Redis comes back
// without part of the stream, changes are missing, and follow says so.
func follow(ctx context.Context, r *rooms, batchID string) error {
	var after string
	if _, err := r.outlast(ctx, r.Say, func() (err error) { after, err = r.store.Outbox.LatestEvent(ctx); return err }); err != nil {
		return err
	}
	quiet := true // no event has come since the last poll
	for {
		var events []store.Event
		over := false
		broken, err := r.outlast(ctx, r.Say, func() (err error) {
			if quiet && batchID != "" {
				b, err := r.store.Index.Batch(ctx, batchID)
				if over = err == nil && !b.FinishedAt.IsZero(); err != nil || over {
					return err
				}
			}
			events, err = r.store.Outbox.Events(ctx, after, pollEvery)
			return err
		})
		if err != nil || over {
			return err
		}
		if broken {
			if after, err = r.resumed(ctx, after); err != nil {
				return err
			}
			quiet = true
			continue // from where the stream resumes
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

// resumed returns the event after which follow reads on once Redis is back, and says so if events may be lost.
func (r *rooms) resumed(ctx context.Context, after string) (string, error) {
	var place store.Place
	_, err := r.outlast(ctx, r.Say, func() (err error) { place, err = r.store.Outbox.Resume(ctx, after); return err })
	if err == nil && place.Gap {
		r.Say("Redis came back without its latest changes, so lines may be missing above. `%s list` shows the current state of the groups", Name)
	}
	return place.After, err
}

// writeEvent writes one change as a line, or with --output json nothing: runWatch prints the document.
func (r *rooms) writeEvent(ctx context.Context, e store.Event) error {
	switch r.Format {
	case cli.JSON:
		return nil
	case cli.JSONL:
		var d any
		_, err := r.outlast(ctx, r.Say, func() (err error) { d, err = r.documentOf(ctx, e); return err })
		if errors.Is(err, store.ErrNotFound) { // its retention has ended since
			return nil
		}
		if err != nil {
			return err
		}
		return r.Line(d)
	}
	state, name := e.Status, ""
	if _, err := r.outlast(ctx, r.Say, func() (err error) { state, name, err = r.stateOf(ctx, e); return err }); err != nil {
		return err
	}
	p, at := r.Page(), momentOf(e)
	p.Printf("%s\t%s\t%s\t%s\t%s\n", p.Time(&at), e.Type, e.Of, state, cli.Plain(name))
	return p.Flush()
}

// stateOf returns the state that an event reports, in words where there are any, and the name of the group or batch.
func (r *rooms) stateOf(ctx context.Context, e store.Event) (state, name string, err error) {
	switch e.Type {
	case "group":
		var d group.Document
		if d, err = r.status.Group(ctx, e.Of); err == nil {
			if state, name = e.Status, d.GroupName; string(d.Status) == e.Status {
				state = cli.GroupState(d)
			}
		}
	case "batch":
		var b group.BatchDocument
		if b, err = r.status.Batch(ctx, e.Of); err == nil {
			state, name = batchState(b), b.Name
		}
	default:
		state = e.Status
	}
	if errors.Is(err, store.ErrNotFound) { // its retention has ended since
		return e.Status, "", nil
	}
	return state, name, err
}

// documentOf returns the current document of the group, batch or instance of an event.
func (r *rooms) documentOf(ctx context.Context, e store.Event) (any, error) {
	switch e.Type {
	case "group":
		d, err := r.status.Group(ctx, e.Of)
		d.Members, d.Askers = nil, nil
		return d, err
	case "batch":
		return r.status.Batch(ctx, e.Of)
	default:
		return r.status.Instance(ctx, e.Of)
	}
}

// momentOf returns when an event happened: its id begins with the time in ms.
func momentOf(e store.Event) time.Time {
	text, _, _ := strings.Cut(e.ID, "-")
	ms, _ := strconv.ParseInt(text, 10, 64) // Redis made the id
	return time.UnixMilli(ms)
}
