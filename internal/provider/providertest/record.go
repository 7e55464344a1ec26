package providertest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Recorder remembers what a client sent.
type Recorder struct {
	mu    sync.Mutex
	calls []string
}

// Record answers every request with what answer makes of it; n counts from 1. prefix is left out
// of the recorded addresses.
func Record(t testing.TB, prefix string, answer func(n int, r *http.Request, body string) string) (*Recorder, string) {
	t.Helper()
	rec := &Recorder{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		rec.mu.Lock()
		rec.calls = append(rec.calls, strings.TrimSpace(r.Method+" "+strings.TrimPrefix(r.URL.RequestURI(), prefix)+" "+string(body)))
		n := len(rec.calls)
		rec.mu.Unlock()
		_, _ = io.WriteString(w, answer(n, r, string(body)))
	}))
	t.Cleanup(s.Close)
	return rec, s.URL
}

// Calls are the requests so far: verb, address, body.
func (r *Recorder) Calls() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

// Want compares the requests so far.
func (r *Recorder) Want(t testing.TB, calls ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string(nil), calls...), r.Calls()); diff != "" {
		t.Errorf("what was sent (-want +got):\n%s", diff)
	}
}
