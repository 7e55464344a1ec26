package evolution

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// tested is the version for which these calls were written. An older server may lack some of them.
const tested = "2.3.7"

// miau is the name of the other server, as that server reports it.
const miau = "whatsmiau"

// Server reads the welcome of the server's root. It needs no key.
func (cl *Client) Server(ctx context.Context) (provider.Server, error) {
	var v struct{ Message, Version, ClientName wire.Text }
	err := cl.wire.Do(ctx, wire.Call{
		Op: "read the server's version", Method: welcome, Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopeInstance,
		Decode: func(body []byte) error {
			if err := json.Unmarshal(body, &v); err != nil {
				return err
			}
			if v.Version == "" {
				return errors.New("it reports no version")
			}
			return nil
		},
	})
	if err != nil {
		return provider.Server{}, err
	}
	if v.ClientName == miau || wire.Says(string(v.Message), miau) {
		return provider.Server{Name: miau, Version: string(v.Version), Notes: []string{
			"whatsmiau takes group names of at most 25 characters: a group with a longer name is refused.",
			"whatsmiau keeps no sent messages: an invitation whose answer is lost stays inviteUnknown.",
		}}, nil
	}
	return provider.Server{Name: title, Version: string(v.Version), Tested: tested}, nil
}
