package evolution

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
)

// checkChunk is the maximum number of numbers in one check. No limit is documented. The server makes one query to
// WhatsApp of them all.
const checkChunk = 100

// CheckPhones posts chat/whatsappNumbers (E2). It skips LIDs, because the server calls every LID an account without
// asking WhatsApp.
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

// ask posts chat/whatsappNumbers in chunks and passes each number with its answer to tell.
func (cl *Client) ask(ctx context.Context, numbers []string, tell func(number string, c checked)) error {
	for chunk := range slices.Chunk(numbers, checkChunk) {
		if err := cl.askChunk(ctx, chunk, tell); err != nil {
			return err
		}
	}
	return nil
}

func (cl *Client) askChunk(ctx context.Context, numbers []string, tell func(number string, c checked)) error {
	var entries []checked
	err := cl.wire.Do(ctx, wire.Call{
		Op: "check numbers", Method: whatsappNumbers, Kind: wire.Read, Scope: provider.ScopeRequest, Cap: wire.RollAnswer,
		Body: struct {
			Numbers []string `json:"numbers"`
		}{numbers},
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
	return nil
}

const (
	// askFor is the maximum time of takenFor, in addition to the time of the call that follows. Callers allow more.
	askFor = 3 * time.Second
	// asksAtOnce is the number of chunks about which takenFor asks at the same time.
	asksAtOnce = 4
)

// takenFor asks the server which account it finds for each number, because a create and a message go to the account
// that the server's own list of numbers names. That list confuses two numbers if one ends with the other, or if they
// differ in a ninth digit before a Brazilian landline (E2). The keys of the result are folded numbers. A number without
// an answer is not in the result, and callers use it as it is, because servers answer every failure of the check alike.
//
// If the server is too slow, takenFor returns a NotSent error, so the call op is made later. By then the server's list
// has more of the answers.
func (cl *Client) takenFor(ctx context.Context, op string, numbers ...string) (map[string]checked, error) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	var (
		todo  errgroup.Group // without a context: each chunk's answer counts
		mu    sync.Mutex
		slow  bool
		taken = make(map[string]checked, len(numbers))
	)
	todo.SetLimit(asksAtOnce)
	for chunk := range slices.Chunk(numbers, checkChunk) {
		todo.Go(func() error {
			err := cl.askChunk(ctx, chunk, func(number string, c checked) {
				mu.Lock()
				defer mu.Unlock()
				taken[phone.Fold(number)] = c
			})
			mu.Lock()
			defer mu.Unlock()
			slow = slow || errors.Is(err, context.DeadlineExceeded)
			return nil
		})
	}
	_ = todo.Wait() // its functions return no error
	if slow {
		return nil, &provider.Error{Class: provider.NotSent, Scope: provider.ScopeRequest, Op: op, Why: say.Phrase{Code: slowCheck}}
	}
	return taken, nil
}
