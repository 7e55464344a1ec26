package evolution

import (
	"context"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// checkChunk is how many numbers go into one check. No limit is documented; all of them are one query to
// WhatsApp.
const checkChunk = 100

// CheckPhones posts chat/whatsappNumbers (E2). A LID is not asked about: the server calls every LID an
// account without asking WhatsApp.
func (cl *Client) CheckPhones(ctx context.Context, addresses []string) (map[string]provider.Checked, error) {
	known := make(map[string]provider.Checked, len(addresses))
	asked := map[string][]string{} // by folded number
	var numbers []string
	for _, address := range addresses {
		digits := phone.IdentityOf(address).Digits
		if digits == "" {
			continue
		}
		key := phone.Fold(digits)
		if asked[key] = append(asked[key], address); len(asked[key]) == 1 {
			numbers = append(numbers, digits)
		}
	}
	err := cl.ask(ctx, numbers, func(number string, c checked) {
		for _, address := range asked[phone.Fold(number)] {
			if !c.another(phone.IdentityOf(address).Digits) {
				known[address] = c.checked()
			}
		}
	})
	return known, err
}

// ask posts chat/whatsappNumbers and passes each answer on with its number.
func (cl *Client) ask(ctx context.Context, numbers []string, tell func(number string, c checked)) error {
	for chunk := range slices.Chunk(numbers, checkChunk) {
		var entries []checked
		err := cl.wire.Do(ctx, wire.Call{
			Op: "check numbers", Method: whatsappNumbers, Kind: wire.Read, Scope: provider.ScopeRequest, Cap: wire.RollAnswer,
			Body: struct {
				Numbers []string `json:"numbers"`
			}{chunk},
			Decode: func(body []byte) error { return wire.List(body, &entries) },
		})
		if err != nil {
			return err
		}
		for _, e := range entries {
			if number := phone.IdentityOf(string(e.Number)).Digits; e.Exists != wire.Unsaid {
				tell(number, e)
			}
		}
	}
	return nil
}

// askFor is how long takenFor may take beyond the timeout of its call. It is less than what a caller allows for.
const askFor = 3 * time.Second

// takenFor asks what the server takes numbers for, by folded number, because a create and a message go to the person
// whom its own list of numbers names. That list mixes up two numbers if one ends with the other, or if they differ in
// a ninth digit before a Brazilian landline (E2). A number without an answer is missing.
func (cl *Client) takenFor(ctx context.Context, numbers ...string) map[string]checked {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	taken := make(map[string]checked, len(numbers))
	_ = cl.ask(ctx, numbers, func(number string, c checked) { taken[phone.Fold(number)] = c }) // the others are sent as they are
	return taken
}
