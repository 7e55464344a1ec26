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

// checksAtOnce is the number of checks at the same time, so that one slow answer does not delay all others.
const checksAtOnce = 5

// CheckPhones reads user/check for each number (W2). The server also answers no if it could not ask WhatsApp, so a no
// counts only if it comes twice.
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
		if digits == "" { // the server calls every LID an account
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
				return nil // the answer says nothing about this number
			}
			failed.Store(true)
			return err
		})
	}
	err := todo.Wait()
	return known, err
}

// doubtFor is the maximum time of doubted, in addition to the time of its call. Callers allow more.
const doubtFor = 3 * time.Second

// doubted checks a refusal of a person without WhatsApp, because the server also gives it if it could not ask WhatsApp
// (W2). It returns err if the check confirms the refusal or is refused itself. Otherwise it returns a NotSent error:
// the call was not carried out and may be made later.
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

// checkTwice reports whether the number has WhatsApp. It asks again after a no.
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
