package producercmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

func newStatusCommand(p *program) *cobra.Command {
	var history bool
	var days int
	cmd := &cobra.Command{
		Use:   "status [ID]",
		Short: "Show the whole queue, or one group, batch or instance",
		Long: `Show the whole queue: how many groups and people are in each state, when each instance may make its
next calls, the batches, the workers, and the estimated completion.

With an ID show one group (grp_…), one batch (bat_… or its name) or one instance (its name). A group
that is not moving says what it waits for, and until when.

With --history show what was done day by day instead, of all instances or of the one named: groups
created and failed, people added, invited and joined, and how many of the calls that the pace allowed
were made. Each instance's days are those of its pacing.zone.`,
		Example: `rollcall-producer status
rollcall-producer status grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10
rollcall-producer status cohort.csv --output json
rollcall-producer status alpha --history --days 30`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if days < 1 || days > store.HistoryDays || cmd.Flags().Changed("days") && !history {
				return cli.Usage("--days must be 1 to %d, with --history", store.HistoryDays)
			}
			return p.in(cmd, func(ctx context.Context, r *rooms) error {
				if history {
					return runHistory(ctx, r, strings.Join(args, ""), days)
				}
				if len(args) == 0 {
					return runStatus(ctx, r)
				}
				return runStatusOf(ctx, r, args[0])
			})
		},
	}
	cmd.Flags().BoolVar(&history, "history", false, "show what was done day by day")
	cmd.Flags().IntVar(&days, "days", 30, "how many days --history shows, at most 90")
	return cli.WithExit(cmd, cli.ExitLines("0    done", "1    there is nothing of that id or name")...)
}

func runHistory(ctx context.Context, r *rooms, instance string, days int) error {
	h, err := r.status.History(ctx, instance, days)
	if errors.Is(err, store.ErrNotFound) {
		return cli.Exit(cli.Failed, fmt.Errorf("there is no instance %q; `%s status` shows what there is", instance, Name))
	}
	if err != nil {
		return err
	}
	return cli.Print[view.History](r.Session, h, nil, func(p *cli.Page) {
		rows := make([][]string, len(h.Items))
		for n, d := range h.Items {
			rows[n] = []string{
				d.Date, strconv.Itoa(d.Created), strconv.Itoa(d.Failed), strconv.Itoa(d.Added), strconv.Itoa(d.Invited), strconv.Itoa(d.Joined),
				ofDay(d.Calls.Create, d.Allowed.Create), ofDay(d.Calls.Invite, d.Allowed.Invite),
			}
		}
		p.Table([]string{"DAY", "CREATED", "FAILED", "ADDED", "INVITED", "JOINED", "CREATE CALLS", "INVITE CALLS"}, rows)
	})
}

func runStatus(ctx context.Context, r *rooms) error {
	d, err := r.status.Status(ctx)
	if err != nil {
		return err
	}
	return cli.Print[view.Document](r.Session, d, nil, func(p *cli.Page) { statusPage(p, d) })
}

func runStatusOf(ctx context.Context, r *rooms, id string) error {
	if strings.HasPrefix(id, group.IDPrefix) {
		d, err := r.status.Group(ctx, id)
		if err != nil {
			return notFound(id, err)
		}
		r.control.Audit.Saw(ctx, audit.About{Subjects: []string{id}, Detail: say.Phrase{Code: say.AuditSeen, Kind: "status"}})
		return printGroup(r.Session, d)
	}
	i, err := r.instance(ctx, id)
	if err == nil {
		return cli.Print[view.Instance](r.Session, i, nil, func(p *cli.Page) { instancePage(p, i) })
	}
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	b, err := r.status.Batch(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		if name := r.batchOfPath(ctx, id); name != "" {
			return cli.Exit(cli.Failed, fmt.Errorf("there is no batch and no instance %q; the batch of this file has its name without the directory: %q", id, name))
		}
		return cli.Exit(cli.Failed, fmt.Errorf("there is no batch and no instance %q; `%s status` shows what there is", id, Name))
	}
	if err != nil {
		return err
	}
	return cli.Print[group.BatchDocument](r.Session, b, nil, func(p *cli.Page) { batchPage(p, b) })
}

func printGroup(s *cli.Session, d group.Document) error {
	return cli.Print[group.Document](s, d, nil, func(p *cli.Page) { groupPage(p, d) })
}

func statusPage(p *cli.Page, d view.Document) {
	p.Printf("%s\n\n", d.Sentence().Said(p.Voice()))
	p.Fields("groups", cli.Counts(group.Statuses, d.Groups), "people", cli.Counts(group.MemberStatuses, d.Members), "all done", doneText(p, d.EtaAt, d.Sentence().Idle()))
	if needs := view.Together(d.Needs); len(needs) > 0 {
		rows := make([][]string, len(needs))
		for n, need := range needs {
			rows[n] = []string{needText(p, need), strconv.Itoa(need.People), strconv.Itoa(need.Groups), saidText(p, need.Words().Do)}
		}
		p.Printf("\n")
		p.Table([]string{"NEEDS YOU", "PEOPLE", "GROUPS", "WHAT HELPS"}, rows)
	}
	if len(d.Instances) > 0 {
		rows := make([][]string, len(d.Instances))
		for n, i := range d.Instances {
			rows[n] = []string{
				i.Name, i.Provider, string(i.Worst), strconv.Itoa(i.Queued.Create), strconv.Itoa(i.Queued.Invite),
				ofDay(i.Today.Create, i.PerDay.Create), ofDay(i.Today.Invite, i.PerDay.Invite), p.Time(i.NextCreateAt), whyText(p, i),
			}
		}
		p.Printf("\n")
		p.Table([]string{"INSTANCE", "PROVIDER", "STATE", "GROUPS", "INVITES", "CREATED", "INVITED", "NEXT CREATE", "WHY"}, rows)
	}
	if len(d.Batches) > 0 {
		rows := make([][]string, len(d.Batches))
		for n, b := range d.Batches {
			rows[n] = []string{b.Name, b.ID, batchState(b), endedOf(b), doneText(p, b.EtaAt, b.FinishedAt != nil), cli.Counts(group.Statuses, b.Counts)}
		}
		p.Printf("\n")
		p.Table([]string{"BATCH", "ID", "STATUS", "ENDED", "ALL DONE", "GROUPS"}, rows)
	}
	if len(d.Unreadable) > 0 {
		kinds := slices.Sorted(maps.Keys(d.Unreadable))
		p.Printf("\n%s cannot be read: rollcall-producer unreadable list\n", cli.Counts(kinds, d.Unreadable))
	}
	p.Printf("\n")
	if len(d.Workers) == 0 {
		p.Printf("no worker runs: nothing moves until one does (rollcall-worker run)\n")
		return
	}
	rows := make([][]string, len(d.Workers))
	for n, w := range d.Workers {
		rows[n] = []string{w.ID, w.Host, strconv.Itoa(w.Lanes), p.Time(&w.StartedAt)}
	}
	p.Table([]string{"WORKER", "HOST", "LANES", "SINCE"}, rows)
}

// needText says what a person must see to.
func needText(p *cli.Page, n view.Need) string {
	words := n.Words()
	text := saidText(p, words.Title)
	if words.Cause != nil {
		text += ": " + saidText(p, words.Cause)
	}
	switch {
	case n.Together > 0:
		return p.Voice().Say(say.Phrase{Code: "n-instances", N: n.Together}) + ": " + text
	case n.Name != "":
		return n.Name + ": " + text
	}
	return text
}

// saidText returns the text of a speech; "" for an empty one.
func saidText(p *cli.Page, s say.Speech) string {
	if s == nil {
		return ""
	}
	return s.Said(p.Voice())
}

func instancePage(p *cli.Page, i view.Instance) {
	p.Fields(
		"instance", i.Name, "provider", i.Provider, "pools", strings.Join(i.Pools, ", "), "state", instanceState(i), "since", p.Time(i.Since), "reason", whyText(p, i), "paused queues", strings.Join(i.PausedQueues, ", "),
		"until", p.Time(i.Until), "groups waiting", strconv.Itoa(i.Queued.Create), "invitations waiting", strconv.Itoa(i.Queued.Invite),
		"under way", i.StillUnderWay().String(), "pace of creates", paceText(i.Pace.Create), "pace of invitations", paceText(i.Pace.Invite), "slowed down", slowedText(p, i),
		"created today", ofDay(i.Today.Create, i.PerDay.Create), "invited today", ofDay(i.Today.Invite, i.PerDay.Invite),
		"next create", p.Time(i.NextCreateAt), "next invitation", p.Time(i.NextInviteAt),
		"last error", i.LastError.String(), "last seen", p.Time(i.LastSeenAt))
}

// whyText says why an instance does nothing, until when, and whether its pause seems forgotten.
func whyText(p *cli.Page, i view.Instance) string {
	var parts []string
	if !i.Reason.Zero() {
		parts = append(parts, i.Reason.String())
	}
	if i.Forgotten && i.Since != nil {
		parts = append(parts, p.Voice().Say(say.Phrase{Code: say.PauseForgotten, At: *i.Since}))
	}
	return strings.Join(parts, "; ")
}

func batchPage(p *cli.Page, b group.BatchDocument) {
	invalid, who := "", ""
	if b.InvalidRows > 0 {
		invalid = strconv.Itoa(b.InvalidRows)
	}
	if group.MissedOut(b.MemberCounts) > 0 {
		who = fmt.Sprintf("%s export %s --one-row-is person", Name, b.ID)
	}
	p.Fields(
		"batch", b.Name, "id", b.ID, "status", batchState(b), "ended", endedOf(b), "groups", cli.Counts(group.Statuses, b.Counts),
		"people", cli.Counts(group.MemberStatuses, b.MemberCounts), "each person, and why", who, "invalid rows", invalid,
		"all done", doneText(p, b.EtaAt, b.FinishedAt != nil), "created", p.Time(&b.CreatedAt), "finished", p.Time(b.FinishedAt))
}

func groupPage(p *cli.Page, d group.Document) {
	where := d.Instance
	if where == "" {
		where = "pool " + d.Pool
	}
	fields := []string{
		"group", d.GroupName, "id", d.ID, "status", cli.GroupState(d), "waits for", d.WaitingFor.String(), "since", p.Time(d.WaitingSince), "until", p.Time(d.EtaAt),
		"at", where, "priority", d.Priority, "batch", d.BatchID, "external ref", d.ExternalRef,
		"WhatsApp id", d.GroupID, "invite link", d.InviteLink,
		"created", p.Time(&d.CreatedAt), "updated", p.Time(&d.UpdatedAt), "finished", p.Time(d.FinishedAt),
	}
	for _, id := range d.LateGroups {
		fields = append(fields, "late group", id)
	}
	if e := d.Error; e != nil {
		fields = append(fields, "error", string(e.Code)+": "+e.Message.String(), "remedy", e.Remedy.String())
		for _, c := range e.Candidates {
			fields = append(fields, "candidate", fmt.Sprintf("%s %s, %s, at %s", c.GroupID, c.Name, plural(c.People, "participant"), c.Instance))
		}
	}
	p.Fields(fields...)
	setupTable(p, d.Setup)
	header := []string{"PERSON", "STATUS", "CHANGED", "WHY"}
	named := slices.ContainsFunc(d.Members, func(m group.MemberDocument) bool { return m.Name != "" })
	if named {
		header = slices.Insert(header, 1, "NAME")
	}
	rows := make([][]string, len(d.Members))
	for n, m := range d.Members {
		who := m.Phone
		if who == "" {
			who = m.Input
		}
		rows[n] = []string{who, personState(m), p.Time(&m.UpdatedAt), m.Reason.String()}
		if named {
			rows[n] = slices.Insert(rows[n], 1, m.Name)
		}
	}
	p.Printf("\n")
	p.Table(header, rows)
	if len(d.Attempts) == 0 {
		return
	}
	rows = rows[:0]
	for _, a := range d.Attempts {
		outcome := string(a.Outcome)
		if outcome == "" {
			outcome = "under way"
		}
		rows = append(rows, []string{strconv.Itoa(a.N), a.Instance, outcome, p.Time(&a.StartedAt), a.Error.String()})
	}
	p.Printf("\n")
	p.Table([]string{"ATTEMPT", "INSTANCE", "OUTCOME", "AT", "ERROR"}, rows)
}

// setupTable lists the steps of a group's set-up; nothing where nothing was asked for.
func setupTable(p *cli.Page, steps []group.StepDocument) {
	if len(steps) == 0 {
		return
	}
	rows := make([][]string, len(steps))
	for n, s := range steps {
		rows[n] = []string{string(s.Step), string(s.Status), p.Time(&s.UpdatedAt), s.Reason.String()}
	}
	p.Printf("\n")
	p.Table([]string{"SET-UP", "STATUS", "CHANGED", "WHY"}, rows)
}

// personState returns a person's state, and what else they are to the group.
func personState(m group.MemberDocument) string {
	text := string(m.Status)
	if m.Role != "" {
		text += ", " + string(m.Role)
	}
	if m.Admin {
		text += ", admin"
	}
	return text
}

// batchState returns the state of a batch in words: the whole, then every part that fell short, the worst first.
func batchState(b group.BatchDocument) string {
	text := b.Status
	for _, s := range []struct {
		n    int
		what string
	}{{b.Counts[group.Failed], "failed"}, {b.Counts[group.Review], "in review"}, {b.Counts[group.Cancelled], "cancelled"}} {
		if s.n > 0 {
			text += fmt.Sprintf(", %d %s", s.n, s.what)
		}
	}
	if b.InvalidRows > 0 {
		text += ", " + plural(b.InvalidRows, "invalid row")
	}
	return text + cli.MissedOut(group.MissedOut(b.MemberCounts))
}

// instanceState returns the state of an instance in words, with its worst part if that differs.
func instanceState(i view.Instance) string {
	if string(i.Worst) == string(i.State) {
		return string(i.State)
	}
	return string(i.State) + ", " + string(i.Worst)
}

// doneText says when something will be done; "" if it is.
func doneText(p *cli.Page, at *time.Time, over bool) string {
	if over {
		return ""
	}
	return p.Voice().Say(view.Forecast(at))
}

// ofDay says how many of a day's allowed calls were made.
func ofDay(n, limit int) string {
	if limit == 0 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d/%d", n, limit)
}

func endedOf(b group.BatchDocument) string {
	n := 0
	for s, count := range b.Counts {
		if s.Ended() {
			n += count
		}
	}
	return fmt.Sprintf("%d/%d", n, b.Total)
}
