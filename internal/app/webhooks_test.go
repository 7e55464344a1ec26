package app_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// inbox starts a receiver. states yields the type and the state of each event in order.
func inbox(t *testing.T) (url string, states <-chan string) {
	t.Helper()
	came := make(chan string, 100)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var e struct {
			Type string
			Data struct{ State string }
		}
		if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
			t.Error(err)
		}
		came <- e.Type + " " + e.Data.State
	}))
	t.Cleanup(s.Close)
	return s.URL, came
}

func await(t *testing.T, from <-chan string, want string) {
	t.Helper()
	select {
	case got := <-from:
		if got != want {
			t.Errorf("got the event %q, want %q", got, want)
		}
	case <-time.After(testutil.Timeout):
		t.Fatalf("the event %q did not come", want)
	}
}

func TestApp_SendsToItsWebhooksAndToThoseOfAReload(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first, toldFirst := inbox(t)
	second, toldSecond := inbox(t)
	configured := func(urls ...string) *config.Config {
		c := config.Default()
		c.WebhookDelivery.Timeout = testutil.Timeout // a late answer causes no second try
		for _, url := range urls {
			c.Webhooks = append(c.Webhooks, config.Webhook{
				URL: config.NewSecret(url), Secret: config.NewSecret("a secret of more than 24 characters"),
				Events: []string{"instance.*"}, AllowPrivate: true,
			})
		}
		return c
	}
	r.config = configured(first)
	a := r.hire()
	change := func(h provider.Health) {
		t.Helper()
		if _, err := r.store.Presence.SetHealth(t.Context(), "alpha", provider.State{Health: h}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	change(provider.Ready)
	await(t, toldFirst, "instance.state ready")
	if err := a.Reload(t.Context(), configured(first, second)); err != nil {
		t.Fatal(err)
	}
	change(provider.Disconnected)
	await(t, toldFirst, "instance.state disconnected")
	await(t, toldSecond, "instance.state disconnected")
	if err := a.Reload(t.Context(), configured(second)); err != nil {
		t.Fatal(err)
	}
	change(provider.Restricted)
	await(t, toldSecond, "instance.state restricted")
	if n := len(toldFirst) + len(toldSecond); n > 0 {
		t.Errorf("got %d more events, want none", n)
	}
	if err := a.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
