package operate

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
)

// AnswerJoin approves or rejects a person's request to join a group. A worker carries it out within a minute, and
// does not approve a person who is on the suppression list by then.
func (c *Control) AnswerJoin(ctx context.Context, id string, who phone.Identity, answer group.JoinAnswer) (*group.Group, error) {
	g, err := c.answerJoin(ctx, id, who, answer)
	what := audit.ApproveJoin
	if answer == group.RejectJoin {
		what = audit.RejectJoin
	}
	c.Audit.Did(ctx, what, audit.About{Subjects: []string{id, c.Store.People.PersonID(who)}, Count: 1}, err)
	return g, err
}

func (c *Control) answerJoin(ctx context.Context, id string, who phone.Identity, answer group.JoinAnswer) (*group.Group, error) {
	g, err := c.Store.Records.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	can, err := c.CanAnswerJoins(ctx, g)
	switch {
	case err != nil:
		return g, err
	case !can:
		return g, ErrNoAnswers
	case g.RequestOf(who) == nil:
		return g, group.ErrNoRequest
	}
	if answer == group.ApproveJoin {
		out, err := c.Store.People.Suppressed(ctx, []phone.Identity{who})
		if err != nil {
			return g, err
		}
		if out[0] {
			return g, ErrSuppressed
		}
	}
	return c.change(ctx, id, func(g *group.Group, now time.Time) error { return g.AnswerJoin(who, answer, now) })
}

// CanAnswerJoins reports whether the provider of the group's instance can answer requests to join, as a worker
// announced.
func (c *Control) CanAnswerJoins(ctx context.Context, g *group.Group) (bool, error) {
	all, err := c.Store.Presence.Instances(ctx)
	return all[g.Instance].Answers, err
}
