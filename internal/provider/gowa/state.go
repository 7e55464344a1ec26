package gowa

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
)

// status is the answer of app/status (W8).
type status struct {
	Connected wire.Bool  `json:"is_connected"`
	LoggedIn  wire.Bool  `json:"is_logged_in"`
	JID       *wire.Text // "" while no phone is paired
}

func (cl *Client) status(ctx context.Context, op string) (status, error) {
	var v status
	err := cl.call(ctx, wire.Call{
		Op: op, Method: appStatus, Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopeInstance,
	}, func(results json.RawMessage) error {
		v = status{}
		if err := json.Unmarshal(results, &v); err != nil {
			return err
		}
		if v.Connected == wire.Unsaid || v.LoggedIn == wire.Unsaid || v.JID == nil {
			return errors.New("it reports no state")
		}
		return nil
	})
	return v, err
}

// State reads the device's status.
func (cl *Client) State(ctx context.Context) (provider.State, error) {
	v, err := cl.status(ctx, "read state")
	switch {
	case err != nil:
		return cl.noState(ctx, provider.AsError(err))
	case v.LoggedIn == wire.No:
		return provider.State{Health: provider.Disconnected, Reason: say.Phrase{Code: loggedOut}}, nil
	case v.Connected == wire.No:
		return provider.State{Health: provider.Disconnected, Reason: say.Phrase{Code: notConnected}}, nil
	}
	return provider.State{Health: provider.Ready}, nil
}

// noState returns what is wrong if the state could not be read: the password, the name, or the address.
func (cl *Client) noState(ctx context.Context, e *provider.Error) (provider.State, error) {
	wrong := func(code say.Code) (provider.State, error) {
		return provider.State{Health: provider.Unauthorized, Reason: say.Phrase{Code: code}}, nil
	}
	switch {
	case e.Status == http.StatusUnauthorized:
		return wrong(wrongPassword)
	case e.Health == provider.Unauthorized && wire.Says(e.Text, noSuchDevice):
		return wrong(noDevice)
	case e.Health == provider.Unauthorized, e.Status == http.StatusOK:
		if _, err := cl.Server(ctx); err == nil { // the status had no number before 8.9, and no device before 8
			return wrong(tooOld)
		}
		return wrong(noGOWA)
	}
	return provider.StateOf(e)
}

// noSuchDevice are the server's words for a device that it does not have.
const noSuchDevice = "device not found"

// Self reads the device's status, which names its number.
func (cl *Client) Self(ctx context.Context) (phone.Identity, error) {
	const op = "read own number"
	v, err := cl.status(ctx, op)
	if err != nil {
		return phone.Identity{}, err
	}
	who := wire.Gather(*v.JID)
	if who.Digits == "" {
		e := wire.NoNumber()
		e.Op = op
		return phone.Identity{}, e
	}
	return who, nil
}
