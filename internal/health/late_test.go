package health_test

import (
	"context"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/health"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// answered calls do once, after Redis has answered the first pipeline.
type answered struct {
	once sync.Once
	do   func()
}

func (*answered) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (*answered) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (a *answered) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		a.once.Do(a.do)
		return err
	}
}

func TestKeeperReport_NoLookThatBeganBeforeOpensTheInstanceAgain(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := withAlpha(t, rdb)
	pacer := newPacer(t, rdb)
	k := health.New(health.Config{Presence: st.Presence, Pacer: pacer, Worker: "w", Log: zerolog.Nop()})
	set(k, map[string]provider.Provider{"alpha": &fake{}})
	if _, err := k.Learn(t.Context(), "alpha", (&fake{}).Self); err != nil {
		t.Fatal(err)
	}
	rdb.AddHook(&answered{do: func() {
		k.Report(t.Context(), "alpha", provider.State{Health: provider.Restricted, Reason: say.Words("banned")})
	}})
	for range 2 {
		if err := k.RefreshAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if k.Open("alpha") {
			t.Error("alpha is open after a report that it is restricted")
		}
	}
	k.Report(t.Context(), "alpha", provider.State{Health: provider.Ready})
	if err := k.RefreshAll(t.Context()); err != nil || !k.Open("alpha") {
		t.Errorf("alpha is shut although it is ready again, %v", err)
	}
}
