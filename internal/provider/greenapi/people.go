package greenapi

import (
	"context"
	"encoding/json"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// checksAtOnce keeps ten checks a second (B9) busy at the half second that one may take.
const checksAtOnce = 5

// CheckPhones asks checkWhatsapp for one number after the other (B6); there is no call for many.
// A number that GREEN-API takes for malformed is missing from the answer.
func (cl *Client) CheckPhones(ctx context.Context, addresses []string) (map[string]provider.Checked, error) {
	var (
		mu    sync.Mutex
		known = make(map[string]provider.Checked, len(addresses))
	)
	todo, ctx := errgroup.WithContext(ctx)
	todo.SetLimit(checksAtOnce)
	for _, address := range addresses {
		digits := phone.IdentityOf(address).Digits
		if digits == "" {
			continue // documented is a number only
		}
		todo.Go(func() error {
			c, err := cl.check(ctx, digits)
			switch {
			case err == nil:
				mu.Lock()
				known[address] = c
				mu.Unlock()
				return nil
			case provider.AsError(err).Scope == provider.ScopePerson && provider.AsError(err).Class == provider.Refused:
				return nil // it can tell nothing about this one, and that is no reason to lose the others
			}
			return err
		})
	}
	err := todo.Wait()
	return known, err
}

func (cl *Client) check(ctx context.Context, digits string) (provider.Checked, error) {
	var answer checked
	err := cl.call(ctx, wire.Call{
		Op: "check number", Method: checkWhatsapp, Kind: wire.Read, Scope: provider.ScopePerson,
		Body: struct {
			PhoneNumber json.Number `json:"phoneNumber"` // an integer on the wire
		}{json.Number(digits)},
		Decode: func(body []byte) error { return answer.read(body) },
	})
	if err != nil {
		return provider.Checked{}, err
	}
	return answer.checked(), nil
}
