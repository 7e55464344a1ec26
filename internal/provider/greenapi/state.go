package greenapi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
)

// State reads getStateInstance, and for a suspension also when it ends.
func (cl *Client) State(ctx context.Context) (provider.State, error) {
	var word wire.Text
	err := cl.call(ctx, wire.Call{
		Op: "read state", Method: getStateInstance, Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopeInstance,
		Decode: func(body []byte) error {
			var v struct{ StateInstance wire.Text }
			if err := json.Unmarshal(body, &v); err != nil {
				return err
			}
			if word = v.StateInstance; word == "" {
				return errors.New("it reports no state")
			}
			return nil
		},
	})
	if err != nil {
		return provider.StateOf(err)
	}
	state := stateOf(string(word))
	if word == "suspended" {
		// An error here does not matter: without a known end, the instance rests as configured.
		if settings, err := cl.settings(ctx); err == nil {
			state.Until = settings.SuspendedUntil.Time
		}
	}
	return state, nil
}

func stateOf(word string) provider.State {
	switch word {
	case "authorized":
		return provider.State{Health: provider.Ready}
	case "notAuthorized":
		return provider.State{Health: provider.Disconnected, Reason: say.Phrase{Code: loggedOut}}
	case "sleepMode":
		return provider.State{Health: provider.Disconnected, Reason: say.Phrase{Code: phoneOff}}
	case "starting":
		return provider.State{Health: provider.Starting, Reason: say.Phrase{Code: starting}}
	case "blocked":
		return provider.State{Health: provider.Restricted, Reason: say.Phrase{Code: banned}}
	case "yellowCard":
		return provider.State{Health: provider.Restricted, Reason: say.Phrase{Code: restricted}}
	case "suspended":
		return provider.State{Health: provider.Restricted, Reason: say.Phrase{Code: suspended}}
	}
	return provider.State{Health: provider.UnknownState, Reason: say.Phrase{Code: stateUnknown}}
}

// Self reads getWaSettings.
func (cl *Client) Self(ctx context.Context) (phone.Identity, error) {
	s, err := cl.settings(ctx)
	if err != nil {
		return phone.Identity{}, err
	}
	who := phone.IdentityOf(string(cmp.Or(s.Phone, s.ChatID)))
	if who.Zero() {
		e := wire.NoNumber()
		e.Op = "read own number"
		return phone.Identity{}, e
	}
	return who, nil
}

func (cl *Client) settings(ctx context.Context) (waSettings, error) {
	var s waSettings
	err := cl.call(ctx, wire.Call{
		Op: "read own number", Method: getWaSettings, Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopeInstance,
		Decode: func(body []byte) error {
			s = waSettings{}
			return json.Unmarshal(body, &s)
		},
	})
	return s, err
}
