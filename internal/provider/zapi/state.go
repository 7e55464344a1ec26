package zapi

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

const methodStatus = "status"

// status is /status's answer. Its error is "You are already connected." in the good case.
type status struct {
	Connected, SmartphoneConnected wire.Bool
	Error                          wire.Text
}

// statusKnown reports whether a body is a state, whatever its HTTP status: the same texts were seen with a status of
// failure.
func statusKnown(body []byte) bool {
	var s status
	return json.Unmarshal(body, &s) == nil && s.known()
}

func (s *status) known() bool {
	return s.Connected != wire.Unsaid ||
		wire.Says(string(s.Error), "already connected", "you are not connected", "restore the session")
}

func (s *status) state() provider.State {
	switch {
	case s.Connected == wire.Yes && s.SmartphoneConnected == wire.No:
		// Messages would wait in the queue; what a create would do is undocumented.
		return provider.State{Health: provider.Disconnected, Reason: say.Phrase{Code: phoneOffline}}
	case s.Connected == wire.Yes, s.Connected == wire.Unsaid && wire.Says(string(s.Error), "already connected"):
		return provider.State{Health: provider.Ready}
	case wire.Says(string(s.Error), "must subscribe"):
		return provider.State{Health: provider.Unauthorized, Reason: say.Phrase{Code: unpaid}}
	case wire.Says(string(s.Error), "restore the session"):
		return provider.State{Health: provider.Disconnected, Reason: say.Phrase{Code: sessionLost}}
	}
	return provider.State{Health: provider.Disconnected, Reason: say.Phrase{Code: notConnected}}
}

// State reads /status.
func (cl *Client) State(ctx context.Context) (provider.State, error) {
	var s status
	err := cl.wire.Do(ctx, wire.Call{
		Op: "read state", Method: methodStatus, Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopeInstance,
		Decode: func(body []byte) error {
			s = status{}
			if err := json.Unmarshal(body, &s); err != nil {
				return err
			}
			if !s.known() {
				return errors.New("it reports no state")
			}
			return nil
		},
	})
	if err != nil {
		return provider.StateOf(err)
	}
	return s.state(), nil
}

// Self reads /device.
func (cl *Client) Self(ctx context.Context) (phone.Identity, error) {
	var device struct{ Phone wire.Text }
	err := cl.wire.Do(ctx, wire.Call{
		Op: "read own number", Method: "device", Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopeInstance,
		Decode: func(body []byte) error {
			device.Phone = ""
			if err := json.Unmarshal(body, &device); err != nil {
				return err
			}
			if phone.IdentityOf(string(device.Phone)).Zero() {
				return wire.NoNumber()
			}
			return nil
		},
	})
	if err != nil {
		return phone.Identity{}, err
	}
	return phone.IdentityOf(string(device.Phone)), nil
}
