package steps

import (
	"context"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

// own identifies the account behind an instance.
type own struct {
	phone.Identity

	number string // stands for its number in keys: see Presence.NumberOf
}

// ownOf returns the instance's own number. It asks the provider again after a worker has learned that the number may
// have changed.
func (s *Steps) ownOf(ctx context.Context, in *Instance) (own, error) {
	if o := in.own.Load(); o != nil && o.number == s.Keeper.Number(in.Name) {
		return *o, nil
	}
	return s.ownNow(ctx, in)
}

// ownNow asks the provider for the instance's own number. If the host lacks the call (404), the Identity is empty and
// number is the instance's name: the Identity only helps to tell people apart, so no group waits for it. A wrong base
// URL answers 404 too; the create then fails and says so. Where the number is known, the host has the call, and a 404
// is a failure like any other.
func (s *Steps) ownNow(ctx context.Context, in *Instance) (own, error) {
	id, err := s.Keeper.Learn(ctx, in.Name, func(ctx context.Context) (phone.Identity, error) {
		id, err := in.Provider.Self(ctx)
		if err == nil || provider.AsError(err).Status != http.StatusNotFound {
			return id, err
		}
		if known := s.Keeper.Number(in.Name); known != "" && known != s.Store.Presence.NumberOf(in.Name, phone.Identity{}) {
			return id, err
		}
		return phone.Identity{}, nil
	})
	if err != nil {
		return own{}, err
	}
	o := own{id, s.Store.Presence.NumberOf(in.Name, id)}
	in.own.Store(&o)
	return o, nil
}

// home returns the instance whose number sent a create: in, the instance of that create, or another one of this worker.
// Only that account's lists can show the create's outcome. home reads each number again, because the phone can change
// between two looks. If no instance has the number, it fails with otherNumber.
func (d *delivery) home(ctx context.Context, in *Instance, made string) (*Instance, error) {
	now, err := d.ownNow(ctx, in)
	if err == nil && (made == "" || now.number == made) {
		return in, nil
	}
	all := d.instances.Load()
	for _, name := range all.Names {
		if name == in.Name || d.Keeper.Number(name) != made {
			continue
		}
		one := all.find(name)
		if one == nil {
			continue
		}
		if now, err := d.ownNow(ctx, one); err == nil && now.number == made {
			return one, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return nil, otherNumber(in, say.NumberGoneCreate)
}

// otherNumber returns the error for work that needs a number which the instance no longer has.
func otherNumber(in *Instance, code say.Code) *provider.Error {
	return &provider.Error{
		Class: provider.Unknown, Scope: provider.ScopeRequest, Op: "read",
		Why: say.Phrase{Code: code, Name: in.Name},
	}
}
