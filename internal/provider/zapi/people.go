package zapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// checkChunk is the maximum number of numbers in one check. Z-API allows 50,000, and answers a thousand within a read's
// timeout.
const checkChunk = 1000

// CheckPhones posts phone-exists-batch. It skips LIDs, about which Z-API cannot be asked. phone-exists-batch is years
// newer than phone-exists: on a host without it, CheckPhones asks about one number at a time.
func (cl *Client) CheckPhones(ctx context.Context, addresses []string) (map[string]provider.Checked, error) {
	phones, _ := wire.Numbers(addresses)
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
			if provider.AsError(err).Status != http.StatusNotFound {
				return known, err
			}
			if each := cl.checkEach(ctx, phones, known); each != nil || len(known) > 0 {
				return known, each
			}
			return known, err // the host answered neither call
		}
		people := indexOf(chunk)
		for _, e := range entries {
			if e.Exists != wire.Unsaid {
				e.tell(known, people.address(string(e.InputPhone)), e.OutputPhone)
			}
		}
	}
	return known, nil
}

// checkEach gets phone-exists for each number. The answer is an object, or an array of one.
func (cl *Client) checkEach(ctx context.Context, phones []string, known map[string]provider.Checked) error {
	for _, p := range phones {
		var entries wire.Some[checked]
		err := cl.wire.Do(ctx, wire.Call{
			Op: "check number", Method: "phone-exists", Arg: p, Kind: wire.Read, Verb: http.MethodGet, Scope: provider.ScopePerson,
			Decode: func(body []byte) error { return json.Unmarshal(body, &entries) },
		})
		if err != nil {
			if e := provider.AsError(err); e.Declined() && e.Scope == provider.ScopePerson {
				continue // the answer says nothing about this number
			}
			return err
		}
		if len(entries) == 1 && entries[0].Exists != wire.Unsaid {
			entries[0].tell(known, p, entries[0].Phone)
		}
	}
	return nil
}

// tell puts what an answer says about an address into known. number is the address in WhatsApp's own form. tell ignores
// an answer about another person.
func (c checked) tell(known map[string]provider.Checked, address string, number wire.Text) {
	who := phone.Identity{Digits: phone.IdentityOf(string(number)).Digits, LID: phone.IdentityOf(string(c.LID)).LID}
	switch {
	case !wire.OfPerson(who, phone.IdentityOf(address)):
	case c.Exists != wire.Yes:
		known[address] = provider.Checked{}
	default:
		known[address] = provider.Checked{Exists: true, Identity: who}
	}
}
