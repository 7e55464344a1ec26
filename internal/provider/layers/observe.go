package layers

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// Observer sees every request that was made. kind is a wire.Kind, method is the provider's word for the request, and
// class is "ok" or a provider.Class. Each has few values, so it can be a metric's label.
type Observer interface {
	Called(ctx context.Context, instance, kind, method, class string, took time.Duration)
}

func observe(next wire.Doer, o Observer, instance string) wire.Doer {
	return wire.DoerFunc(func(ctx context.Context, c wire.Call) error {
		started := time.Now()
		err := next.Do(ctx, c)
		class := "ok"
		if err != nil {
			class = string(provider.AsError(err).Class)
		}
		o.Called(ctx, instance, string(c.Kind), c.Method, class, time.Since(started))
		return err
	})
}
