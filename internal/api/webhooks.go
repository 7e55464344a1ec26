package api

import (
	"context"
	"net/http"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/notify"
	"github.com/rollcallhq/rollcall/internal/say"
)

func (a *API) addWebhooks() {
	add(a, operation{
		method: http.MethodGet, path: "/v1/webhooks", id: "listWebhooks", tag: "webhooks", role: auth.Viewer,
		summary: "List the webhooks", about: "The webhooks that workers announced. Only the host of an address is shown: the rest can be a secret.",
	}, a.listWebhooks)
	add(a, operation{
		method: http.MethodGet, path: "/v1/webhooks/failures", id: "listWebhookFailures", tag: "webhooks", role: auth.Viewer,
		summary: "List deliveries that used up their tries, newest event first",
		about:   "They stand here until they are sent again or their retention is over. What was sent and what was answered is not kept.",
	}, a.listFailures)
	add(a, operation{
		method: http.MethodPost, path: "/v1/webhooks/replay", id: "replayWebhooks", tag: "webhooks", role: auth.Operator, body: true, does: audit.ReplayWebhooks,
		summary: "Send events again", problems: []int{http.StatusNotFound},
		about: "Either those of `eventIds`, or of a time range those that were not delivered. They keep their ids; the body is made again from the records. A worker sends them within seconds.",
	}, a.replay)
	add(a, operation{
		method: http.MethodPost, path: "/v1/webhooks/{id}/enable", id: "enableWebhook", tag: "webhooks", role: auth.Operator, does: audit.EnableWebhook,
		summary: "Enable a webhook that answered 410", problems: []int{http.StatusNotFound},
		about: "A replay sends what it missed.",
	}, a.enable)
}

type webhookList struct {
	Items      []notify.Receiver `json:"items"`
	NextCursor string            `json:"nextCursor"`
}

func (a *API) desk() notify.Desk { return notify.Desk{Store: a.Store} }

// listWebhooks returns one page with all configured webhooks.
func (a *API) listWebhooks(ctx context.Context, _ *struct{}) (*answered[webhookList], error) {
	all, err := a.desk().Receivers(ctx)
	if err != nil {
		return nil, err
	}
	return &answered[webhookList]{webhookList{Items: append([]notify.Receiver{}, all...)}}, nil
}

type failureList struct {
	Items      []notify.Failure `json:"items"`
	NextCursor string           `json:"nextCursor"`
}

func (a *API) listFailures(ctx context.Context, in *Page) (*answered[failureList], error) {
	all, next, err := a.desk().Failures(ctx, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	return &answered[failureList]{failureList{Items: append([]notify.Failure{}, all...), NextCursor: next}}, nil
}

type replayInput struct{ Body ReplayRequest }

// ReplayRequest selects the events to send again.
type ReplayRequest struct {
	_        struct{}  `additionalProperties:"false"`
	EventIDs []string  `json:"eventIds,omitempty" nullable:"true" doc:"Events by their ids: each is sent, delivered or not."`
	Since    time.Time `json:"since,omitzero" doc:"Events from this time on. Not together with eventIds."`
	Until    time.Time `json:"until,omitzero" doc:"Events before this time. Without it: now."`
	Receiver string    `json:"receiver,omitempty" doc:"Only to this webhook, by its id or its address; also events that were never sent to it."`
	All      bool      `json:"all,omitempty" doc:"For a time range, also events that were delivered or are on their way."`
	DryRun   bool      `json:"dryRun,omitempty" doc:"Count what would be sent; send nothing."`
}

func (a *API) replay(ctx context.Context, in *replayInput) (*answered[notify.Replayed], error) {
	b := in.Body
	if (len(b.EventIDs) > 0) == (!b.Since.IsZero() || !b.Until.IsZero()) {
		return nil, invalid("body", "badField", "%s: eventIds, or since", notify.ErrSelection)
	}
	done, err := a.desk().Replay(ctx, notify.Selection{
		IDs: b.EventIDs, Since: b.Since, Until: b.Until, Receiver: b.Receiver, All: b.All, DryRun: b.DryRun,
	})
	if !b.DryRun {
		a.Control.Audit.Did(ctx, audit.ReplayWebhooks, audit.OfReplay(b.EventIDs, done.Events, done.Deliveries), err)
	}
	if err != nil {
		return nil, err
	}
	return &answered[notify.Replayed]{done}, nil
}

// WebhookID names a webhook.
type WebhookID struct {
	ID string `path:"id" doc:"The webhook's id, as the list shows it."`
}

// Enabled says since when and why a webhook received nothing.
type Enabled struct {
	Enabled    bool       `json:"enabled"`
	DisabledAt *time.Time `json:"disabledAt"`
	Reason     say.Phrase `json:"reason"`
}

func (a *API) enable(ctx context.Context, in *WebhookID) (*answered[Enabled], error) {
	was, err := a.desk().Enable(ctx, in.ID)
	a.Control.Audit.Did(ctx, audit.EnableWebhook, audit.About{Subjects: []string{a.desk().IDOf(in.ID)}}, err)
	if err != nil {
		return nil, err
	}
	d := Enabled{Enabled: true}
	if was != nil {
		d.DisabledAt, d.Reason = &was.At, say.Phrase(was.Reason)
	}
	return &answered[Enabled]{d}, nil
}
