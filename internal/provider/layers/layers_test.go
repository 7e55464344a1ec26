package layers_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/layers"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// script answers each request with its next answer, and all further ones with the last. nil is a success.
type script struct {
	answers []*provider.Error
	at      []time.Duration // when the requests came, from the start
	started time.Time
}

func answers(list ...*provider.Error) *script { return &script{answers: list, started: time.Now()} }

func (s *script) Do(context.Context, wire.Call) error {
	n := len(s.at)
	s.at = append(s.at, time.Since(s.started))
	if e := s.answers[min(n, len(s.answers)-1)]; e != nil {
		return e
	}
	return nil
}

func failure(c provider.Class) *provider.Error { return &provider.Error{Class: c, Status: 500} }

func unsent() *provider.Error { return &provider.Error{Class: provider.NotSent} }

func call(k wire.Kind) wire.Call {
	return wire.Call{Op: "op", Method: "method", Kind: k, PerSecond: 10}
}

func TestReadsBridgeAHiccup(t *testing.T) {
	t.Parallel()
	limited := func(after time.Duration) *provider.Error {
		return &provider.Error{Class: provider.Limited, Scope: provider.ScopeInstance, Status: 429, RetryAfter: after}
	}
	tests := []struct {
		name     string
		kind     wire.Kind
		answers  []*provider.Error
		requests int
		fails    bool
		atLeast  time.Duration // until the last request
	}{
		{"a good read", wire.Read, []*provider.Error{nil}, 1, false, 0},
		{"a read after a 500", wire.Read, []*provider.Error{failure(provider.Unknown), nil}, 2, false, 0},
		{"a read after a 429", wire.Read, []*provider.Error{limited(2 * time.Second), nil}, 2, false, 2 * time.Second},
		{"a read after a 429 that names no time", wire.Read, []*provider.Error{limited(0), nil}, 2, false, time.Second},
		{"a read after a 429 of an hour", wire.Read, []*provider.Error{limited(time.Hour)}, 1, true, 0},
		{"a read that never left", wire.Read, []*provider.Error{unsent(), unsent(), nil}, 3, false, 0},
		{"a read that keeps failing", wire.Read, []*provider.Error{failure(provider.Unknown)}, 3, true, 0},
		{"a read that is refused", wire.Read, []*provider.Error{failure(provider.Refused)}, 1, true, 0},
		{"a read of an instance that is logged out", wire.Read, []*provider.Error{{Class: provider.Limited, Health: provider.Disconnected}}, 1, true, 0},
		{"a read of an instance that is starting", wire.Read, []*provider.Error{{Class: provider.NotSent, Status: 400, Health: provider.Starting}}, 1, true, 0},
		{"a create after a 500", wire.Create, []*provider.Error{failure(provider.Unknown)}, 1, true, 0},
		{"a create after a 429", wire.Create, []*provider.Error{limited(time.Second)}, 1, true, 0},
		{"a create that never left", wire.Create, []*provider.Error{unsent(), nil}, 2, false, 0},
		{"a create that may have left at the second try", wire.Create, []*provider.Error{unsent(), failure(provider.Unknown), nil}, 2, true, 0},
		{"a create that the provider did not carry out", wire.Create, []*provider.Error{{Class: provider.NotSent, Status: 400}}, 1, true, 0},
		{"an invite after a torn answer", wire.Invite, []*provider.Error{{Class: provider.Unknown, Status: 200}}, 1, true, 0},
		{"an invite that never left", wire.Invite, []*provider.Error{unsent(), nil}, 2, false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := answers(tt.answers...)
				err := layers.Around(s, layers.Config{}).Do(t.Context(), call(tt.kind))
				if len(s.at) != tt.requests || (err != nil) != tt.fails {
					t.Errorf("got %d requests, %v; want %d requests, an error: %v", len(s.at), err, tt.requests, tt.fails)
				}
				if last := s.at[len(s.at)-1]; last < tt.atLeast || last > 5*time.Second {
					t.Errorf("the last request came after %v, want %v to 5s", last, tt.atLeast)
				}
				if tt.fails {
					if e, ok := errors.AsType[*provider.Error](err); !ok || e != tt.answers[min(len(s.at), len(tt.answers))-1] {
						t.Errorf("got %v, want the error of the last request", err)
					}
				}
			})
		})
	}
}

func TestAround_AnEndedContextKeepsTheProvidersError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(failure(provider.Unknown))
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond) // less than the first pause
		defer cancel()
		err := layers.Around(s, layers.Config{}).Do(ctx, call(wire.Read))
		if e, ok := errors.AsType[*provider.Error](err); !ok || e.Status != 500 {
			t.Errorf("got %v, want the provider's 500", err)
		}
	})
}

func TestTimeouts_EveryKindHasItsDeadline(t *testing.T) {
	t.Parallel()
	own := layers.Timeouts{Create: 3 * time.Minute, Read: 2 * time.Second, Invite: 7 * time.Second}
	tests := []struct {
		kind     wire.Kind
		timeouts layers.Timeouts
		want     time.Duration
	}{
		{wire.Create, layers.Timeouts{}, 90 * time.Second},
		{wire.Read, layers.Timeouts{}, 30 * time.Second},
		{wire.Invite, layers.Timeouts{}, 30 * time.Second},
		{wire.Create, own, own.Create},
		{wire.Read, own, own.Read},
		{wire.Invite, own, own.Invite},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			started := time.Now()
			var cause error
			hang := wire.DoerFunc(func(ctx context.Context, _ wire.Call) error {
				<-ctx.Done()
				cause = context.Cause(ctx)
				return &provider.Error{Class: provider.Unknown, Err: cause}
			})
			err := layers.Around(hang, layers.Config{Timeouts: tt.timeouts}).Do(t.Context(), call(tt.kind))
			if took := time.Since(started); took != tt.want {
				t.Errorf("%s ended after %v, want %v", tt.kind, took, tt.want)
			}
			timeout, ok := errors.AsType[*layers.TimeoutError](err)
			if !ok || timeout.Kind != tt.kind || timeout.After != tt.want || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v of cause %v, want the timeout of %s after %v", err, cause, tt.kind, tt.want)
			}
		})
	}
}

// turnstile is a limiter that notes its calls, and then waits as long as the rate says or returns err.
type turnstile struct {
	keys  []string
	rates []float64
	err   error
}

func (l *turnstile) Wait(ctx context.Context, key string, perSecond float64) error {
	l.keys, l.rates = append(l.keys, key), append(l.rates, perSecond)
	if l.err != nil {
		return l.err
	}
	select {
	case <-time.After(time.Duration(float64(time.Second) / perSecond)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestRate_EveryTryWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, s := &turnstile{}, answers(failure(provider.Unknown), nil)
		d := layers.Around(s, layers.Config{RateKey: "greenapi/7105", Limiter: l})
		if err := d.Do(t.Context(), call(wire.Read)); err != nil {
			t.Fatal(err)
		}
		free := call(wire.Read)
		free.PerSecond = 0
		if err := d.Do(t.Context(), free); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(l.keys, []string{"greenapi/7105/method", "greenapi/7105/method"}) || l.rates[0] != 10 {
			t.Errorf("waited for %v at %v; want twice for the method's key, first at 10", l.keys, l.rates)
		}
	})
}

func TestRate_AFailedWaitIsNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(nil)
		for _, l := range []*turnstile{{err: errors.New("redis is gone")}, {}} {
			c := call(wire.Create)
			c.PerSecond = 0.001 // one request in 1000 s: the deadline comes first
			err := layers.Around(s, layers.Config{Limiter: l}).Do(t.Context(), c)
			e, ok := errors.AsType[*provider.Error](err)
			if !ok || e.Class != provider.NotSent || e.Op == "" || e.Said().String() == "" {
				t.Errorf("got %v, want notSent with an operation and a reason", err)
			}
		}
		if len(s.at) != 0 {
			t.Errorf("%d requests were sent, want none", len(s.at))
		}
	})
}

// seen is one call of an Observer.
type seen struct {
	instance, kind, method, class string
	took                          time.Duration
}

type observer struct{ all []seen }

func (o *observer) Called(_ context.Context, instance, kind, method, class string, took time.Duration) {
	o.all = append(o.all, seen{instance, kind, method, class, took})
}

func TestObserver_IsCalledForEveryRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, s := &observer{}, answers(failure(provider.Unknown), nil)
		slow := wire.DoerFunc(func(ctx context.Context, c wire.Call) error {
			time.Sleep(time.Second) // by the clock of synctest
			return s.Do(ctx, c)
		})
		if err := layers.Around(slow, layers.Config{Instance: "alpha", Observer: o, Limiter: &turnstile{}}).Do(t.Context(), call(wire.Read)); err != nil {
			t.Fatal(err)
		}
		want := []seen{
			{"alpha", "read", "method", "unknown", time.Second},
			{"alpha", "read", "method", "ok", time.Second},
		}
		if !slices.Equal(o.all, want) {
			t.Errorf("observed %v, want %v: the requests without pauses and waits", o.all, want)
		}
	})
}
