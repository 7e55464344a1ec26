package evolution

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
)

// State reads instance/connectionState (E9).
func (cl *Client) State(ctx context.Context) (provider.State, error) {
	var word wire.Text
	err := cl.wire.Do(ctx, wire.Call{
		Op: "read state", Method: connectionState, Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopeInstance,
		Decode: func(body []byte) error {
			var v struct{ Instance *struct{ State wire.Text } }
			if err := json.Unmarshal(body, &v); err != nil {
				return err
			}
			if v.Instance == nil {
				return errNoState
			}
			word = v.Instance.State
			return nil
		},
	})
	if err != nil {
		return cl.noState(ctx, provider.AsError(err))
	}
	return stateOf(string(word)), nil
}

func stateOf(word string) provider.State {
	switch word {
	case "open":
		return provider.State{Health: provider.Ready}
	case "connecting":
		return provider.State{Health: provider.Starting, Reason: say.Phrase{Code: connecting}}
	case "close", "closed", "qr-code", "refused":
		return provider.State{Health: provider.Disconnected, Reason: say.Phrase{Code: notConnected}}
	case "": // the server knows the instance and has not loaded it
		return provider.State{Health: provider.Disconnected, Reason: say.Phrase{Code: notLoaded}}
	}
	return provider.State{Health: provider.UnknownState, Reason: say.Phrase{Code: stateUnknown}}
}

// noState returns what is wrong if the state could not be read: the key, the name, or the address.
func (cl *Client) noState(ctx context.Context, e *provider.Error) (provider.State, error) {
	wrong := func(code say.Code) (provider.State, error) {
		return provider.State{Health: provider.Unauthorized, Reason: say.Phrase{Code: code}}, nil
	}
	foreign := e.Status == http.StatusNotFound || e.Status == http.StatusOK || e.Health == provider.Unauthorized
	switch {
	case e.Status == http.StatusUnauthorized:
		if _, err := cl.Server(ctx); err != nil { // Evolution API answers this without a key
			return wrong(wrongKeyOrServer)
		}
		return wrong(wrongKey)
	case noSuchInstance(e.Text):
		return wrong(noInstance)
	case e.Status == http.StatusServiceUnavailable && e.Health == provider.Unauthorized:
		return wrong(notActivated)
	case foreign && e.Class != provider.NotSent:
		return wrong(otherServer)
	}
	return provider.StateOf(e)
}

// Self reads instance/fetchInstances, which tells the number behind an instance (E9).
func (cl *Client) Self(ctx context.Context) (phone.Identity, error) {
	const op = "read own number"
	var entries []struct {
		Name, InstanceName, ID wire.Text // whatsmiau has the name as ID
		OwnerJID               wire.Text
	}
	err := cl.wire.Do(ctx, wire.Call{
		Op: op, Method: fetchInstances, Kind: wire.Read, Verb: http.MethodGet, Query: url.Values{"instanceName": {cl.instance}},
		Scope: provider.ScopeInstance, Cap: wire.RollAnswer,
		Decode: func(body []byte) error { return wire.List(body, &entries) },
	})
	if err != nil {
		return phone.Identity{}, err
	}
	for _, e := range entries {
		if string(e.Name) != cl.instance && string(e.InstanceName) != cl.instance && string(e.ID) != cl.instance {
			continue
		}
		if who := phone.IdentityOf(string(e.OwnerJID)); who.Digits != "" {
			return who, nil
		}
	}
	e := wire.NoNumber()
	e.Op = op
	return phone.Identity{}, e
}
