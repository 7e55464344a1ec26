package producercmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/store"
)

const (
	// jobLook is how often the progress of a job is read.
	jobLook = 100 * time.Millisecond
	// abortFor is how long an interrupted command waits until its job has ended.
	abortFor = 10 * time.Second
	// tellJob is the maximum of groups of a job that is not announced: it ends before a person reads the line.
	tellJob = 100
)

// runBulk runs a job, or says what it would do.
func runBulk(ctx context.Context, r *rooms, c *change, b operate.Bulk, o changeOptions) error {
	plan, err := r.control.PlanBulk(ctx, b)
	if err != nil {
		return badTarget(err)
	}
	planned := changed{DryRun: o.DryRun, Matched: plan.Total, Changed: plan.Done, DoneAs: plan.DoneAs, AtMost: plan.AtMost, Skipped: plan.Skipped, Refused: []refusal{}}
	if o.DryRun || plan.Total == 0 {
		if plan.Total == 0 {
			if err := r.unknownTarget(ctx, o.Groups.Instance, o.Pool); err != nil {
				return err
			}
			r.Say("no group matches")
		}
		for _, left := range plan.Refused {
			planned.Refused = append(planned.Refused, refusal{left.ID, c.why(operate.OutcomeSkipped, left.Reason)})
		}
		if err := printChanged(r, c, planned); err != nil {
			return err
		}
		return planned.exit(total(plan.Skipped))
	}
	asks := !r.NoInput && r.InTTY && r.ErrTTY
	if b.Everything() && !b.All && !asks {
		return cli.Usage("this filter matches every group that can be %s; narrow it, or confirm it by --all", c.past)
	}
	if plan.Done > 0 {
		of := ""
		if o.Groups.Batch != "" {
			of = " of batch " + o.Groups.Batch
		}
		if err := r.Confirm(ctx, "%s %s%s?", c.verb(), plural(plan.Done, "group"), of); err != nil {
			return err
		}
	}
	if plan.Done > 0 && asks { // the question may have stood for hours
		now, err := r.control.PlanBulk(ctx, b)
		if err != nil {
			return badTarget(err)
		}
		if now.Done != plan.Done {
			return cli.Exit(cli.Failed, fmt.Errorf("nothing was changed: it would be %s by now; run the command again", plural(now.Done, "group")))
		}
	}
	b.All = true // confirmed by --all or at the terminal, or not needed
	j, err := r.control.BeginBulk(ctx, b)
	if err != nil {
		return badTarget(err)
	}
	if plan.Total > tellJob {
		r.Say("job %s has begun; Ctrl-C aborts it, and if this command is killed a server or a worker goes on with it", j.ID)
	}
	j, err = r.runJob(ctx, c, j)
	if err != nil {
		return err
	}
	doc := changed{Job: j.ID, Matched: j.Settled(), Changed: j.Done, DoneAs: j.DoneAs, Skipped: j.Skipped, Refused: []refusal{}}
	if doc.Skipped == nil {
		doc.Skipped = map[string]int{}
	}
	if doc.DoneAs == nil {
		doc.DoneAs = map[string]int{}
	}
	if doc.Refused, err = r.refusals(ctx, c, j); err != nil {
		return err
	}
	if err := printChanged(r, c, doc); err != nil {
		return err
	}
	switch operate.StateOf(j) {
	case operate.BulkAborted:
		code := cli.Failed // aborted elsewhere
		if ctx.Err() != nil {
			code = cli.Interrupted
		}
		return cli.Exit(code, fmt.Errorf("aborted; %s before that, and stay so", doc.did(c)))
	case operate.BulkFailed:
		return cli.Exit(cli.Failed, fmt.Errorf("no worker runs %s any more; %s before that, and stay so", j.To, doc.did(c)))
	}
	return doc.exit(total(j.Skipped) + j.Failed)
}

// runJob runs a job in this process, or follows the process that runs it, until the job has ended. The end of ctx
// aborts the job.
func (r *rooms) runJob(ctx context.Context, c *change, j store.Job) (store.Job, error) {
	jobs := app.NewJobs(r.control, r.Log)
	jobs.Start(ctx)
	defer jobs.Stop()
	progress := r.Progress("groups " + c.past)
	defer progress.Stop()
	tick := time.NewTicker(jobLook)
	defer tick.Stop()
	looks, stopped := ctx, false
	for j.Ended.IsZero() {
		select {
		case <-tick.C:
		case <-looks.Done():
			if stopped {
				return j, cli.Exit(cli.Interrupted, fmt.Errorf("job %s was told to abort; it ends when a server or a worker comes to it", j.ID))
			}
			var cancel context.CancelFunc
			looks, cancel = context.WithTimeout(context.WithoutCancel(ctx), abortFor)
			defer cancel()
			stopped = true
			if _, err := r.control.AbortBulk(looks, j.ID); err != nil && !errors.Is(err, group.ErrState) {
				return j, cli.Exit(cli.Interrupted, fmt.Errorf("job %s could not be aborted: %s; a server or a worker goes on with it", j.ID, cli.Explain(err)))
			}
		}
		if _, err := r.outlast(looks, progress.Say, func() error {
			now, err := r.store.Trail.Job(looks, j.ID)
			if err == nil {
				j = now
			}
			return err
		}); err != nil && looks.Err() == nil {
			return j, err
		}
		progress.Set(cli.Step{Done: j.Settled(), Total: j.Total, Failed: total(j.Skipped) + j.Failed})
	}
	return j, nil
}

// refusals returns the first groups that a job did not change.
func (r *rooms) refusals(ctx context.Context, c *change, j store.Job) ([]refusal, error) {
	ctx = context.WithoutCancel(ctx) // an interrupted job is reported too
	left := []refusal{}
	want := min(maxRefusals, total(j.Skipped)+j.Failed)
	for cursor := ""; len(left) < want; {
		outcomes, next, err := r.control.BulkOutcomes(ctx, j.ID, cursor, 5000)
		if err != nil {
			return left, err
		}
		for _, o := range outcomes {
			if o.Outcome != operate.OutcomeDone && len(left) < want {
				left = append(left, refusal{o.ID, c.why(o.Outcome, o.Reason)})
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	return left, nil
}

// why says in words why a group was left as it is.
func (c *change) why(outcome string, reason operate.Reason) string {
	switch {
	case outcome == operate.OutcomeFailed:
		return "Redis refused the change; begin again"
	case reason == operate.SkipExpired:
		return strings.TrimSuffix(group.ErrExpired.Error(), ": "+group.ErrState.Error())
	case reason == operate.SkipReplaced:
		return "a corrected row was accepted in its place"
	case reason == operate.SkipExists:
		return strings.TrimSuffix(group.ErrExists.Error(), ": "+group.ErrState.Error())
	case reason == operate.SkipThere:
		return "it waits there already"
	case reason == operate.SkipChanged:
		return "something else changed it meanwhile"
	case reason == operate.SkipGone:
		return "its record was removed"
	case reason == operate.Reason(group.Unreadable):
		return "what is stored of it cannot be read"
	}
	return c.wrongState(string(reason))
}

func total(n map[string]int) int {
	sum := 0
	for _, k := range n {
		sum += k
	}
	return sum
}
