package app

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/metrics"
	"github.com/rollcallhq/rollcall/internal/notify"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/tracing"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/tasks"
)

// doer passes each task to the package that carries it out.
type doer struct {
	steps    *steps.Steps
	webhooks *notify.Webhooks
	tracing  *tracing.Tracing
}

// Do implements dispatch.Steps.
func (d doer) Do(ctx context.Context, t tasks.Task, slot *pacing.Slot) error {
	instance := ""
	if slot != nil {
		instance = slot.Instance()
	}
	ctx, end := d.tracing.Step(ctx, string(t.Type), tasks.GroupOf(t.ID), instance)
	var err error
	if t.Type == tasks.TypeDeliver {
		err = d.webhooks.Do(ctx, t)
	} else {
		err = d.steps.Do(ctx, t, slot)
	}
	end(steps.Verdict(err))
	return err
}

// observer counts the requests to a provider and adds them to their trace.
type observer struct {
	metrics.Observer

	tracing  *tracing.Tracing
	provider string
}

// Called implements layers.Observer.
func (o observer) Called(ctx context.Context, instance, kind, method, class string, took time.Duration) {
	o.Observer.Called(ctx, instance, kind, method, class, took)
	o.tracing.Called(ctx, o.provider, instance, kind, method, class, took)
}

// newWebhooks makes the outgoing webhooks.
func (a *App) newWebhooks(cfg *config.Config, put *queue.Queue) (*notify.Webhooks, error) {
	return notify.New(notify.Config{
		Store: a.store, Queue: put, Documents: view.New(a.store, a.pacer, put), Worker: a.self.ID,
		Settings: webhookSettings(cfg), Observer: a.metrics, Log: a.opts.Log,
	})
}

func webhookSettings(cfg *config.Config) notify.Settings {
	s := notify.Settings{Timeout: cfg.WebhookDelivery.Timeout, Retries: cfg.WebhookDelivery.Retries}
	for _, w := range cfg.Webhooks {
		s.Endpoints = append(s.Endpoints, notify.Endpoint{
			URL: w.URL.Reveal(), Host: w.Host(), Secrets: w.Secrets(), Events: w.Events, AllowPrivate: w.AllowPrivate,
		})
	}
	return s
}
