package gowa

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// tested is the version for which these calls were written.
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
			return errors.New("it reports no version")
		}
		return nil
	})
	return provider.Server{Name: title, Version: string(v.Version), Tested: tested}, err
}
