package workercmd

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/all"
)

// instanceCheckup is what an instance answered.
type instanceCheckup struct {
	Name     string          `json:"name"`
	Provider string          `json:"provider"`
	OK       bool            `json:"ok"`
	State    provider.Health `json:"state"`
	Reason   string          `json:"reason"` // one sentence with the remedy; "" when all is well
	Until    *time.Time      `json:"until"`
	Number   string          `json:"number"`   // its own, masked
	Zone     string          `json:"zone"`     // the zone in which its days begin
	ZoneFrom string          `json:"zoneFrom"` // pacing.zone, $TZ, /etc/localtime or /etc/timezone; "" where the machine's clock has no name
	TookMS   int64           `json:"tookMs"`
	// Server is what answers at base_url where a user runs the provider's server; null elsewhere.
	Server   *serverCheckup `json:"server"`
	Warnings []string       `json:"warnings"`
}

// serverCheckup is a server that a user runs.
type serverCheckup struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

const (
	// askedAtOnce is how many instances are asked at the same time.
	askedAtOnce = 16
	// timeout is how long one instance may take for its answers.
	timeout = 20 * time.Second
)

// checkInstances asks all instances, several at a time.
func checkInstances(ctx context.Context, cfg *config.Config) []instanceCheckup {
	out := make([]instanceCheckup, len(cfg.Instances))
	slots := make(chan struct{}, askedAtOnce)
	var asking sync.WaitGroup
	for i, in := range cfg.Instances {
		asking.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			out[i] = checkInstance(ctx, in)
		})
	}
	asking.Wait()
	return out
}

// checkInstance asks one instance what a group would ask of it, without changing anything.
func checkInstance(ctx context.Context, in config.Instance) instanceCheckup {
	c := instanceCheckup{Warnings: []string{}, Name: in.Name, Provider: string(in.Provider), State: provider.UnknownState, Zone: in.Pacing.Zone.String(), ZoneFrom: config.LocalZoneOrigin()}
	if in.Pacing.ZoneGiven {
		c.ZoneFrom = "pacing.zone"
	}
	begun := time.Now()
	c.ask(ctx, in)
	c.TookMS = time.Since(begun).Milliseconds()
	return c
}

func (c *instanceCheckup) ask(ctx context.Context, in config.Instance) {
	p, err := all.New(app.ProviderConfig(in))
	if err != nil {
		c.Reason = err.Error()
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %v", timeout))
	defer cancel()
	if teller, ok := p.(provider.ServerTeller); ok {
		if server, err := teller.Server(ctx); err == nil { // the state tells what is wrong with the address
			c.Server = &serverCheckup{Name: server.Name, Version: server.Version}
			c.Warnings = append(c.Warnings, server.Warnings()...)
		}
	}
	state, err := p.State(ctx)
	if err != nil {
		c.Reason = unreadable(in, err)
		return
	}
	if c.tell(state); state.Health != provider.Ready {
		return
	}
	self, err := p.Self(ctx) // no group is created without it
	if err != nil {
		c.Reason = "It is connected, but its own number could not be read: " + provider.AsError(err).Said().String() + "."
		if known, err := provider.StateOf(err); err == nil {
			c.tell(known)
		}
		return
	}
	if p.Traits().CheckShowsUnpaid {
		// An unpaid instance calls itself connected and refuses checks of numbers, so its own number is
		// checked. Elsewhere a check would cost quota, and the state tells enough.
		if _, err := p.CheckPhones(ctx, []string{self.Digits}); err != nil {
			if known, err := provider.StateOf(err); err == nil {
				c.tell(known)
				return
			}
		}
	}
	c.OK, c.Number = true, phone.Mask("+"+self.Digits)
}

// tell records the state that the provider reports.
func (c *instanceCheckup) tell(s provider.State) {
	c.State, c.Reason = s.Health, s.Reason.String()
	if !s.Until.IsZero() {
		c.Until = &s.Until
	}
	if c.Reason == "" && s.Health != provider.Ready {
		c.Reason = "The provider reports it as " + string(s.Health) + ": look at it in the provider's console."
	}
}

// unreadable returns the reason for an instance whose state could not be read.
func unreadable(in config.Instance, err error) string {
	e := provider.AsError(err)
	text := e.Said().String()
	if errors.Is(err, context.DeadlineExceeded) && text == "" {
		text = "no answer in time"
	}
	if e.Status == 0 {
		return fmt.Sprintf("%s cannot be reached: %s; check base_url and the network of this machine.", in.BaseURL, text)
	}
	return fmt.Sprintf("The provider answered HTTP %d (%s): try again, and if it stays, look at the instance in its console.", e.Status, text)
}
