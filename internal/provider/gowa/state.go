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

// tested is the version with which these calls were written.
const tested = "9.2.0"

// Server reads app/info, which needs no device.
func (cl *Client) Server(ctx context.Context) (provider.Server, error) {
	var v struct{ Version wire.Text }
	err := cl.call(ctx, wire.Call{
		Op: "read the server's version", Method: appInfo, Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopeInstance,
	}, func(results json.RawMessage) error {
		if err := json.Unmarshal(results, &v); err != nil {
			return err
		}
		if v.Version == "" {
			return errors.New("it tells no version")
		}
		return nil
	})
	return provider.Server{Name: "GOWA", Version: string(v.Version), Tested: tested}, err
}

// State reads the device's status (W8).
func (cl *Client) State(ctx context.Context) (provider.State, error) {
	var v struct {
		Connected wire.Bool `json:"is_connected"`
		LoggedIn  wire.Bool `json:"is_logged_in"`
	}
	err := cl.call(ctx, wire.Call{
		Op: "read state", Method: deviceStatus, Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopeInstance,
	}, func(results json.RawMessage) error {
		if err := json.Unmarshal(results, &v); err != nil {
			return err
		}
		if v.Connected == wire.Unsaid || v.LoggedIn == wire.Unsaid {
			return errors.New("it tells no state")
		}
		return nil
	})
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

// noState tells what is wrong when the state could not be read: the password, the name, or the address.
func (cl *Client) noState(ctx context.Context, e *provider.Error) (provider.State, error) {
	wrong := func(code say.Code) (provider.State, error) {
		return provider.State{Health: provider.Unauthorized, Reason: say.Phrase{Code: code}}, nil
	}
	switch {
	case e.Status == http.StatusUnauthorized:
		return wrong(wrongPassword)
	case e.Status == http.StatusInternalServerError && e.Health == provider.Unauthorized:
		return wrong(noDevice)
	case e.Health == provider.Unauthorized, e.Status == http.StatusOK:
		if _, err := cl.Server(ctx); err == nil { // a GOWA that has no devices
			return wrong(noDevices)
		}
		return wrong(noGOWA)
	}
	return provider.StateOf(e)
}

// Self reads the device.
func (cl *Client) Self(ctx context.Context) (phone.Identity, error) {
	const op = "read own number"
	var v struct{ JID wire.Text }
	err := cl.call(ctx, wire.Call{
		Op: op, Method: deviceInfo, Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopeInstance,
	}, func(results json.RawMessage) error {
		v.JID = ""
		return json.Unmarshal(results, &v)
	})
	if err != nil {
		return phone.Identity{}, err
	}
	who := wire.Gather(v.JID)
	if who.Digits == "" {
		e := wire.NoNumber()
		e.Op = op
		return phone.Identity{}, e
	}
	return who, nil
}
