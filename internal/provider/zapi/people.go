package zapi

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// checkChunk is how many numbers go into one check. 50,000 are allowed (A6); a thousand still
// answer within a read's time and hold any one group.
const checkChunk = 1000

// CheckPhones posts phone-exists-batch. A LID cannot be asked about.
func (cl *Client) CheckPhones(ctx context.Context, addresses []string) (map[string]provider.Checked, error) {
	phones, _ := split(addresses)
	known := make(map[string]provider.Checked, len(phones))
	for chunk := range slices.Chunk(phones, checkChunk) {
		var entries wire.Some[checked]
		err := cl.wire.Do(ctx, wire.Call{
			Op: "check numbers", Method: "phone-exists-batch", Kind: wire.Read,
			Scope: provider.ScopeRequest, Cap: wire.RollAnswer,
			Body: struct {
				Phones []string `json:"phones"`
			}{chunk},
			Decode: func(body []byte) error { return json.Unmarshal(body, &entries) },
		})
		if err != nil {
			return known, err
		}
		people := indexOf(chunk)
		for _, e := range entries {
			if e.Exists == wire.Unsaid {
				continue
			}
			c := provider.Checked{Exists: e.Exists == wire.Yes}
			if c.Exists {
				c.Identity = phone.Identity{
					Digits: phone.IdentityOf(string(e.OutputPhone)).Digits,
					LID:    phone.IdentityOf(string(e.LID)).LID,
				}
			}
			known[people.address(string(e.InputPhone))] = c
		}
	}
	return known, nil
}
