package workercmd

import (
	"crypto/rand"
	"encoding/base64"
	"net/url"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
)

// webhookSecret is the environment variable with the secret of the example receivers.
const webhookSecret = "ROLLCALL_WEBHOOK_SECRET" //nolint:gosec // a name, and no secret

// devWebhook adds the receiver of --webhook to the configuration. The receiver must be on this machine, because dev
// sends nothing to others.
func devWebhook(s *cli.Session, cfg *config.Config, o *devOptions) error {
	if o.webhook == "" {
		return nil
	}
	u, err := url.Parse(o.webhook)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !loopback(o.webhook) {
		return cli.Usage("--webhook is not an address on this machine, and nothing of dev leaves it; write for example http://127.0.0.1:9000/")
	}
	secret, given := s.LookupEnv(webhookSecret)
	if !given || secret == "" {
		var key [32]byte
		_, _ = rand.Read(key[:]) // never fails
		secret = "whsec_" + base64.StdEncoding.EncodeToString(key[:])
		s.Say("dev: events go to %s; a receiver for them, in another terminal:\n  %s=%s go run ./examples/webhook-receivers/go", o.webhook, webhookSecret, secret)
	} else {
		s.Say("dev: events go to %s, signed with $%s", o.webhook, webhookSecret)
	}
	cfg.Webhooks = append(cfg.Webhooks, config.Webhook{
		URL: config.NewSecret(o.webhook), Secret: config.NewSecret(secret), Events: []string{"*"}, AllowPrivate: true,
	})
	// The receiver is often started after dev.
	cfg.WebhookDelivery.Retries = []time.Duration{
		time.Second, 2 * time.Second, 5 * time.Second, 5 * time.Second, 5 * time.Second, 5 * time.Second, 10 * time.Second,
		30 * time.Second, time.Minute, 5 * time.Minute,
	}
	return nil
}
