package cli

import (
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/hooks"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/queue"
)

// Doors are the instances of a configuration that let their provider's webhooks in.
func Doors(cfg *config.Config) []hooks.Door {
	var doors []hooks.Door
	for _, i := range cfg.Instances {
		if i.HookSecret.Given() {
			doors = append(doors, hooks.Door{
				Instance: i.Name, Provider: string(i.Provider), InstanceID: i.InstanceID, Secret: provider.Token(i.HookSecret.Reveal()),
			})
		}
	}
	return doors
}

// Hooks is the handler of these doors; nil where there is none.
func (s *Session) Hooks(cfg *config.Config, l *ledger.Ledger, q *queue.Queue, p *pacing.Pacer) *hooks.Handler {
	doors := Doors(cfg)
	if len(doors) == 0 {
		return nil
	}
	return hooks.New(hooks.Config{Doors: doors, Ledger: l, Queue: q, Rests: p, Rest: pacing.Rest(cfg.Rest), Log: s.Log})
}
