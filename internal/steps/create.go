package steps

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// create makes the group. Everything that takes time comes before begin. Between begin and the call there is only the
// intent.
func (d *delivery) create(ctx context.Context) error {
	if d.g.Status != group.Queued {
		return d.unfinished(ctx)
	}
	if !tasks.SameWork(d.task.ID, tasks.Create(d.g.ID, d.g.Round, d.g.Target, d.g.Priority).ID) {
		return d.follow(ctx) // the task is of an earlier round: the group has been moved since
	}
	if err := d.due(d.g.NotBefore); err != nil {
		return err
	}
	if err := d.sameNumber(); err != nil {
		return err
	}

	if err := d.equip(ctx); err != nil {
		return err
	}
	known, err := d.acquaint(ctx)
	if err != nil {
		return unsure(err)
	}
	if over, err := d.recall(ctx); err != nil || over {
		return err
	}
	if err = d.wait(ctx); err == nil {
		err = d.suppress(ctx, known)
	}
	if err == nil {
		err = d.begin(ctx)
	}
	if err != nil {
		return err
	}

	request, begun, err := d.beginCreate(ctx, known)
	if err != nil {
		return err
	}
	if begun != group.Go {
		d.releaseName(ctx, known.self.number)
		return d.unfinished(ctx)
	}
	attempt := d.g.Latest().N
	if d.Observer != nil && attempt == 1 {
		d.Observer.Waited(d.g.Priority, d.g.Latest().StartedAt.Sub(d.g.CreatedAt))
	}

	ours := func(g *group.Group) bool {
		a := g.Latest()
		return a != nil && a.N == attempt && a.Owner == d.Worker && a.Outcome == group.Open
	}
	var created provider.Created
	e, err := d.call(ctx, "create group", ours, func(ctx context.Context) (err error) {
		created, err = d.in.Provider.CreateGroup(ctx, request)
		return err
	})
	switch {
	case err != nil:
		return err
	case e != nil:
		return d.createFailed(ctx, attempt, e)
	default:
		return d.created(ctx, attempt, created)
	}
}

// beginCreate writes the intent, and what is known of the people. The call follows only if begun is group.Go.
func (d *delivery) beginCreate(ctx context.Context, known *acquaintance) (request provider.CreateRequest, begun group.Begun, err error) {
	var attempt group.Attempt
	change := func(g *group.Group, now time.Time) error {
		begun = group.Past
		if g.Status == group.Queued {
			if g.Round != d.round { // the group has been moved meanwhile
				return nil
			}
			if g.Expire(now) {
				return nil
			}
			if !known.covers(g) { // people were added meanwhile
				return &Later{Why: say.Phrase{Code: say.RefusedChanged}}
			}
			known.apply(g, now)
			if request = known.request(g); len(request.Addresses) == 0 || !g.Awaits() {
				return g.NoMembers(now)
			}
		}
		if begun = g.Begin(d.Worker, d.in.Name, d.in.CreateBudget, d.alive(ctx), now); begun == group.Go {
			g.Latest().Number = known.self.number
			attempt = *g.Latest()
		}
		return nil
	}
	ours := func(g *group.Group) bool {
		a := g.Latest()
		return a != nil && a.N == attempt.N && a.Outcome == group.Open && d.wrote(&group.Intent{Owner: a.Owner, At: a.StartedAt}, attempt.StartedAt)
	}
	err = d.intend(ctx, change, ours, func(g *group.Group, why say.Phrase, now time.Time) error {
		return g.NotSent(attempt.N, group.Answer{Error: why}, d.Policy.Retry.GiveUpAfter, now)
	})
	return request, begun, err
}

// unfinished handles the task of a create that is not to be made now, for example because the task was delivered again.
// It returns Later while another worker's create may be under way. Otherwise it enqueues what comes next.
func (d *delivery) unfinished(ctx context.Context) error {
	if d.g.Status != group.Creating {
		return d.follow(ctx)
	}
	var begun group.Begun
	var asked time.Time
	if err := d.amend(ctx, func(g *group.Group, now time.Time) error {
		if g.Status != group.Creating {
			begun = group.Past
			return nil
		}
		begun, asked = g.Begin(d.Worker, g.Instance, 0, d.alive(ctx), now), now
		return nil
	}); err != nil {
		return err
	}
	if begun == group.Busy {
		return &Later{After: max(time.Second, min(5*time.Second, d.g.Latest().Until.Sub(asked))), Why: say.Phrase{Code: say.SnoozeElsewhere}}
	}
	return d.follow(ctx)
}

// created records a group that the provider has created.
func (d *delivery) created(ctx context.Context, attempt int, c provider.Created) error {
	id := d.g.ID
	owner, err := store.Insist(ctx, func(ctx context.Context) (string, error) {
		owner, err := d.Store.Records.ClaimWhatsApp(ctx, c.GroupID, id)
		if errors.Is(err, store.ErrUnreadable) {
			err = backoff.Permanent(err)
		}
		return owner, err
	})
	if err != nil {
		// Without the claim another request could adopt this group. The intent stays open, so the
		// next delivery looks for the group and claims it before it is recorded.
		return err
	}
	ans := group.Answer{HTTPStatus: 200, GroupID: c.GroupID, InviteLink: c.InviteLink, NotAdded: c.NotAdded}
	adopted := say.Phrase{Code: say.AdoptedElse}
	if owner != id && d.mayName(ctx, owner) {
		adopted.Name = owner
	}
	err = d.commit(ctx, func(g *group.Group, now time.Time) error {
		if owner != id {
			if err := g.Unknown(attempt, group.Answer{HTTPStatus: 200, Error: adopted}, now); err != nil {
				return err
			}
			return g.Ambiguous([]group.Candidate{{GroupID: c.GroupID, Instance: d.in.Name, Name: g.Name}}, now)
		}
		return g.Created(attempt, ans, now)
	})
	if errors.Is(err, store.ErrNotFound) {
		return d.forgotten(ctx, c.GroupID)
	}
	if err != nil {
		return err
	}
	d.releaseName(ctx, d.g.Latest().Number)
	d.Log.Info().EmbedObject(event.GroupCreated).Str("group", id).Str("instance", d.in.Name).Str("status", string(d.g.Status)).Msg("group created")
	if d.g.Status == group.Inviting && !d.g.Called && d.Policy.RollLooks[0] == 0 {
		err := d.rollCall(ctx)
		if _, later := errors.AsType[*Later](err); !later {
			return err
		} // else the roll call goes on as its own task
	}
	return d.follow(ctx)
}

// mayName reports whether this group's record may name another request. Keys bound to the group's pool read the record,
// and must not learn of a request of another pool.
func (d *delivery) mayName(ctx context.Context, other string) bool {
	if d.g.Target.Pool == "" {
		return true
	}
	o, err := d.Store.Records.Load(ctx, other)
	return err == nil && o.Target.Pool == d.g.Target.Pool
}

// createFailed records a failed create, by its outcome.
func (d *delivery) createFailed(ctx context.Context, attempt int, e *provider.Error) error {
	d.trouble(ctx, d.in, e, limitedInARow(d.g))
	retry := d.Policy.Retry
	var again *Later
	err := d.commit(ctx, func(g *group.Group, now time.Time) error {
		again = nil
		switch {
		case e.Class == provider.Limited, e.Class == provider.Refused && e.Scope == provider.ScopeInstance:
			again = &Later{Why: e.Phrase()}
			if err := g.Limited(attempt, answer(e), now); err != nil || g.Status != group.Queued || e.Quota == "" || e.Quota == provider.QuotaCreate {
				return err // only a rest of creates can still hold the group
			}
			again.After = d.Policy.Rest.Initial
			g.Waits(usedUp(e.Quota), now.Add(again.After))
			return nil
		case e.Class == provider.Refused:
			return g.Refused(attempt, answer(e), now)
		case e.Class == provider.NotSent:
			pause := retry.delay(g.Tries, e.RetryAfter)
			if err := g.NotSent(attempt, answer(e), retry.GiveUpAfter, now); err != nil {
				return err
			}
			if g.Status == group.Queued {
				g.Waits(say.Phrase{Code: say.WaitNextTry, Why: []say.Phrase{e.Said()}}, now.Add(pause))
				again = &Later{After: pause, Why: e.Phrase()}
			}
			return nil
		default:
			return g.Unknown(attempt, answer(e), now)
		}
	})
	if err != nil {
		return err
	}
	d.Log.Info().EmbedObject(event.CreateFailed).Str("group", d.g.ID).Str("instance", d.in.Name).Str("outcome", string(e.Class)).Int("status", e.Status).
		Str("error", e.Error()).Msg("create failed")
	d.releaseName(ctx, d.g.Latest().Number)
	if again != nil && d.g.Status == group.Queued {
		return again
	}
	return d.follow(ctx)
}

// limitedInARow counts the latest consecutive attempts that met a limit. The pause grows with them.
func limitedInARow(g *group.Group) int {
	n := 0
	for _, a := range slices.Backward(g.Attempts) {
		switch a.Outcome {
		case group.OutcomeLimited:
			n++
		case group.Open:
		default:
			return n
		}
	}
	return n
}

// forgotten handles a created group whose record Redis has lost meanwhile. No request owns it, so its claim is released.
func (d *delivery) forgotten(ctx context.Context, groupID string) error {
	d.Log.Error().EmbedObject(event.GroupForgotten).Str("group", d.g.ID).Str("instance", d.in.Name).
		Msg("group created, record lost")
	return d.Store.Records.ReleaseWhatsApp(context.WithoutCancel(ctx), groupID, d.g.ID)
}
