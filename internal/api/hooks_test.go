package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/callback"
)

func TestHooks_AcceptOnlyCallbacksFromOutside(t *testing.T) {
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
	// Not through the rig, which checks every answer against the document: that has no callbacks.
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
		t.Errorf("a callback: got %d, want 200", resp.StatusCode)
	}
	if p := <-got; p != path {
		t.Errorf("the handler got the path %s, want %s", p, path)
	}
	for _, other := range []string{"/v1/groups", "/hook/alpha/x", "/v1/hooks/alpha/x"} {
		if a := r.do("POST", other, `{}`, outside...); a.status < 400 {
			t.Errorf("%s without a key: got %d, want a refusal", other, a.status)
		}
	}
	if len(got) != 0 {
		t.Error("a request for another path reached the handler of callbacks")
	}
	if log := fmt.Sprint(r.log); strings.Contains(log, "0123456789abcdef0123") {
		t.Error("the log holds the secret in the path")
	}
}

func TestHooks_NotConfiguredIsNotFound(t *testing.T) {
	t.Parallel()
	r := setup(t)
	if a := r.do("POST", callback.Path("alpha", "x"), `{}`); a.status != http.StatusNotFound {
		t.Errorf("a callback: got %d, want 404", a.status)
	}
}

func TestHooks_FailureIsAProblem(t *testing.T) {
	t.Parallel()
	r := setup(t, func(c *api.Config) {
		mux := http.NewServeMux()
		mux.HandleFunc("POST /hooks/{instance}/{secret}", func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) })
		c.Hooks = mux
	})
	r.spec = nil // the document has no callbacks
	r.do("POST", "/hooks/alpha/wrong", `{}`).problem(t, http.StatusNotFound)
	a := r.do("GET", "/hooks/alpha/wrong", "")
	a.problem(t, http.StatusMethodNotAllowed)
	if allow := a.header.Get("Allow"); allow != "POST" {
		t.Errorf("got Allow %q, want POST", allow)
	}
}
