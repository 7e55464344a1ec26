package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// event is one block of a stream.
type event struct {
	id, kind, data, comment string
}

// stream is an open event stream.
type stream struct {
	t      *testing.T
	cancel context.CancelFunc
	events chan event // closed at the stream's end
	at     string     // the last id
}

// listen opens the stream behind an event, or from now on.
func (r *rig) listen(after string) *stream {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/v1/events", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	if r.key != "" {
		req.Header.Set("Authorization", "Bearer "+r.key)
	}
	resp, err := r.server.Client().Do(req) //nolint:bodyclose // the reader below closes it at the stream's end
	if err != nil {
		r.t.Fatal(err)
	}
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || kind != "text/event-stream" {
		r.t.Fatalf("%d %s", resp.StatusCode, kind)
	}
	s := &stream{t: r.t, cancel: cancel, events: make(chan event, 10_000)}
	go func() {
		defer close(s.events)
		defer func() { _ = resp.Body.Close() }()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		var e event
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				e.id = value
			case "event":
				e.kind = value
			case "data":
				e.data = value
			case "": // the block's end, or a comment
				if lines.Text() != "" {
					e.comment = value
				} else {
					s.events <- e
					e = event{}
				}
			}
		}
	}()
	r.t.Cleanup(s.close)
	first := s.next()
	if first.id == "" || first.kind != "" {
		r.t.Fatalf("the stream begins with %+v, not with its position", first)
	}
	s.at = first.id
	return s
}

// next is the next block, also one without data.
func (s *stream) next() event {
	s.t.Helper()
	select {
	case e, ok := <-s.events:
		if !ok {
			s.t.Fatal("the stream has ended")
		}
		if e.id != "" {
			s.at = e.id
		}
		return e
	case <-time.After(testutil.Timeout):
		s.t.Fatal("waited in vain for an event")
	}
	return event{}
}

// take reads events until there are n, without heartbeats.
func (s *stream) take(n int) []event {
	s.t.Helper()
	var all []event
	late := time.Now().Add(testutil.Timeout)
	for len(all) < n {
		if time.Now().After(late) {
			s.t.Fatalf("waited in vain: %d of %d events came", len(all), n)
		}
		if e := s.next(); e.kind != "" {
			all = append(all, e)
		}
	}
	return all
}

func (s *stream) close() { s.cancel() }

func TestAStreamTellsWhatChanges(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	s := r.listen("")
	d := r.create(oneGroup)
	if _, err := r.store.Presence.SetHealth(t.Context(), "alpha", provider.State{Health: provider.Ready}, time.Now()); err != nil {
		t.Fatal(err)
	}
	b := r.do("POST", "/v1/batches?name=cohort", "["+row(1)+"]").batch(t)
	var page groupPage
	r.do("GET", "/v1/groups?batchId="+b.BatchID, "").json(t, &page)
	r.do("POST", "/v1/groups/"+page.Items[0].ID+"/cancel", "")
	r.do("PUT", "/v1/instances/alpha/pace", `{"create": {"perDay": 3}}`)
	got := s.take(6)
	want := []string{"group", "instance", "group", "group", "batch", "instance"}
	for i, e := range got {
		if e.kind != want[i] {
			t.Errorf("event %d is a %s, want a %s", i, e.kind, want[i])
		}
		schema := map[string]string{"group": "Group", "instance": "Instance", "batch": "Batch"}[e.kind]
		var value any
		if err := json.Unmarshal([]byte(e.data), &value); err != nil {
			t.Fatal(err)
		}
		if err := r.spec.validate(value, "components", "schemas", schema); err != nil {
			t.Errorf("event %d: %v", i, err)
		}
		if strings.Contains(e.data, "members\"") && e.kind == "group" {
			t.Errorf("event %d has members: %s", i, e.data)
		}
	}
	if !strings.Contains(got[0].data, d.ID) || !strings.Contains(got[4].data, `"status":"done"`) {
		t.Errorf("first %s\nlast %s", got[0].data, got[4].data)
	}
	if !strings.Contains(got[5].data, `"slowed":{`) {
		t.Errorf("a slower pace is told as %s", got[5].data)
	}
}

func TestAStreamResumesWithoutAGap(t *testing.T) {
	t.Parallel()
	r := setup(t)
	const batches = 12
	s := r.listen("")
	var got []string
	done := make(chan struct{})
	go func() { // changes come in all the while
		defer close(done)
		for i := range batches {
			r.do("POST", fmt.Sprintf("/v1/batches?name=b%d", i), fmt.Sprintf("[%s,%s,%s]", row(3*i), row(3*i+1), row(3*i+2)))
		}
	}()
	ids := map[string]bool{}
	for len(got) < 3*batches {
		for _, e := range s.take(min(5, 3*batches-len(got))) {
			if ids[e.id] {
				t.Errorf("%s came twice", e.id)
			}
			ids[e.id] = true
			got = append(got, e.id)
		}
		at := got[len(got)-1]
		s.close()
		s = r.listen(at)
	}
	<-done
	events, err := r.store.Outbox.Events(t.Context(), "0-0", -1)
	if err != nil || len(events) != len(got) {
		t.Fatalf("%d events came of %d, %v", len(got), len(events), err)
	}
	for i, e := range events {
		if got[i] != e.ID {
			t.Errorf("event %d is %s, want %s", i, got[i], e.ID)
		}
	}
}

func TestAStreamFromTheBeginningAndOneThatLagsBehindTheRingMissNothing(t *testing.T) {
	t.Parallel()
	r := setupOn(t, testutil.RealRedis(t).Client()) // in memory, so many scripts take half a minute
	keep := r.listen("")                            // keeps the ring, whose beginning is now
	var rows []string
	for i := range 2600 { // more than the ring and than one read of the stream
		rows = append(rows, row(i))
	}
	r.do("POST", "/v1/batches?name=big", "["+strings.Join(rows, ",")+"]")
	if got := keep.take(len(rows)); len(got) != len(rows) {
		t.Errorf("%d events", len(got))
	}
	if got := r.listen("0-0").take(len(rows)); got[0].id == "" {
		t.Error("an event without an id")
	}
}

func TestASilentStreamShowsThatItLives(t *testing.T) {
	t.Parallel()
	s := setup(t).listen("")
	if e := s.next(); e.comment == "" || e.id != "" {
		t.Errorf("got %+v", e)
	}
}

func TestEvents_AClientThatWasAwayTooLongIsToldSo(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.create(oneGroup)
	first, err := r.store.Outbox.Events(t.Context(), "0-0", -1)
	if err != nil {
		t.Fatal(err)
	}
	r.create(oneGroup)
	if err := r.rdb.XTrimMaxLen(t.Context(), "rollcall:{ix}:events", 1).Err(); err != nil {
		t.Fatal(err)
	}
	got := r.listen(first[0].ID).take(2)
	if got[0].kind != "gap" || got[1].kind != "group" {
		t.Errorf("got %+v", got)
	}
}

func TestStreamEvents_AnIDThatTheStreamNeverGaveOutIsAGap(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for name, last := range map[string]string{
		"of another Redis": "1600000000000-0", "of a later time": "9600000000000-0", "beyond all numbers": "99999999999999999999-0",
	} {
		s := r.listen(last) // nothing has happened yet
		if e := s.take(1)[0]; e.kind != "gap" || e.data != `{"after":"`+last+`","next":"0-0"}` {
			t.Errorf("%s, in an empty stream: %+v", name, e)
		}
		s.close()
	}
	r.create(oneGroup)
	r.create(oneGroup)
	events, err := r.store.Outbox.Events(t.Context(), "0-0", -1)
	if err != nil {
		t.Fatal(err)
	}
	first, second := events[0].ID, events[1].ID
	for _, c := range []struct {
		name, last string
		next       func(newest string) string
	}{
		{"of another Redis", "1600000000000-0", func(string) string { return first }},
		{"between two", strings.Split(first, "-")[0] + "-77", func(string) string { return second }},
		{"of a later time", "9600000000000-0", func(newest string) string { return newest }},
		{"beyond all numbers", "99999999999999999999-0", func(newest string) string { return newest }},
	} {
		newest, err := r.store.Outbox.LatestEvent(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s := r.listen(c.last)
		if e := s.take(1)[0]; e.kind != "gap" || e.data != `{"after":"`+c.last+`","next":"`+c.next(newest)+`"}` {
			t.Errorf("%s: %+v", c.name, e)
		}
		d := r.create(oneGroup)
		for e := s.take(1)[0]; !strings.Contains(e.data, d.ID); e = s.take(1)[0] { // what is kept comes before it
			if c.next(newest) == newest || e.kind != "group" {
				t.Errorf("%s: after the gap comes %+v, want the group %s", c.name, e, d.ID)
			}
		}
		s.close()
	}
	if s := r.listen(first); s.at != first {
		t.Errorf("a stream behind %s begins at %s", first, s.at)
	} else if e := s.take(1)[0]; e.kind != "group" || e.id != second {
		t.Errorf("behind an event that is kept comes %+v, want %s", e, second)
	}
}

func TestStreamsEndWhenTheServerCloses(t *testing.T) {
	t.Parallel()
	r := setup(t, func(c *api.Config) { c.Heartbeat = time.Hour })
	s := r.listen("")
	r.api.Close()
	select {
	case _, ok := <-s.events:
		if ok {
			t.Error("something came at the end")
		}
	case <-time.After(testutil.Timeout):
		t.Error("the stream goes on")
	}
	r.do("GET", "/v1/events", "").problem(t, http.StatusServiceUnavailable)
}
