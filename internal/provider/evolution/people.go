package evolution

import (
	"context"
	"slices"

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
			return known, err
		}
		for _, e := range entries {
			for _, address := range asked[phone.Fold(phone.IdentityOf(string(e.Number)).Digits)] {
				c := e.checked()
				// The server looks numbers up in its cache by a part of them, and may answer with another person's.
				another := c.Identity.Digits != "" && !phone.Akin(c.Identity.Digits, phone.IdentityOf(address).Digits)
				if e.Exists != wire.Unsaid && !another {
					known[address] = c
				}
			}
		}
	}
	return known, nil
}
