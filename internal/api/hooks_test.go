package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/callback"
)

func TestTheProvidersWebhooksComeInFromOutsideAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	path := callback.Path("alpha", "0123456789abcdef0123")
	got := make(chan string, 10)
	r := setup(t, keyed, func(c *api.Config) {
		c.Hooks = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got <- r.URL.Path
			w.WriteHeader(http.StatusOK)
		})
	})
	outside := []string{"Host: rollcall.example.com", "Origin: https://provider.example.com"}
	// Not by the rig, which holds every answer against the document: that is for the API's users.
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+path, strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "rollcall.example.com"
	req.Header.Set("Origin", "https://provider.example.com")
	resp, err := r.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("a webhook gets %d", resp.StatusCode)
	}
	if p := <-got; p != path {
		t.Errorf("the handler got %s", p)
	}
	for _, other := range []string{"/v1/groups", "/hook/alpha/x", "/v1/hooks/alpha/x"} {
		if a := r.do("POST", other, `{}`, outside...); a.status < 400 {
			t.Errorf("%s gets %d without a key", other, a.status)
		}
	}
	if len(got) != 0 {
		t.Error("another address came to the webhooks' handler")
	}
	if log := fmt.Sprint(r.log); strings.Contains(log, "0123456789abcdef0123") {
		t.Error("the log holds the secret of the address")
	}
}

func TestWithoutDoorsThereIsNoSuchAddress(t *testing.T) {
	t.Parallel()
	r := setup(t)
	if a := r.do("POST", callback.Path("alpha", "x"), `{}`); a.status != http.StatusNotFound {
		t.Errorf("it gets %d", a.status)
	}
}

func TestHooks_AFailureAtADoorIsAProblemToo(t *testing.T) {
	t.Parallel()
	r := setup(t, func(c *api.Config) {
		door := http.NewServeMux()
		door.HandleFunc("POST /hooks/{instance}/{secret}", func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) })
		c.Hooks = door
	})
	r.spec = nil // the doors are not in the document: it is for the API's users
	r.do("POST", "/hooks/alpha/wrong", `{}`).problem(t, http.StatusNotFound)
	a := r.do("GET", "/hooks/alpha/wrong", "")
	a.problem(t, http.StatusMethodNotAllowed)
	if allow := a.header.Get("Allow"); allow != "POST" {
		t.Errorf("it allows %q", allow)
	}
}
