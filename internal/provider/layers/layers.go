// Package layers holds what is put around a provider's calls: a deadline, retries where they
// cannot do harm, the provider's own request rates, and observation.
//
// The layers are around one request (wire.Doer) and not around provider.Provider, because all four are properties of a
// request: reading a list takes many requests, each with its own rate, deadline and metric. From the outside in:
//
//	deadline → retry → rate → observe → wire
//
// The deadline is outermost, so that retries and waiting live within the call's budget; rate is
// inside retry, so that a repeated request is counted too; observe sees every single request.
package layers

import (
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// Config configures the layers.
type Config struct {
	// Instance is the instance's name in rollcall: the label of observations. Required.
	Instance string
	// RateKey identifies what the provider counts rates by: provider and instance id. It is the same in every worker.
	// Required with a Limiter.
	RateKey string
	// Timeouts bound one request with its retries.
	Timeouts Timeouts
	// Limiter makes all workers together keep the provider's request rates. Defaults to none.
	Limiter Limiter
	// Observer sees every request. Defaults to none.
	Observer Observer
}

// Timeouts are an instance's timeouts by kind of call.
type Timeouts struct {
	Create time.Duration // Defaults to 90s.
	Read   time.Duration // Defaults to 30s.
	Invite time.Duration // Defaults to 30s.
}

// Around returns inner with the layers around it.
func Around(inner wire.Doer, cfg Config) wire.Doer {
	d := inner
	if cfg.Observer != nil {
		d = observe(d, cfg.Observer, cfg.Instance)
	}
	if cfg.Limiter != nil {
		d = rate(d, cfg.Limiter, cfg.RateKey)
	}
	return deadline(retry(d), cfg.Timeouts)
}
