package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

type eventsInput struct {
	raw
	LastEventID string `header:"Last-Event-ID" maxLength:"41" doc:"Continue after this event. Browsers send it when they reconnect."`
	After       string `query:"lastEventId" maxLength:"41" doc:"The same for clients that cannot set headers. The header wins."`
}

var eventIDPattern = regexp.MustCompile(`^[0-9]{1,20}-[0-9]{1,20}$`)

func (a *API) streamEvents(ctx context.Context, in *eventsInput) (*written, error) {
	position, gap, err := a.resumeAt(ctx, in)
	if err != nil {
		return nil, err
	}
	leave, p := a.enterStream(in.r)
	if p != nil {
		return nil, p
	}
	defer leave()
	if err := a.feed.join(ctx); err != nil {
		return nil, err
	}
	defer a.feed.leave()
	s := &stream{api: a, out: a.newPatient(in.w), position: position, told: gap, veiled: veiled(ctx), lives: a.sessionOf(in.r), pools: auth.Of(ctx).Pools}
	h := in.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // otherwise nginx buffers events
	in.w.WriteHeader(http.StatusOK)
	if in.r.Method == http.MethodHead {
		return writes(func() {})
	}
	// Send the position first, so that a stream that breaks before its first event can resume too.
	if s.send([]byte("retry: 2000\nid: "+position+"\n\n"), gap) {
		s.run(ctx)
	}
	return writes(func() {})
}

// resumeAt returns where a stream begins. If the last event that a client saw is no longer in the stream, gap is
// an event that says so: the events in between are lost.
func (a *API) resumeAt(ctx context.Context, in *eventsInput) (position string, gap []byte, err error) {
	location, last := "header.Last-Event-ID", in.LastEventID
	if last == "" {
		location, last = "query.lastEventId", in.After
	}
	if last == "" {
		position, err = a.Store.Outbox.LatestEvent(ctx)
		return position, nil, err
	}
	if !eventIDPattern.MatchString(last) {
		return "", nil, invalid(location, "", "This is not an id of an event. Send one that the stream gave out, or none.")
	}
	place, err := a.Store.Outbox.Resume(ctx, last)
	if err != nil {
		return "", nil, err
	}
	if place.Gap {
		gap = gapAfter(last, place.Next)
	}
	return place.After, gap, nil
}

// gapAfter returns the event that says that events between two positions may be missing.
func gapAfter(last, next string) []byte {
	return fmt.Appendf(nil, "event: gap\ndata: {\"after\":%q,\"next\":%q}\n\n", last, next)
}

// stream is one listener.
type stream struct {
	api      *API
	out      *patient
	position string
	told     []byte   // the gap that was sent last; nil for none
	veiled   bool     // the role of its key is viewer
	pools    []string // pools that its key is bound to
	// lives reports whether the session that opened the stream is still valid; nil for a key.
	lives func(context.Context) (bool, error)
}

// run sends events until the client leaves or stops reading, or the server closes.
func (s *stream) run(ctx context.Context) {
	ctx, done := s.api.untilClosing(ctx)
	defer done()
	heartbeat := time.NewTicker(s.api.Heartbeat)
	defer heartbeat.Stop()
	session := make(<-chan time.Time) // a key's stream has none
	if s.lives != nil {
		tick := time.NewTicker(s.api.SessionCheck)
		defer tick.Stop()
		session = tick.C
	}
	cut := s.api.feed.broken()
	for ctx.Err() == nil {
		select {
		case <-cut:
			return // the client connects again with its position
		case <-session:
			if lives, err := s.lives(ctx); err == nil && !lives {
				return
			}
		default:
		}
		frames, more, ok := s.api.feed.after(s.position)
		if !ok {
			var err error
			if frames, err = s.replay(ctx); err != nil && !store.Away(err) { // otherwise it tries again at the next heartbeat
				answerOf(ctx).err = err
				return
			}
		}
		if len(frames) > 0 {
			if !s.sendFrames(ctx, frames) {
				return
			}
			continue
		}
		select {
		case <-more:
		case <-cut:
		case <-session:
			if lives, err := s.lives(ctx); err == nil && !lives {
				return
			}
		case <-heartbeat.C:
			if !s.send([]byte(": still here\n\n")) {
				return
			}
		case <-ctx.Done():
		}
	}
}

// sessionOf returns a function that reports whether the request's session is still valid, or nil if the request has a
// key instead.
func (a *API) sessionOf(r *http.Request) func(context.Context) (bool, error) {
	if auth.Of(r.Context()).Session == "" {
		return nil
	}
	return func(ctx context.Context) (bool, error) {
		who := a.Auth.BySession(r.WithContext(ctx))
		return who.Role > auth.Public, who.Unread
	}
}

// replay reads from the store the events that the ring no longer has. If the store has dropped events that the client
// has not read yet, replay sends it a gap event.
func (s *stream) replay(ctx context.Context) ([]frame, error) {
	const atOnce = -1
	events, err := s.api.Store.Outbox.Events(ctx, s.position, atOnce)
	if err != nil {
		return nil, err
	}
	place, err := s.api.Store.Outbox.Resume(ctx, s.position) // after reading: an event that is still there now was not missed
	if err != nil {
		return nil, err
	}
	if gap := gapAfter(s.position, place.Next); place.Gap && !bytes.Equal(gap, s.told) {
		s.told = gap
		if !s.send(gap) {
			return nil, errAnswer
		}
	}
	return s.api.frames(ctx, s.api.Status, events)
}

// own returns the part of a frame that the stream's key may see. The frame of another pool becomes empty; that of a
// batch or an instance keeps only what belongs to the key's pools.
func (s *stream) own(ctx context.Context, f frame) (frame, error) {
	mine := slices.ContainsFunc(f.pools, func(p string) bool { return slices.Contains(s.pools, p) })
	switch kind := documentOf(f.event); {
	case len(s.pools) == 0, f.text == nil, kind == "group" && mine:
		return f, nil
	case kind != "batch" && !mine:
		return frame{id: f.id}, nil
	}
	f.parts.Lock()
	defer f.parts.Unlock()
	of := strings.Join(s.pools, ",")
	part, made := f.parts.of[of]
	if !made {
		all, err := s.api.frames(ctx, s.api.Status.Within(s.pools), []store.Event{f.event})
		if err != nil {
			return frame{}, err
		}
		part = all[0]
		f.parts.of[of] = part
	}
	return part, nil
}

func (s *stream) sendFrames(ctx context.Context, frames []frame) bool {
	var text bytes.Buffer
	for _, f := range frames {
		f, err := s.own(ctx, f)
		if err != nil {
			answerOf(ctx).err = err
			return false
		}
		if s.veiled {
			text.Write(f.veiled)
		} else {
			text.Write(f.text)
		}
	}
	if text.Len() > 0 && !s.send(text.Bytes()) {
		return false
	}
	s.position = frames[len(frames)-1].id
	return true
}

// send writes and flushes some bytes. It reports whether the client has taken them.
func (s *stream) send(parts ...[]byte) bool {
	for _, p := range parts {
		if len(p) == 0 {
			continue
		}
		if _, err := s.out.Write(p); err != nil {
			return false
		}
	}
	return s.out.control.Flush() == nil
}

const eventForm = "id: %s\nevent: %s\ndata: %s\n\n"

// frames composes the frames of some events, each with the present document. A document is read once for all its
// events. If the document no longer exists or cannot be read, the frame is empty.
func (a *API) frames(ctx context.Context, shown *view.Reader, events []store.Event) ([]frame, error) {
	documents, pools, err := a.documents(ctx, shown, events)
	if err != nil {
		return nil, err
	}
	all := make([]frame, len(events))
	for i, e := range events {
		all[i].id, all[i].event, all[i].pools, all[i].parts = e.ID, e, pools[e.Of], &parts{of: map[string]frame{}}
		if data := documents[documentOf(e)+" "+e.Of]; data != nil {
			all[i].text = fmt.Appendf(nil, eventForm, e.ID, documentOf(e), data)
			veiled, err := VeilJSON(data)
			if err != nil {
				return nil, err
			}
			all[i].veiled = fmt.Appendf(nil, eventForm, e.ID, documentOf(e), veiled)
		}
	}
	return all, nil
}

// documentOf returns the kind of document that an event is about: for a pace it is the instance.
func documentOf(e store.Event) string {
	if e.Type == "pace" {
		return "instance"
	}
	return e.Type
}

// documents returns the documents that events are about, by type and id, and the pools of groups and instances.
func (a *API) documents(ctx context.Context, shown *view.Reader, events []store.Event) (_ map[string][]byte, pools map[string][]string, err error) {
	of := map[string][]string{}
	seen := map[string]bool{}
	for _, e := range events {
		kind := documentOf(e)
		if key := kind + " " + e.Of; !seen[key] {
			seen[key] = true
			of[kind] = append(of[kind], e.Of)
		}
	}
	documents := make(map[string][]byte, len(seen))
	put := func(kind, id string, document any) error {
		data, err := json.Marshal(document)
		documents[kind+" "+id] = data
		return err
	}
	groups, err := a.groupsOf(ctx, of["group"])
	if err != nil {
		return nil, nil, err
	}
	pools = make(map[string][]string, len(groups))
	for _, d := range groups {
		d.Members, d.Askers, pools[d.ID] = nil, nil, []string{d.Pool}
		if err := put("group", d.ID, d); err != nil {
			return nil, nil, err
		}
	}
	for _, id := range of["batch"] {
		d, err := shown.Batch(ctx, id)
		if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUnreadable) {
			continue
		}
		if err == nil {
			err = put("batch", id, d)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	var instances []view.Instance
	if len(of["instance"]) > 0 {
		if instances, err = shown.Instances(ctx); err != nil {
			return nil, nil, err
		}
	}
	for _, d := range instances {
		pools[d.Name] = d.Pools
		if err := put("instance", d.Name, d); err != nil {
			return nil, nil, err
		}
	}
	return documents, pools, nil
}

func (a *API) groupsOf(ctx context.Context, ids []string) ([]group.Document, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	groups, err := a.Store.Records.LoadAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	return a.Status.Describe(ctx, groups)
}
