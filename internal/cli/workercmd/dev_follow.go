package workercmd

import (
	"context"
	"fmt"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
)

// lookEvery is how often dev polls the progress.
const lookEvery = 200 * time.Millisecond

// followBatch shows a batch's progress until every group has ended or waits for a person. It returns the error of a
// read, or the cause of the end of ctx.
func (d *dev) followBatch(ctx context.Context, s *cli.Session, batch string) error {
	progress := s.Progress("groups")
	defer progress.Stop()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		b, err := d.store.Index.Batch(ctx, batch)
		if err != nil {
			return err
		}
		progress.Set(stepOf(b.Counts, b.Members))
		if settled(b) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// settled reports whether every group of a batch has ended or waits for a person.
func settled(b *group.Batch) bool {
	return !b.FinishedAt.IsZero() || b.Total > 0 && b.Ended()+b.Counts[group.Review] == b.Total
}

// followAll shows the progress of all groups that producers request, until ctx ends.
func (d *dev) followAll(ctx context.Context, s *cli.Session) {
	var progress *cli.Progress
	quiet := func(sentence string) {
		if progress != nil {
			progress.Stop()
			progress = nil
			s.Say("dev: %s", sentence)
		}
	}
	defer func() {
		if progress != nil {
			progress.Stop()
		}
	}()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		groups, members, err := d.store.Index.Totals(ctx)
		if err != nil {
			if ctx.Err() == nil {
				s.Log.Warn().EmbedObject(event.TotalsUnreadable).Err(err).Msg("totals unreadable")
			}
			continue
		}
		step := stepOf(groups, members)
		if step.Done == step.Total {
			quiet("nothing waits; " + cli.Counts(group.Statuses, groups))
			continue
		}
		if progress == nil {
			progress = s.Progress("groups")
		}
		progress.Set(step)
	}
}

// stepOf returns the progress of some groups. One that waits for a person counts as done.
func stepOf(groups map[group.Status]int, members map[group.MemberStatus]int) cli.Step {
	step := cli.Step{Failed: groups[group.Failed]}
	for status, n := range groups {
		step.Total += n
		if status.Ended() || status == group.Review {
			step.Done += n
		}
	}
	in := members[group.Added] + members[group.Joined]
	step.Note = fmt.Sprintf("%d people in, %d invited", in, members[group.Invited]+members[group.Joined])
	if n := groups[group.Verifying]; n > 0 {
		step.Note += fmt.Sprintf(", %d being looked for after a lost answer", n)
	}
	if n := groups[group.Review]; n > 0 {
		step.Note += fmt.Sprintf(", %d for a person to decide", n)
	}
	return step
}
