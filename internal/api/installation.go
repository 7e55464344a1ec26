package api

import (
	"context"
	"net/http"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/view"
)

func (a *API) addInstallation() {
	add(a, operation{
		method: http.MethodGet, path: "/v1/installation", id: "getInstallation", tag: "status", role: auth.Viewer,
		summary: "Show whether Redis holds what the workers remember",
		about:   "The state is sound, looking (each create is preceded by a look in the provider's lists), held (nothing is created until a time), lost (nothing is created until an admin decides) or none (no worker has run yet).",
	}, func(ctx context.Context, _ *struct{}) (*answered[view.Installation], error) {
		return a.installation(ctx)
	})
	add(a, operation{
		method: http.MethodPost, path: "/v1/installation/recover", id: "recoverInstallation", tag: "status", role: auth.Admin, does: audit.RecoverInstallation,
		summary: "Decide about a Redis that lost data",
		about:   "current: nothing was lost, create without looking. restored: a backup was restored, look before each create. startOver: everything was lost, begin a new installation and look before each create.",
		body:    true, problems: []int{http.StatusConflict},
	}, a.recoverInstallation)
}

func (a *API) installation(ctx context.Context) (*answered[view.Installation], error) {
	doc, err := a.Status.Installation(ctx)
	if err != nil {
		return nil, err
	}
	return &answered[view.Installation]{doc}, nil
}

type recoverInput struct {
	Body Recovery
}

// Recovery is a decision about a Redis that lost data.
type Recovery struct {
	_      struct{}   `additionalProperties:"false"`
	Action string     `json:"action" enum:"current,restored,startOver" doc:"What is known of the data."`
	Since  *time.Time `json:"since,omitempty" doc:"For startOver: when the oldest group was created that may be requested again. Defaults to the beginning of the lost installation."`
}

func (a *API) recoverInstallation(ctx context.Context, in *recoverInput) (*answered[view.Installation], error) {
	var since time.Time
	if in.Body.Since != nil {
		since = *in.Body.Since
	}
	if err := a.Control.Recover(ctx, operate.Recovery(in.Body.Action), since); err != nil {
		return nil, err
	}
	return a.installation(ctx)
}
