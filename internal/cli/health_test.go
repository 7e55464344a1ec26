package cli

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAskHealth_IsOKOnlyWhenTheProgramSaysSo(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Redis: no answer in time", http.StatusServiceUnavailable)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	address := strings.TrimPrefix(server.URL, "http://")
	if h := askHealth(t.Context(), address, false); !h.OK || h.Answer != "ok" {
		t.Errorf("healthz: got %+v, want ok", h)
	}
	if h := askHealth(t.Context(), address, true); h.OK || h.Answer != "HTTP 503: Redis: no answer in time" {
		t.Errorf("readyz: got %+v, want the program's reason", h)
	}
}

func TestAskHealth_OfARefusedConnectionSaysWhatToDo(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	if h := askHealth(t.Context(), address, false); h.OK || !strings.Contains(h.Answer, "nothing is listening at "+address+"; start the program") {
		t.Errorf("got %+v, want that nothing is listening, and what to do", h)
	}
}
