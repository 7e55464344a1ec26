package app

import (
	"context"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/lane"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/status"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/webhook"
	"github.com/rollcallhq/rollcall/tasks"
)

// doer gives each task to the room that carries it out.
type doer struct {
	steps    *steps.Steps
	webhooks *webhook.Webhooks
}

// Do implements lane.Steps.
func (d doer) Do(ctx context.Context, t tasks.Task, instance string, slot *pacing.Slot) error {
	if t.Type == tasks.TypeDeliver {
		return d.webhooks.Do(ctx, t)
	}
	return d.steps.Do(ctx, t, instance, slot)
}

// newWebhooks makes the outgoing webhooks.
func (a *App) newWebhooks(cfg *config.Config, put *queue.Queue) (*webhook.Webhooks, error) {
	return webhook.New(webhook.Config{
		Ledger: a.ledger, Queue: put, Documents: status.New(a.ledger, a.pacer, put), Worker: a.self.ID,
		Settings: webhookSettings(cfg), Observer: a.metrics, Log: a.opts.Log,
	})
}

func webhookSettings(cfg *config.Config) webhook.Settings {
	s := webhook.Settings{Timeout: cfg.WebhookDelivery.Timeout, Retries: cfg.WebhookDelivery.Retries}
	for _, w := range cfg.Webhooks {
		s.Endpoints = append(s.Endpoints, webhook.Endpoint{
			URL: w.URL.Reveal(), Host: w.Host(), Secrets: w.Secrets(), Events: w.Events, AllowPrivate: w.AllowPrivate,
		})
	}
	return s
}

// webhookLanes is a lane for each receiver, so that one that hangs keeps nobody else waiting.
func webhookLanes(w *webhook.Webhooks) []lane.Shared {
	var shared []lane.Shared
	for _, l := range w.Lanes() {
		shared = append(shared, lane.Shared{Name: l.Name, Queues: []string{l.Queue}})
	}
	return shared
}
