package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestARedisThatTakesNoWritesMakesTheWorkerUnreadyAndIsToldOnce(t *testing.T) {
	t.Parallel()
	server := testutil.RealRedis(t)
	st, err := store.Open(t.Context(), server.Client(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	a := &App{opts: Options{Redis: testutil.Connect(t, server.URL()), Log: zerolog.New(&log)}}
	beat := func(replicas string) (status int, body string) {
		t.Helper()
		if err := server.Client().ConfigSet(t.Context(), "min-replicas-to-write", replicas).Err(); err != nil {
			t.Fatal(err)
		}
		a.noteBeat(st.Presence.Beat(t.Context(), store.Worker{ID: "w"}))
		w := httptest.NewRecorder()
		a.ready(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		return w.Code, w.Body.String()
	}
	if status, body := beat("0"); status != http.StatusOK || log.Len() > 0 {
		t.Errorf("Redis takes writes: got %d %s and the log %q, want 200 and nothing logged", status, body, &log)
	}
	for range 2 {
		if status, body := beat("1"); status != http.StatusServiceUnavailable || !strings.Contains(body, "min-replicas-to-write") {
			t.Errorf("Redis takes no writes: got %d %s, want 503 with min-replicas-to-write", status, body)
		}
	}
	if status, body := beat("0"); status != http.StatusOK {
		t.Errorf("Redis takes writes again: got %d %s, want 200", status, body)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "lower min-replicas-to-write") || !strings.Contains(lines[0], "redis_refuses") || !strings.Contains(lines[1], "redis_recovered") {
		t.Errorf("got the log\n%s\nwant redis_refuses with its remedy, then redis_recovered", &log)
	}
}
