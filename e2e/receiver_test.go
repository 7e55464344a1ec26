package e2e

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// receiver is a customer's webhook. It counts each event once.
type receiver struct {
	mu   sync.Mutex
	seen map[string]bool
	n    map[string]int
}

// open starts the receiver until the test ends, and returns its address.
func (r *receiver) open(t *testing.T) string {
	t.Helper()
	r.seen, r.n = map[string]bool{}, map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		var event struct {
			Type string `json:"type"`
		}
		if err := json.NewDecoder(request.Body).Decode(&event); err != nil {
			t.Errorf("a webhook is not JSON: %v", err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if id := request.Header.Get("webhook-id"); !r.seen[id] {
			r.seen[id] = true
			r.n[event.Type]++
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func (r *receiver) count(event string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n[event]
}

func (r *receiver) all() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.n)
}
