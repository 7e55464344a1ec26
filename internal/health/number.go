package health

import (
	"cmp"
	"context"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// maxAsks is how many times Learn asks for a number if other workers keep changing the stored one.
const maxAsks = 3

// readNumber reads the number behind an instance and records it. It runs after every reading of a ready state, because
// nothing else shows that the phone was exchanged. If the number cannot be read, a number that is known already stays,
// and readNumber returns nil.
func (k *Keeper) readNumber(ctx context.Context, name string, p provider.Provider) error {
	stays := false
	_, err := k.Learn(ctx, name, func(ctx context.Context) (phone.Identity, error) {
		self, err := p.Self(ctx)
		stays = err != nil && k.Number(name) != ""
		if err != nil && !stays && provider.AsError(err).Status == http.StatusNotFound { // the host lacks the call
			return phone.Identity{}, nil
		}
		return self, err
	})
	if stays {
		return nil
	}
	return err
}

// Learn asks for the number behind an instance, and records it in the store and in this worker's memory. It asks again
// if the instance was disconnected meanwhile, or if another worker has recorded a number.
func (k *Keeper) Learn(ctx context.Context, name string, ask func(ctx context.Context) (phone.Identity, error)) (phone.Identity, error) {
	for range maxAsks {
		held, err := k.Presence.HeldNumber(ctx, name)
		if err != nil {
			return phone.Identity{}, err
		}
		self, err := ask(ctx)
		if err != nil {
			return phone.Identity{}, err
		}
		if done, err := k.record(context.WithoutCancel(ctx), name, held, k.Presence.NumberOf(name, self)); err != nil || done {
			return self, err
		}
	}
	return phone.Identity{}, &provider.Error{Class: provider.NotSent, Op: "read", Why: say.Phrase{Code: say.SnoozeNumber}}
}

// record records an instance's number if the stored value is still held, which was read before the number. Otherwise
// done is false. It first copies the instance's pause to the new number, so that no call begins if a later write fails.
// If the number is not recorded, the copy remains until the pause ends.
func (k *Keeper) record(ctx context.Context, name, held, number string) (done bool, err error) {
	was := cmp.Or(store.HeldOf(held), name)
	if err := k.Pacer.CopyPause(ctx, name, was, number); err != nil {
		return false, err
	}
	if done, err := k.Presence.SetNumber(ctx, name, held, number); err != nil || !done {
		return false, err
	}
	if err := k.Pacer.CopyPause(ctx, name, was, number); err != nil {
		return false, err
	}
	if was != name && was != number {
		k.Log.Warn().EmbedObject(event.NumberChanged).Str("instance", name).Msg("instance has another number")
	}
	k.learnt(name, number)
	return true, nil
}

// Number returns the key that stands for the number behind an instance, or "" while the number is not known. It
// answers from memory.
func (k *Keeper) Number(name string) string { return k.stateOf(name).number }

// learnt stores the key of the number behind an instance in memory; "" for a number in doubt.
func (k *Keeper) learnt(name, number string) {
	k.change(name, func(_ *row, fresh *state) { fresh.number = number })
}
