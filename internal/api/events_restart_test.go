package api_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
