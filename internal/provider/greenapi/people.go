package greenapi

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// checksAtOnce is the number of checks at the same time: enough for ten a second, if each takes half a second.
const checksAtOnce = 5

// CheckPhones posts checkWhatsapp for each number; there is no call for many. A person whose address
// GREEN-API calls malformed is missing from the answer.
func (cl *Client) CheckPhones(ctx context.Context, addresses []string) (map[string]provider.Checked, error) {
	var (
		todo   errgroup.Group // without a context: what is under way costs quota and is kept
		failed atomic.Bool
		mu     sync.Mutex
		known  = make(map[string]provider.Checked, len(addresses))
	)
	todo.SetLimit(checksAtOnce)
	for _, address := range addresses {
		who := phone.IdentityOf(address)
		if who.Zero() {
			continue
		}
		if failed.Load() {
			break
		}
		todo.Go(func() error {
			c, err := cl.check(ctx, who)
			switch {
			case err == nil && !wire.OfPerson(c.identity(), who):
				return nil // the answer is about another person
			case err == nil:
				mu.Lock()
				known[address] = c.checked()
				mu.Unlock()
				return nil
			case refusedAddress(err):
				return nil // the other addresses are asked about all the same
			}
			failed.Store(true)
			return err
		})
	}
	err := todo.Wait()
	return known, err
}

// check asks by chatId, which takes numbers of every length and whose answer has the LID
// (https://green-api.com/he/docs/api/service/CheckWhatsapp; there phoneNumber is deprecated). It asks again by
// phoneNumber if the host refuses chatId, or answers no without mentioning the chatId. Such a host may not have
// understood the question, and a no leaves a person out of their group.
func (cl *Client) check(ctx context.Context, who phone.Identity) (checked, error) {
	answer, err := cl.checkBy(ctx, struct {
		ChatID string `json:"chatId"`
	}{chatID(who)})
	if who.Digits == "" || err != nil && !refusedAddress(err) || err == nil && (answer.ExistsWhatsapp == wire.Yes || answer.ChatID != nil) {
		return answer, err
	}
	documented, again := cl.checkBy(ctx, struct {
		PhoneNumber json.Number `json:"phoneNumber"` // an integer on the wire
	}{json.Number(who.Digits)})
	if err == nil && again != nil && refusedAddress(again) {
		return answer, nil // the number does not have 11 or 12 digits, so the first answer is the only one
	}
	return documented, again
}

func (cl *Client) checkBy(ctx context.Context, body any) (checked, error) {
	var answer checked
	err := cl.call(ctx, wire.Call{
		Op: "check number", Method: checkWhatsapp, Kind: wire.Read, Scope: provider.ScopePerson,
		Body: body, Decode: func(body []byte) error { return answer.read(body) },
	})
	if err != nil {
		return checked{}, err
	}
	return answer, nil
}

// refusedAddress reports whether an error concerns only the address that was asked about.
func refusedAddress(err error) bool {
	e := provider.AsError(err)
	return e.Declined() && e.Scope == provider.ScopePerson
}
