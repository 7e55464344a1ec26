package health

import (
	"context"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// readNumber reads which number is behind an instance. It runs with every reading of a ready state, because
// nothing else shows that the phone was exchanged. A known number that cannot be read stays: that is no error.
func (k *Keeper) readNumber(ctx context.Context, name string, p provider.Provider) error {
	self, err := p.Self(ctx)
	switch {
	case err == nil:
	case k.Number(name) != "":
		return nil
	case provider.AsError(err).Status == http.StatusNotFound: // the host lacks the call
		self = phone.Identity{}
	default:
		return err
	}
	return k.Learn(ctx, name, self)
}

// Learn records which number is behind an instance, for all workers, and at once for this one.
func (k *Keeper) Learn(ctx context.Context, name string, self phone.Identity) error {
	ctx = context.WithoutCancel(ctx)
	number := k.Presence.NumberOf(name, self)
	was, err := k.Presence.SetNumber(ctx, name, number)
	if err != nil {
		return err
	}
	if was == "" {
		was = name
	}
	if err := k.Pacer.Carry(ctx, name, was, number); err != nil {
		return err
	}
	if was != name && was != number {
		k.Log.Warn().EmbedObject(event.NumberChanged).Str("instance", name).Msg("instance has another number")
	}
	k.learnt(name, number)
	return nil
}

// Number returns the key that stands for the number behind an instance, or "" while the number is not known. It
// answers from memory.
func (k *Keeper) Number(name string) string { return k.stateOf(name).number }

// learnt stores the key of the number behind an instance in memory; "" for a number in doubt.
func (k *Keeper) learnt(name, number string) {
	k.change(name, func(_ *row, fresh *state) { fresh.number = number })
}
