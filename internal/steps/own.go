package steps

import (
	"context"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

// own is the number behind an instance.
type own struct {
	phone.Identity

	number string // stands for it in keys
}

// ownOf returns the instance's own number. It reads the number again once any worker has learned that it may have
// changed. The number is empty if the host lacks the call: it only helps to tell people apart, and otherwise all
// groups would wait for it. If the host's whole address is wrong, the create fails and says so.
func (s *Steps) ownOf(ctx context.Context, in *Instance) (own, error) {
	if o := in.own.Load(); o != nil && o.number == s.Keeper.Number(in.Name) {
		return *o, nil
	}
	return s.ownNow(ctx, in)
}

// ownNow reads the instance's own number.
func (s *Steps) ownNow(ctx context.Context, in *Instance) (own, error) {
	id, err := in.Provider.Self(ctx)
	if err != nil {
		if provider.AsError(err).Status != http.StatusNotFound {
			return own{}, err
		}
		id = phone.Identity{}
	}
	if err := s.Keeper.Learn(ctx, in.Name, id); err != nil {
		return own{}, err
	}
	o := own{id, s.Store.Presence.NumberOf(in.Name, id)}
	in.own.Store(&o)
	return o, nil
}

// home returns the instance that now has the number which sent the latest create: the task's own, or another one of
// this worker. Only that account's lists can show the create's outcome. home reads the number again, because the phone
// can change between two looks.
func (d *delivery) home(ctx context.Context) (*Instance, error) {
	made := d.g.Latest().Number
	now, err := d.ownNow(ctx, d.in)
	if err == nil && (made == "" || now.number == made) {
		return d.in, nil
	}
	all := d.instances.Load()
	for _, name := range all.Names {
		if name == d.in.Name || d.Keeper.Number(name) != made {
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
	return nil, otherNumber(d.in, say.NumberGoneCreate)
}

// otherNumber is the error for something that belongs to a number which the instance no longer has.
func otherNumber(in *Instance, code say.Code) *provider.Error {
	return &provider.Error{
		Class: provider.Unknown, Scope: provider.ScopeRequest, Op: "read",
		Why: say.Phrase{Code: code, Name: in.Name},
	}
}
