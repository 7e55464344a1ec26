package api

import (
	"context"
	"errors"
	"time"

	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

type paceInput struct {
	InstanceName
	Body SlowerPace
}

// SlowerPace is a slower pace for an instance. It replaces the one set before.
type SlowerPace struct {
	_      struct{}   `additionalProperties:"false"`
	Create SlowerKind `json:"create,omitzero" doc:"Of creates."`
	Invite SlowerKind `json:"invite,omitzero" doc:"Of invitations."`
	Reason string     `json:"reason,omitempty" maxLength:"500" doc:"Why. It is shown with the instance."`
	Ending
}

// SlowerKind is the slower pace of one kind of call. A field that is left out stays as configured.
type SlowerKind struct {
	_      struct{} `additionalProperties:"false"`
	Every  string   `json:"every,omitempty" doc:"The floor between two calls, as 10m or 1h30m; not shorter than the configured one." example:"10m"`
	PerDay int      `json:"perDay,omitempty" minimum:"1" doc:"The maximum of calls in one day of pacing.zone; not more than configured." example:"10"`
}

func (a *API) setPace(ctx context.Context, in *paceInput) (*answered[view.Instance], error) {
	s := store.Slowing{Reason: in.Body.Reason}
	var err error
	if s.Create, err = in.Body.Create.bound("body.create.every"); err != nil {
		return nil, err
	}
	if s.Invite, err = in.Body.Invite.bound("body.invite.every"); err != nil {
		return nil, err
	}
	return a.changed(ctx, in.Name, func() error {
		return badChange(a.Control.SetPace(ctx, in.Name, s, operate.Ending(in.Body.Ending)))
	})
}

// badChange turns an operate.ChangeError into a 422.
func badChange(err error) error {
	e, ok := errors.AsType[*operate.ChangeError](err)
	if !ok {
		return err
	}
	location := "body"
	if e.Field != "" {
		location += "." + e.Field
	}
	return invalid(location, "", "%s.", e.Why)
}

func (k SlowerKind) bound(location string) (pacing.Bound, error) {
	b := pacing.Bound{PerDay: k.PerDay}
	if k.Every == "" {
		return b, nil
	}
	var err error
	if b.Every, err = time.ParseDuration(k.Every); err != nil || b.Every <= 0 {
		return b, invalid(location, "", "It must be a duration longer than 0, as 90s, 10m or 1h30m.")
	}
	return b, nil
}

type resetPaceInput struct {
	InstanceName
	Reason string `query:"reason" maxLength:"500" doc:"Why, for the audit log."`
}

func (a *API) resetPace(ctx context.Context, in *resetPaceInput) (*answered[view.Instance], error) {
	return a.changed(ctx, in.Name, func() error { return a.Control.ResetPace(ctx, in.Name, in.Reason) })
}
