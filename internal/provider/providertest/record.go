package providertest

import (
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
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
	types []string // of their bodies
}

// Record starts a server that answers every request with the result of answer, where n counts from 1. It returns the
// server's recorder and address. Recorded addresses are without prefix.
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
		rec.types = append(rec.types, r.Header.Get("Content-Type"))
		n := len(rec.calls)
		rec.mu.Unlock()
		_, _ = io.WriteString(w, answer(n, r, string(body)))
	}))
	t.Cleanup(s.Close)
	return rec, s.URL
}

// Calls returns the requests so far: verb, address, body.
func (r *Recorder) Calls() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

// Want checks that the requests so far are these calls.
func (r *Recorder) Want(t testing.TB, calls ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string(nil), calls...), r.Calls()); diff != "" {
		t.Errorf("what was sent (-want +got):\n%s", diff)
	}
}

// AssertForm checks that there was one call, to address, with a form of these fields and one JPEG.
func AssertForm(t testing.TB, r *Recorder, address, field, content string, fields map[string]string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.calls) != 1 || !strings.HasPrefix(r.calls[0], address+" ") {
		t.Fatalf("sent %q, want one call of %s", r.calls, address)
	}
	_, params, err := mime.ParseMediaType(r.types[0])
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for parts := multipart.NewReader(strings.NewReader(strings.TrimPrefix(r.calls[0], address+" ")), params["boundary"]); ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		name := part.FormName()
		if part.FileName() != "" {
			name += " " + part.Header.Get("Content-Type")
		}
		got[name] = string(text)
	}
	want := maps.Clone(fields)
	want[field+" image/jpeg"] = content
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the form (-want +got):\n%s", diff)
	}
}
