package gowa

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// checksAtOnce keeps one slow answer of WhatsApp's from delaying all the others.
const checksAtOnce = 5

// CheckPhones reads user/check for each number (W2). The server also answers no when it could not ask
// WhatsApp, so a no counts only when it comes twice.
func (cl *Client) CheckPhones(ctx context.Context, addresses []string) (map[string]provider.Checked, error) {
	var (
		todo   errgroup.Group // without a context: what is under way is kept
		failed atomic.Bool
		mu     sync.Mutex
		known  = make(map[string]provider.Checked, len(addresses))
	)
	todo.SetLimit(checksAtOnce)
	for _, address := range addresses {
		digits := phone.IdentityOf(address).Digits
		if digits == "" { // every LID counts as an account
			continue
		}
		if failed.Load() {
			break
		}
		todo.Go(func() error {
			exists, err := cl.checkTwice(ctx, digits)
			switch e := provider.AsError(err); {
			case err == nil:
				mu.Lock()
				known[address] = provider.Checked{Exists: exists}
				mu.Unlock()
				return nil
			case e.Declined() && e.Scope == provider.ScopePerson:
				return nil // it can tell nothing about this one
			}
			failed.Store(true)
			return err
		})
	}
	err := todo.Wait()
	return known, err
}

// doubtFor is how long doubted may take beyond the timeout of its call. It is less than the time that callers allow for
// it.
const doubtFor = 3 * time.Second

// doubted checks a person whom a call refused as one without WhatsApp: the server also refuses so if it could not ask
// WhatsApp (W2). Unless the check confirms the refusal, the call was not carried out and may be made later.
func (cl *Client) doubted(ctx context.Context, digits string, err error) error {
	if err == nil || !provider.AsError(err).NoAccount || digits == "" {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, doubtFor)
	defer cancel()
	exists, failed := cl.checkTwice(ctx, digits)
	if failed == nil && !exists || failed != nil && provider.AsError(failed).Declined() {
		return err
	}
	e := *provider.AsError(err)
	e.Class, e.NoAccount = provider.NotSent, false
	return &e
}

// checkTwice asks again after a no.
func (cl *Client) checkTwice(ctx context.Context, digits string) (bool, error) {
	exists, err := cl.check(ctx, digits)
	if err == nil && !exists {
		return cl.check(ctx, digits)
	}
	return exists, err
}

func (cl *Client) check(ctx context.Context, digits string) (bool, error) {
	var v struct {
		Is wire.Bool `json:"is_on_whatsapp"`
	}
	err := cl.call(ctx, wire.Call{
		Op: "check number", Method: userCheck, Kind: wire.Read, Verb: http.MethodGet, Query: url.Values{"phone": {digits}},
		Scope: provider.ScopePerson,
	}, func(results json.RawMessage) error {
		v.Is = wire.Unsaid
		if err := json.Unmarshal(results, &v); err != nil {
			return err
		}
		if v.Is == wire.Unsaid {
			return errors.New("it says neither true nor false")
		}
		return nil
	})
	return v.Is == wire.Yes, err
}
