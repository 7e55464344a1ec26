package app

import (
	"fmt"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/numbers"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/store"
)

// NumberChecker returns a checker that uses the instances of a configuration, at the rates that the workers share. It
// starts nothing: it is for programs that only plan.
func NumberChecker(cfg *config.Config, st *store.Store, p *pacing.Pacer) (*numbers.Checker, error) {
	instances := make([]numbers.Instance, 0, len(cfg.Instances))
	for _, i := range cfg.Instances {
		if !i.HasCredentials() { // this process cannot use the instance
			continue
		}
		c := ProviderConfig(i)
		if i.RateLimits != config.LimitsOff {
			c.Limiter = p
		}
		asked, err := all.New(c)
		if err != nil {
			return nil, fmt.Errorf("instance %s: %w", i.Name, err)
		}
		instances = append(instances, numbers.Instance{Name: i.Name, Pools: i.Pools, Provider: asked})
	}
	return numbers.New(st.People, instances...), nil
}
