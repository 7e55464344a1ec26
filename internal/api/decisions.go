package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

func (a *API) addDecisions() {
	gone := []int{http.StatusNotFound, http.StatusConflict}
	add(a, operation{
		method: http.MethodPost, path: "/v1/groups/{id}/cancel", id: "cancelGroup", tag: "groups", role: auth.Operator, pools: true, does: audit.CancelGroup,
		summary: "Cancel a group before it exists", about: "Possible while the group is queued. It answers with the group as it stands.", problems: gone,
	}, a.decision(a.Control.Cancel))
	add(a, operation{
		method: http.MethodPost, path: "/v1/groups/{id}/retry", id: "retryGroup", tag: "groups", role: auth.Operator, pools: true, does: audit.RetryGroup,
		summary: "Put a group back into the queue", about: "Possible when the group failed or was cancelled. It answers with the group as it stands.", problems: gone,
	}, a.decision(a.Control.Retry))
	add(a, operation{
		method: http.MethodPost, path: "/v1/groups/{id}/move", id: "moveGroup", tag: "groups", role: auth.Operator, pools: true, does: audit.MoveGroup, body: true,
		summary: "Let another instance or pool create a waiting group", about: "Possible while the group is queued. It goes behind those of its priority that wait there already.", problems: gone,
	}, a.move)
	add(a, operation{
		method: http.MethodPost, path: "/v1/groups/{id}/members", id: "addMembers", tag: "groups", role: auth.Operator, pools: true, does: audit.ExtendGroup, status: http.StatusAccepted, body: true,
		summary: "Add people to a group", problems: gone,
		about: "A group that waits for its create is created with them. To a group that exists, the provider adds them, one call a person at the pace of invitations; people who are still missing are invited, if the group invites. " +
			"People who were asked for before, who left, or who are on the suppression list stay as they are. 409 while the group is being created, is in review, failed or was cancelled.",
	}, a.addMembers)
	add(a, operation{
		method: http.MethodPost, path: "/v1/groups/{id}/joins", id: "answerJoin", tag: "groups", role: auth.Operator, pools: true, does: audit.ApproveJoin, body: true,
		summary: "Let a person in who asks to join, or reject the request", problems: gone,
		about: "The requests stand in joinRequests of the group, and in joinRequest of its members. A worker carries the answer out within a minute; one that could not be carried out has a reason, and waits for an answer again. " +
			"409 for a person who does not ask to join, for a person on the suppression list, and where the provider cannot answer requests.",
	}, a.answerJoin)
	add(a, operation{
		method: http.MethodPatch, path: "/v1/groups/{id}", id: "editGroup", tag: "groups", role: auth.Operator, pools: true, does: audit.EditGroup, body: true,
		summary: "Correct a group that does not exist yet", problems: gone,
		about: "A group for which nothing was called yet is edited in place. One that failed, was cancelled, or waits after calls that came to nothing is replaced: another group is created instead, and each names the other (replacedBy, replaces). " +
			"The corrected request is judged as one that is created. 409 while the group is being created, is in review, or exists: the problem says what to do instead. Instance, pool and priority: move.",
	}, a.editGroup)
	op := add(a, operation{
		method: http.MethodPost, path: "/v1/groups/{id}/resolve", id: "resolveGroup", tag: "groups", role: auth.Operator, pools: true, does: audit.ResolveGroup,
		summary: "End a review", body: true, problems: gone,
		about: "A person has looked: the group exists at WhatsApp under an id (adopt), it does not exist and shall be created (recreate), or it is no longer needed (abandon).",
	}, a.resolve)
	op.RequestBody.Content["application/json"].Examples = map[string]*huma.Example{
		"adopt": {Summary: "It exists", Value: map[string]any{"action": "adopt", "groupId": "120363000000000001-group"}},
	}
}

// Destination is where a waiting group is moved.
type Destination struct {
	_        struct{} `additionalProperties:"false"`
	Instance string   `json:"instance,omitempty" maxLength:"40" doc:"The instance that shall create it. Not together with pool."`
	Pool     string   `json:"pool,omitempty" maxLength:"40" doc:"The pool whose first free instance shall create it."`
}

type moveInput struct {
	GroupID
	Body Destination
}

func (a *API) move(ctx context.Context, in *moveInput) (*answered[group.Document], error) {
	return a.decided(ctx, in.ID, func(ctx context.Context, id string) (*group.Group, error) {
		to := tasks.GroupRequest{Instance: in.Body.Instance, Pool: in.Body.Pool}
		if bad := (enqueue.Rules{Pools: auth.Of(ctx).Pools}).Place(&to); bad != nil {
			return nil, ofRow(bad)
		}
		g, err := a.Control.Move(ctx, id, tasks.Target{Instance: to.Instance, Pool: to.Pool})
		if errors.Is(err, operate.ErrTarget) {
			return g, invalid("body", "", "%s.", err)
		}
		return g, err
	})
}

type decide func(ctx context.Context, id string) (*group.Group, error)

func (a *API) decision(do decide) func(context.Context, *GroupID) (*answered[group.Document], error) {
	return func(ctx context.Context, in *GroupID) (*answered[group.Document], error) {
		return a.decided(ctx, in.ID, do)
	}
}

// decided carries out a decision and answers with the group after it.
func (a *API) decided(ctx context.Context, id string, do decide) (*answered[group.Document], error) {
	if _, err := do(ctx, id); err != nil {
		return nil, noGroup(id, err)
	}
	doc, err := a.shown(ctx).Group(ctx, id)
	if err != nil {
		return nil, err
	}
	return &answered[group.Document]{doc}, nil
}

// JoinDecision is the answer to a person's request to join.
type JoinDecision struct {
	_      struct{}         `additionalProperties:"false"`
	Phone  tasks.Phone      `json:"phone" doc:"The person: a phone in any spelling, a chat id, or the lid."`
	Answer group.JoinAnswer `json:"answer" enum:"approve,reject" doc:"approve: let the person in. reject: end the request."`
	Region string           `json:"region,omitempty" doc:"The country of a phone without a country code, two letters as BR."`
}

type joinInput struct {
	GroupID
	Body JoinDecision
}

func (a *API) answerJoin(ctx context.Context, in *joinInput) (*answered[group.Document], error) {
	who, err := person("body.phone", string(in.Body.Phone), in.Body.Region)
	if err != nil {
		return nil, err
	}
	return a.decided(ctx, in.ID, func(ctx context.Context, id string) (*group.Group, error) {
		return a.Control.AnswerJoin(ctx, id, who, in.Body.Answer)
	})
}

type resolveInput struct {
	GroupID
	Body Resolution
}

// Resolution is how a review ends.
type Resolution struct {
	_       struct{} `additionalProperties:"false"`
	Action  string   `json:"action" enum:"adopt,recreate,abandon" doc:"adopt: it exists, under groupId. recreate: it does not exist, create it again. abandon: leave it."`
	GroupID string   `json:"groupId,omitempty" maxLength:"200" doc:"The group's id at WhatsApp, as the provider writes it; with adopt."`
}

func (a *API) resolve(ctx context.Context, in *resolveInput) (*answered[group.Document], error) {
	switch in.Body.Action {
	case "adopt":
		if strings.TrimSpace(in.Body.GroupID) == "" {
			return nil, invalid("body.groupId", "", "adopt needs groupId: the group's id at WhatsApp.")
		}
		return a.decided(ctx, in.ID, func(ctx context.Context, id string) (*group.Group, error) {
			return a.Control.Adopt(ctx, id, in.Body.GroupID)
		})
	case "recreate":
		return a.decided(ctx, in.ID, a.Control.Recreate)
	default: // the schema allows no other value
		return a.decided(ctx, in.ID, a.Control.Abandon)
	}
}
