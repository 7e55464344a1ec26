package layers

import (
	"context"
	"net/http"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// Observer sees every request that was made. method is the provider's word for it, class "ok" or
// a provider.Class, status 0 where no answer came: all of them fit for metric labels.
type Observer interface {
	Called(instance, method, class string, status int, took time.Duration)
}

func observe(next wire.Doer, o Observer, instance string) wire.Doer {
	return wire.DoerFunc(func(ctx context.Context, c wire.Call) error {
		started := time.Now()
		err := next.Do(ctx, c)
		class, status := "ok", http.StatusOK
		if err != nil {
			e := provider.AsError(err)
			class, status = string(e.Class), e.Status
		}
		o.Called(instance, c.Method, class, status, time.Since(started))
		return err
	})
}
