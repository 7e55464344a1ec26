package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

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
	at     string     // the last id received
}

// listen opens a stream of the events after an id, or of new events if after is empty.
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
		r.t.Fatalf("got %d %s, want 200 text/event-stream", resp.StatusCode, kind)
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
		r.t.Fatalf("the stream begins with %+v, want its position: an id without an event", first)
	}
	s.at = first.id
	return s
}

// next returns the next block, also one without data.
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
		s.t.Fatalf("no event within %s", testutil.Timeout)
	}
	return event{}
}

// take returns the next n events and skips heartbeats.
func (s *stream) take(n int) []event {
	s.t.Helper()
	var all []event
	late := time.Now().Add(testutil.Timeout)
	for len(all) < n {
		if time.Now().After(late) {
			s.t.Fatalf("got %d of %d events within %s", len(all), n, testutil.Timeout)
		}
		if e := s.next(); e.kind != "" {
			all = append(all, e)
		}
	}
	return all
}

func (s *stream) close() { s.cancel() }

func TestEvents_StreamSendsEachChange(t *testing.T) {
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
			t.Errorf("event %d: got %q, want %q", i, e.kind, want[i])
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
		t.Errorf("got first %s\nand for the batch %s\nwant the group %s and a batch that is done", got[0].data, got[4].data, d.ID)
	}
	if !strings.Contains(got[5].data, `"slowed":{`) {
		t.Errorf("the event of a slower pace lacks slowed: %s", got[5].data)
	}
}

func TestEvents_StreamResumesWithoutAGap(t *testing.T) {
	t.Parallel()
	r := setup(t)
	const batches = 12
	s := r.listen("")
	var got []string
	done := make(chan struct{})
	go func() { // changes happen meanwhile
		defer close(done)
		for i := range batches {
			r.do("POST", fmt.Sprintf("/v1/batches?name=b%d", i), fmt.Sprintf("[%s,%s,%s]", row(3*i), row(3*i+1), row(3*i+2)))
		}
	}()
	ids := map[string]bool{}
	for len(got) < 3*batches {
		for _, e := range s.take(min(5, 3*batches-len(got))) {
			if ids[e.id] {
				t.Errorf("event %s came twice", e.id)
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
		t.Fatalf("got %d events, want %d (%v)", len(got), len(events), err)
	}
	for i, e := range events {
		if got[i] != e.ID {
			t.Errorf("event %d is %s, want %s", i, got[i], e.ID)
		}
	}
}

func TestEvents_StreamsOlderThanTheRingMissNothing(t *testing.T) {
	t.Parallel()
	r := setupOn(t, testutil.RealRedis(t).Client()) // the Redis in memory takes half a minute for so many scripts
	keep := r.listen("")                            // keeps the ring filled from here on
	var rows []string
	for i := range 2600 { // more than the ring holds, and more than one read of the stream
		rows = append(rows, row(i))
	}
	r.do("POST", "/v1/batches?name=big", "["+strings.Join(rows, ",")+"]")
	if got := keep.take(len(rows)); len(got) != len(rows) {
		t.Errorf("got %d events, want %d", len(got), len(rows))
	}
	if got := r.listen("0-0").take(len(rows)); got[0].id == "" {
		t.Error("an event without an id")
	}
}

func TestEvents_IdleStreamSendsHeartbeats(t *testing.T) {
	t.Parallel()
	s := setup(t).listen("")
	if e := s.next(); e.comment == "" || e.id != "" {
		t.Errorf("got %+v, want a comment without an id", e)
	}
}

// The event of a thing that cannot be read must not hold up those behind it.
func TestEvents_GoOnBehindABatchThatCannotBeRead(t *testing.T) {
	t.Parallel()
	r := setup(t)
	b := r.do("POST", "/v1/batches?name=damaged", "["+row(1)+"]").batch(t)
	var page groupPage
	r.do("GET", "/v1/groups?batchId="+b.BatchID, "").json(t, &page)
	r.do("POST", "/v1/groups/"+page.Items[0].ID+"/cancel", "") // and the batch ends
	if err := r.rdb.Set(t.Context(), "rollcall:{ix}:b:"+b.BatchID, "not a hash", 0).Err(); err != nil {
		t.Fatal(err)
	}
	last := r.create(oneGroup).ID
	s := r.listen("0-0")
	defer s.close()
	for e := s.next(); !strings.Contains(e.data, last); e = s.next() {
		if e.kind == "batch" {
			t.Errorf("got an event of the damaged batch: %s", e.data)
		}
	}
}

func TestEvents_PositionThatWasTrimmedIsAGap(t *testing.T) {
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
		t.Errorf("got %+v, want a gap and then a group", got)
	}
}

// trimming trims the stream of events after the first reading of a page of it.
type trimming struct {
	trim func()
	once sync.Once
}

func (h *trimming) DialHook(next redis.DialHook) redis.DialHook { return next }
func (h *trimming) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (h *trimming) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if cmd.Name() == "xread" && !slices.Contains(cmd.Args(), any("block")) {
			h.once.Do(h.trim)
		}
		return err
	}
}

func TestEvents_WhatTheStoreDropsBeforeASlowReaderHasItIsAGap(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.create(oneGroup)
	const key = "rollcall:{ix}:events"
	first, err := r.store.Outbox.LatestEvent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for range 600 { // more than one page
		id, err := r.rdb.XAdd(t.Context(), &redis.XAddArgs{Stream: key, Values: []any{"type", "instance", "id", "alpha", "status", "ready"}}).Result()
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	last := r.create(oneGroup).ID
	newest, err := r.store.Outbox.LatestEvent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.rdb.(*redis.Client).AddHook(&trimming{trim: func() {
		if err := r.rdb.XTrimMaxLen(context.Background(), key, 1).Err(); err != nil {
			t.Error(err)
		}
	}})
	got := r.listen(first).take(3)
	if want := `{"after":"` + first + `","next":"` + newest + `"}`; got[0].kind != "gap" || got[0].data != want {
		t.Errorf("got %+v, want a gap %s: the first page was dropped while it was read", got[0], want)
	}
	if want := `{"after":"` + ids[499] + `","next":"` + newest + `"}`; got[1].kind != "gap" || got[1].data != want || !strings.Contains(got[2].data, last) {
		t.Errorf("got %+v, want a gap %s and then the group", got[1:], want)
	}
}

func TestEvents_IDThatTheStreamNeverSentIsAGap(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for name, last := range map[string]string{
		"of another Redis": "1600000000000-0", "of a later time": "9600000000000-0", "beyond all numbers": "99999999999999999999-0",
	} {
		s := r.listen(last) // nothing has happened yet
		if e := s.take(1)[0]; e.kind != "gap" || e.data != `{"after":"`+last+`","next":"0-0"}` {
			t.Errorf("an id %s, in an empty stream: got %+v, want a gap after %s", name, e, last)
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
			t.Errorf("an id %s: got %+v, want a gap after %s", c.name, e, c.last)
		}
		d := r.create(oneGroup)
		for e := s.take(1)[0]; !strings.Contains(e.data, d.ID); e = s.take(1)[0] { // events that are still stored come before it
			if c.next(newest) == newest || e.kind != "group" {
				t.Errorf("an id %s: after the gap got %+v, want the group %s", c.name, e, d.ID)
			}
		}
		s.close()
	}
	if s := r.listen(first); s.at != first {
		t.Errorf("a stream after %s begins at %s", first, s.at)
	} else if e := s.take(1)[0]; e.kind != "group" || e.id != second {
		t.Errorf("after a stored event: got %+v, want the group's event %s", e, second)
	}
}

func TestClose_EndsEventStreams(t *testing.T) {
	t.Parallel()
	r := setup(t, func(c *api.Config) { c.Heartbeat = time.Hour })
	s := r.listen("")
	r.api.Close()
	select {
	case _, ok := <-s.events:
		if ok {
			t.Error("the stream sends an event when the server closes")
		}
	case <-time.After(testutil.Timeout):
		t.Errorf("the stream is still open %s after Close", testutil.Timeout)
	}
	r.do("GET", "/v1/events", "").problem(t, http.StatusServiceUnavailable)
}
