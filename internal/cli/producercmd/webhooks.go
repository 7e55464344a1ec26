package producercmd

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/notify"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

func newWebhooksCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "webhooks",
		Short: "See what could not be delivered to your webhooks, and send it again",
		Long: `See which webhooks receive events and what could not be delivered to them, and send it again. The
webhooks are set in the workers' configuration, and the workers deliver. docs/webhooks.md says what is sent.`,
		Example: `rollcall-producer webhooks failures
rollcall-producer webhooks replay --since 24h`,
	}
	cli.WithExit(cmd, cli.ExitLines("0    done")...)
	return cli.Group(cmd, newWebhooksListCommand(p), newFailuresCommand(p), newReplayCommand(p), newEnableCommand(p))
}

func newWebhooksListCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "Show the webhooks", Long: "Show the webhooks that workers announced. Only the host of an address is shown: the rest can be a secret.",
		Example: `rollcall-producer webhooks list`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.in(cmd, runWebhooksList) },
	}
	return cli.WithExit(cmd, cli.ExitLines("0    done")...)
}

type failuresOptions struct {
	Limit  int
	Cursor string
}

func newFailuresCommand(p *program) *cobra.Command {
	var o failuresOptions
	cmd := &cobra.Command{
		Use:   "failures",
		Short: "List deliveries that used up their tries, newest event first",
		Long: `List deliveries that used up their tries, those of the newest event first. They stand here until they
are sent again or their retention is over. What was sent and what was answered is not kept.`,
		Example: `rollcall-producer webhooks failures
rollcall-producer webhooks failures --output jsonl | jq -r .eventId`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Limit < 1 || o.Limit > maxListed {
				return cli.Usage("--limit is 1 to %d, not %d; use --cursor for the next page", maxListed, o.Limit)
			}
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runFailures(ctx, r, o) })
		},
	}
	cmd.Flags().IntVar(&o.Limit, "limit", 50, "the most deliveries to list, up to 500")
	cmd.Flags().StringVar(&o.Cursor, "cursor", "", "go on where the list that gave out this `CURSOR` ended")
	return cli.WithExit(cmd, cli.ExitLines("0    done, also when there is none")...)
}

type replayOptions struct {
	Since, Until string
	notify.Selection
}

func newReplayCommand(p *program) *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use:   "replay (EVENT_ID... | --since TIME [--until TIME])",
		Short: "Send events again",
		Long: `Send events again: those named, or of a time range those that were not delivered (--all: every one).
They keep their ids, so a receiver that has seen one knows it. The body is made again from the
records, so it says how things stand now; the event's own time stays.`,
		Example: `rollcall-producer webhooks replay evt_0198c0de-0000-7000-8000-000000000002
rollcall-producer webhooks replay --since 24h
rollcall-producer webhooks replay --since 2026-11-20T08:00:00Z --until 2026-11-20T09:30:00Z --all --dry-run`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.IDs = args
			switch {
			case len(args) == 0 && o.Since == "":
				return cli.Usage("nothing to send; name events by their ids, or give --since")
			case len(args) > 0 && (o.Since != "" || o.Until != ""):
				return cli.Usage("both ids and --since or --until are given; keep one of the two")
			}
			for _, id := range args {
				if !strings.HasPrefix(id, store.NoticeIDPrefix) {
					return cli.Usage("%q is not an event's id; they begin with %s", id, store.NoticeIDPrefix)
				}
			}
			var err error
			if o.Selection.Since, err = timeOf("--since", o.Since, p.Now()); err != nil {
				return err
			}
			if o.Selection.Until, err = timeOf("--until", o.Until, p.Now()); err != nil {
				return err
			}
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runReplay(ctx, r, o.Selection) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Since, "since", "", "events from this `TIME` on: as 2026-12-01T08:00:00Z, or how long ago, as 24h")
	f.StringVar(&o.Until, "until", "", "events before this `TIME` (default now)")
	f.StringVar(&o.Receiver, "receiver", "", "only to this `WEBHOOK`, by its address or the id that list shows; also what it was never sent")
	f.BoolVar(&o.All, "all", false, "with --since: also what was delivered")
	f.BoolVar(&o.DryRun, "dry-run", false, "count what would be sent; send nothing")
	return cli.WithExit(cmd, cli.ExitLines("0    done, also when there is nothing to send", "1    there is no such event or webhook", "3    some of the events do not exist")...)
}

func newEnableCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "enable WEBHOOK",
		Short: "Enable a webhook that was disabled",
		Long: `Enable a webhook that was disabled because it answered 410, by its address or the id that list
shows. Replay sends what it missed.`,
		Example: `rollcall-producer webhooks enable https://crm.example/hook`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.in(cmd, func(ctx context.Context, r *rooms) error { return runEnable(ctx, r, args[0]) })
		},
	}
	return cli.WithExit(cmd, cli.ExitLines("0    done, also when it was not disabled", "1    there is no such webhook")...)
}

func runWebhooksList(ctx context.Context, r *rooms) error {
	all, err := r.desk().Receivers(ctx)
	if err != nil {
		return err
	}
	return cli.Print(r.Session, listDocument[notify.Receiver]{Items: all}, all, func(p *cli.Page) {
		if len(all) == 0 {
			r.Say("no worker has announced a webhook")
			return
		}
		rows := make([][]string, len(all))
		for i, w := range all {
			rows[i] = []string{w.ID, w.Host, w.State, strings.Join(w.Events, ", "), p.Time(w.DisabledAt), w.Reason.String()}
		}
		p.Table([]string{"ID", "HOST", "STATE", "EVENTS", "DISABLED", "REASON"}, rows)
	})
}

func runFailures(ctx context.Context, r *rooms, o failuresOptions) error {
	all, next, err := r.desk().Failures(ctx, o.Cursor, o.Limit)
	if errors.Is(err, store.ErrCursor) {
		return cli.Usage("--cursor: %w", err)
	}
	if err != nil {
		return err
	}
	return cli.Print(r.Session, listDocument[notify.Failure]{Items: all, NextCursor: next}, all, func(p *cli.Page) {
		if len(all) == 0 {
			r.Say("everything was delivered, or is on its way")
			return
		}
		rows := make([][]string, len(all))
		for i, f := range all {
			rows[i] = []string{f.EventID, f.Type, f.Of, f.Host, strconv.Itoa(f.Tries), p.Time(&f.LastAt), f.Reason.String()}
		}
		p.Table([]string{"EVENT", "TYPE", "OF", "HOST", "TRIES", "LAST", "WHY"}, rows)
		if next != "" {
			r.Say("there are more: --cursor %s", next)
		}
	})
}

func runReplay(ctx context.Context, r *rooms, s notify.Selection) error {
	done, err := r.desk().Replay(ctx, s)
	if !s.DryRun {
		r.control.Audit.Did(ctx, audit.ReplayWebhooks, audit.OfReplay(s.IDs, done.Events, done.Deliveries), err)
	}
	if errors.Is(err, store.ErrNotFound) {
		return unknownWebhook()
	}
	if err != nil {
		return err
	}
	if err := cli.Print[notify.Replayed](r.Session, done, nil, func(p *cli.Page) {
		verb := "to be sent"
		if done.DryRun {
			verb = "would be sent"
		}
		what := strconv.Itoa(done.Deliveries) + " deliveries"
		if done.Deliveries == 1 {
			what = "1 delivery"
		}
		p.Printf("%s of %s %s\n", what, plural(done.Events, "event"), verb)
	}); err != nil {
		return err
	}
	if len(done.Unknown) == 0 {
		return nil
	}
	code := cli.Partly
	if done.Events == 0 {
		code = cli.Failed
	}
	return cli.Exit(code, fmt.Errorf("there is no event %s, or its retention is over", strings.Join(done.Unknown, ", ")))
}

func runEnable(ctx context.Context, r *rooms, urlOrID string) error {
	was, err := r.desk().Enable(ctx, urlOrID)
	// The id, not what was typed: that can be an address with a secret in it.
	r.control.Audit.Did(ctx, audit.EnableWebhook, audit.About{Subjects: []string{r.desk().IDOf(urlOrID)}}, err)
	if errors.Is(err, store.ErrNotFound) {
		return unknownWebhook()
	}
	if err != nil {
		return err
	}
	d := enabled{Enabled: true}
	if was != nil {
		d.DisabledAt, d.Reason = &was.At, say.Phrase(was.Reason)
	}
	return cli.Print[enabled](r.Session, d, nil, func(p *cli.Page) {
		if was == nil {
			p.Printf("it was not disabled\n")
			return
		}
		p.Printf("enabled; it was disabled since %s: %s\n", p.Time(&was.At), d.Reason)
		r.Say("to send what it missed: %s webhooks replay --since %s", Name, was.At.UTC().Format(time.RFC3339))
	})
}

// enabled is the answer of enable.
type enabled struct {
	Enabled    bool       `json:"enabled"`
	DisabledAt *time.Time `json:"disabledAt"` // null: it was not
	Reason     say.Phrase `json:"reason"`
}

func (r *rooms) desk() notify.Desk { return notify.Desk{Store: r.store} }

// unknownWebhook does not repeat what was typed: that can be an address with a secret in it.
func unknownWebhook() error {
	return cli.Exit(cli.Failed, fmt.Errorf("no worker has announced such a webhook; `%s webhooks list` shows those there are", Name))
}

// timeOf reads a time, or how long ago.
func timeOf(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, cli.Usage("%s: %q is not a time; write it as 2026-12-01T08:00:00Z, or how long ago, as 24h", flag, text)
	}
	return at, nil
}
