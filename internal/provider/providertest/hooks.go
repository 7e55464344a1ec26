package providertest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// setsHooks checks that each event's address is read back as it was set, that webhooks go to it, and that "" ends them.
func setsHooks(t *testing.T, s suite) {
	w := s.world(t)
	setter, ok := w.Provider.(provider.HookSetter)
	if !ok {
		t.Skip("the provider's webhooks are set by hand")
	}
	got := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		got <- r.URL.Path + " " + r.Header.Get("Authorization")
	}))
	t.Cleanup(receiver.Close)
	read := func() []provider.Hook {
		t.Helper()
		hooks, err := setter.Hooks(t.Context())
		if err != nil || len(hooks) == 0 {
			t.Fatal(hooks, err)
		}
		return hooks
	}
	events := map[string]bool{}
	for _, h := range read() {
		if h.URL != "" || events[h.Event] {
			t.Errorf("a new instance has %s at %s", h.Event, h.URL.Reveal())
		}
		events[h.Event] = true
		h.URL = provider.Token(receiver.URL + "/" + h.Event)
		if s.of.Callback.TokenField != "" {
			h.Token = "bearer-of-another-system"
		}
		if err := setter.SetHook(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	all := read()
	for _, h := range all {
		if h.URL.Reveal() != receiver.URL+"/"+h.Event || len(h.Off) > 0 {
			t.Errorf("after SetHook, %s goes to %s, with %q off", h.Event, h.URL.Reveal(), h.Off)
		}
	}
	if err := w.SetState(w.in.ID, simulator.State{State: "disconnected"}); err != nil {
		t.Fatal(err)
	}
	select {
	case came := <-got:
		if !slices.ContainsFunc(all, func(h provider.Hook) bool {
			return came == "/"+h.Event+" "+h.Token.Reveal() || h.Token != "" && came == "/"+h.Event+" Bearer "+h.Token.Reveal()
		}) {
			t.Errorf("a webhook came as %q", came)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no webhook comes to the addresses")
	}
	for _, h := range all {
		if err := setter.SetHook(t.Context(), provider.Hook{Event: h.Event}); err != nil {
			t.Fatal(err)
		}
	}
	for _, h := range read() {
		if h.URL != "" || h.Token != "" {
			t.Errorf("after its end, %s goes to %s with the token %s", h.Event, h.URL.Reveal(), h.Token.Reveal())
		}
	}
}
