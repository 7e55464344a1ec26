package api

import (
	"context"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/view"
)

func (a *API) addInstances() {
	add(a, operation{
		method: http.MethodGet, path: "/v1/instances", id: "listInstances", tag: "instances", role: auth.Viewer, pools: true,
		summary: "List the instances", about: "All that workers have announced, by name, with their state and what they wait for.",
	}, a.listInstances)
	gone := []int{http.StatusNotFound}
	add(a, operation{
		method: http.MethodGet, path: "/v1/instances/{name}/explain", id: "explainInstance", tag: "instances", role: auth.Viewer, pools: true,
		summary: "Say why an instance does nothing, or when it will", problems: gone,
	}, a.explainInstance)
	add(a, operation{
		method: http.MethodPost, path: "/v1/instances/{name}/pause", id: "pauseInstance", tag: "instances", role: auth.Operator, pools: true, does: audit.PauseInstance,
		summary: "Stop an instance", about: "Once this answers, the instance begins no new create and no new invitation until it is resumed, or until the end that `for` or `until` gives: then it resumes without a person. It replaces the pause before. `underWay` of the answer counts the calls that had begun before. A pool's groups go to the instances of the pool that work.",
		body: true, problems: gone,
	}, a.pause)
	add(a, operation{
		method: http.MethodPost, path: "/v1/instances/{name}/resume", id: "resumeInstance", tag: "instances", role: auth.Operator, pools: true, does: audit.ResumeInstance,
		summary: "Let an instance go on", about: "It also lifts the pauses that asynq's own tools have set on the queues it takes from, its pools' too (`pausedQueues`).", body: true, problems: gone,
	}, a.resume)
	add(a, operation{
		method: http.MethodPut, path: "/v1/instances/{name}/pace", id: "setPace", tag: "instances", role: auth.Operator, pools: true, does: audit.ChangePace,
		summary: "Slow an instance down", about: "The configured pace stays the floor: a longer every and a smaller perDay are possible here, a quicker pace is 422. It replaces the one set before, and workers keep to it within seconds, until it is reset, or until the end that `for` or `until` gives.",
		body: true, problems: gone,
	}, a.setPace)
	add(a, operation{
		method: http.MethodDelete, path: "/v1/instances/{name}/pace", id: "resetPace", tag: "instances", role: auth.Operator, pools: true, does: audit.ChangePace,
		summary: "Give an instance back its configured pace", problems: gone,
	}, a.resetPace)
}

type instanceList struct {
	Items      []view.Instance `json:"items"`
	NextCursor string          `json:"nextCursor"`
}

// listInstances returns one page with all instances.
func (a *API) listInstances(ctx context.Context, _ *struct{}) (*answered[instanceList], error) {
	all, err := a.shown(ctx).Instances(ctx)
	if err != nil {
		return nil, err
	}
	return &answered[instanceList]{instanceList{Items: append([]view.Instance{}, all...)}}, nil
}

// InstanceName names an instance.
type InstanceName struct {
	Name string `path:"name" doc:"The instance's name."`
}

func (i InstanceName) mine(ctx context.Context, a *API) error {
	_, err := a.shown(ctx).Whole(ctx, i.Name)
	return noInstance(i.Name, err)
}

type pauseInput struct {
	InstanceName
	Body *Pause
}

// Pause is why an instance is stopped.
type Pause struct {
	_      struct{} `additionalProperties:"false"`
	Reason string   `json:"reason,omitempty" maxLength:"500" doc:"Why. It is shown with the instance and with the groups that wait for it."`
	Ending
}

// Ending is when a pause or a slower pace ends: one of the two, or none until a person ends it.
type Ending struct {
	For   string `json:"for,omitempty" maxLength:"40" doc:"End it after this long. Without for and until, a person must end it." example:"2h"`
	Until string `json:"until,omitempty" maxLength:"40" doc:"End it at this time, as RFC 3339; without an offset, in the instance's pacing.zone." example:"2030-12-02T08:00"`
}

func (a *API) pause(ctx context.Context, in *pauseInput) (*answered[view.Instance], error) {
	return a.changed(ctx, in.Name, func() error {
		var b Pause
		if in.Body != nil {
			b = *in.Body
		}
		return badChange(a.Control.Pause(ctx, in.Name, b.Reason, operate.Ending(b.Ending)))
	})
}

type resumeInput struct {
	InstanceName
	Body *Resumption
}

// Resumption says what a resume ends.
type Resumption struct {
	_       struct{} `additionalProperties:"false"`
	Reason  string   `json:"reason,omitempty" maxLength:"500" doc:"Why, for the audit log."`
	EndRest bool     `json:"endRest,omitempty" doc:"Also end a rest that the provider imposed. The provider had a reason for it."`
}

func (a *API) resume(ctx context.Context, in *resumeInput) (*answered[view.Instance], error) {
	return a.changed(ctx, in.Name, func() error {
		var b Resumption
		if in.Body != nil {
			b = *in.Body
		}
		return a.Control.Resume(ctx, in.Name, b.Reason, b.EndRest)
	})
}

func (a *API) explainInstance(ctx context.Context, in *InstanceName) (*answered[view.Explanation], error) {
	doc, err := a.shown(ctx).ExplainInstance(ctx, in.Name)
	if err != nil {
		return nil, noInstance(in.Name, err)
	}
	return &answered[view.Explanation]{doc}, nil
}

// noInstance turns store.ErrNotFound into a 404 that names the instance.
func noInstance(name string, err error) error {
	return unknown(err, "No worker has announced an instance %q.", name)
}

// changed changes an instance that exists, and answers with it after the change.
func (a *API) changed(ctx context.Context, name string, change func() error) (*answered[view.Instance], error) {
	was, err := a.shown(ctx).Instance(ctx, name)
	if err != nil {
		return nil, noInstance(name, err)
	}
	if whole, err := a.shown(ctx).Whole(ctx, name); err != nil {
		return nil, noInstance(name, err)
	} else if !whole || len(auth.Of(ctx).Pools) > 0 && len(was.PausedQueues) > 0 {
		return nil, problem(http.StatusForbidden, "The instance %s serves other pools than those of the key, or the queues of the whole installation are paused. Use a key without pools.", name)
	}
	if err := change(); err != nil {
		return nil, err
	}
	doc, err := a.shown(ctx).Instance(ctx, name)
	if err != nil {
		return nil, err
	}
	return &answered[view.Instance]{doc}, nil
}
