package cli

import (
	"github.com/rollcallhq/rollcall/internal/callback"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
)

// Doors returns the instances of a configuration that let their provider's webhooks in.
func Doors(cfg *config.Config) []callback.Door {
	var doors []callback.Door
	for _, i := range cfg.Instances {
		if i.HookSecret.Given() {
			doors = append(doors, callback.Door{
				Instance: i.Name, Callback: i.Spec().Callback, InstanceID: i.InstanceID, Secret: provider.Token(i.HookSecret.Reveal()),
				Forward: forwards(i.Forward),
			})
		}
	}
	return doors
}

func forwards(configured []config.Forward) []callback.Forward {
	all := make([]callback.Forward, len(configured))
	for i, f := range configured {
		all[i] = callback.Forward{
			URL: provider.Token(f.URL.Reveal()), Host: f.Host(), Token: provider.Token(f.Token.Reveal()), Events: f.Events,
			Others: f.What == config.ForwardOthers, AllowPrivate: f.AllowPrivate,
		}
	}
	return all
}

// Hooks returns a handler of the configuration's doors, or nil if it has none. The handler must be closed. It calls told
// for each webhook that it forwards, unless told is nil.
func (s *Session) Hooks(cfg *config.Config, st *store.Store, q *queue.Queue, p *pacing.Pacer, told func(instance, outcome string)) *callback.Handler {
	doors := Doors(cfg)
	if len(doors) == 0 {
		return nil
	}
	return callback.New(callback.Config{Doors: doors, Store: st, Queue: q, Rests: p, Rest: pacing.Rest(cfg.Rest), Log: s.Log, Forwarded: told})
}
