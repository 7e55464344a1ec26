package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestEvents_StreamSurvivesARestartOfRedis(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t)
	r := setupOn(t, rdb.Client())
	r.announce("alpha")
	s := r.listen("")
	rdb.Kill()
	const broken = "event_stream_unreadable"
	testutil.Until(t, "the break is logged", func() bool { return strings.Contains(r.log.String(), broken) })
	rdb.Restart()
	testutil.Until(t, "its end is logged", func() bool { return strings.Contains(r.log.String(), "event_stream_recovered") })
	if _, err := r.store.Presence.SetHealth(t.Context(), "alpha", provider.State{Health: provider.Ready}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := s.take(1); got[0].kind != "instance" {
		t.Errorf("after the restart: got %+v, want the instance's change", got[0])
	}
	if n := strings.Count(r.log.String(), broken); n != 1 {
		t.Errorf("the break was logged %d times, want once", n)
	}
}

func TestEvents_StreamThatLostEventsEndsAndTheNextReportsAGap(t *testing.T) {
	t.Parallel()
	rdb := testutil.RealRedis(t)
	r := setupOn(t, rdb.Client())
	r.announce("alpha")
	s := r.listen("")
	if _, err := r.store.Presence.SetHealth(t.Context(), "alpha", provider.State{Health: provider.Ready}, time.Now()); err != nil {
		t.Fatal(err)
	}
	s.take(1)
	rdb.Kill()
	testutil.Until(t, "the break is logged", func() bool { return strings.Contains(r.log.String(), "event_stream_unreadable") })
	if err := os.RemoveAll(filepath.Join(rdb.Dir, "appendonlydir")); err != nil {
		t.Fatal(err)
	}
	rdb.Restart()
	for range s.events { // until the stream ends
	}
	r.announce("alpha")
	if got := r.listen(s.at).take(1)[0]; got.kind != "gap" {
		t.Errorf("a stream after %s: got %+v first, want a gap", s.at, got)
	}
}

// FLUSHALL loses the events without an outage. While another client is slow to read, the next stream has the same tail.
func TestEvents_StreamOfAnEmptiedRedisEndsAndTheNextReportsAGap(t *testing.T) {
	t.Parallel()
	for name, slow := range map[string]bool{"alone": false, "beside a slow client": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rdb := testutil.Redis(t)
			r := setupOn(t, rdb)
			change := func(h provider.Health) {
				t.Helper()
				r.announce("alpha")
				if _, err := r.store.Presence.SetHealth(t.Context(), "alpha", provider.State{Health: h}, time.Now()); err != nil {
					t.Fatal(err)
				}
			}
			change(provider.Ready)
			if slow {
				r.hang()
			}
			s := r.listen("")
			change(provider.Disconnected)
			s.take(1)
			if err := rdb.FlushAll(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			change(provider.Ready)
			for e := range s.events { // until the stream ends
				if e.id != "" {
					t.Fatalf("the stream goes on with %+v, want its end", e)
				}
			}
			again := r.listen(s.at)
			if got := again.take(2); got[0].kind != "gap" || got[1].kind != "instance" {
				t.Errorf("a stream after %s: got %+v, want a gap and the instance's change", s.at, got)
			}
			change(provider.Disconnected)
			if got := again.take(1)[0]; got.kind != "instance" {
				t.Errorf("after the gap: got %+v, want the instance's next change", got)
			}
		})
	}
}

// The second loss comes before anything happens after the first: the tail stands at an event that the first one left.
func TestEvents_EachOfTwoLossesWithoutAnEventBetweenEndsTheStreams(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	r := setupOn(t, rdb)
	const key = "rollcall:{ix}:events"
	add := func(id string) {
		t.Helper()
		if err := rdb.XAdd(t.Context(), &redis.XAddArgs{Stream: key, ID: id, Values: []any{"type", "instance", "id", "alpha", "status", "ready"}}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	r.announce("alpha")
	add("1-1")
	add("2-1")
	r.hang() // all streams have the same tail
	for i, lost := range []string{"2-1", "1-1"} {
		s := r.listen("")
		if s.at != lost {
			t.Fatalf("the stream begins at %s, want %s", s.at, lost)
		}
		if err := rdb.XDel(t.Context(), key, lost).Err(); err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			add("3-1")
		}
		for e := range s.events { // until the stream ends
			if e.id != "" {
				t.Fatalf("without %s the stream goes on with %+v, want its end", lost, e)
			}
		}
	}
}

// hang opens a stream whose client reads nothing until the test ends.
func (r *rig) hang() {
	r.t.Helper()
	w := hanging{httptest.NewRecorder(), make(chan struct{}), make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	var stream sync.WaitGroup
	stream.Go(func() {
		r.api.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/v1/events", nil))
	})
	r.t.Cleanup(func() { cancel(); close(w.free); stream.Wait() })
	if <-w.hangs; w.Code != http.StatusOK {
		r.t.Fatalf("got %d, want 200", w.Code)
	}
}

type hanging struct {
	*httptest.ResponseRecorder

	hangs, free chan struct{}
}

func (w hanging) Write(data []byte) (int, error) {
	select {
	case <-w.free:
	case w.hangs <- struct{}{}:
		<-w.free
	}
	return len(data), nil
}
