package api

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/panics"
	"github.com/rollcallhq/rollcall/internal/store"
)

// feed reads the store's stream of events once for all listeners, while there are any. A blocking read holds a
// connection to Redis, and composing documents reads the whole installation: neither may grow with the number of
// listeners.
//
//	store ─ tail (one goroutine) ─ ring of the last frames ─┬─ listener at its own position
//	                                                         └─ …; one that has fallen out of the
//	                                                            ring reads the store on its own
//
// A listener is only a position in the stream, so a slow listener loses no event and takes no memory, and resuming needs
// no extra code.
type feed struct {
	api *API

	mu        sync.Mutex
	listeners int
	stop      context.CancelFunc // ends the tail; nil while none runs
	ring      []frame
	floor     string        // the ring holds every event after this position, up to its last frame
	changed   chan struct{} // closed when the ring grows
	cut       chan struct{} // closed when the store's stream has lost events

	tails sync.WaitGroup
}

// frame is one event as it is sent. Its text is empty if there is nothing to send.
type frame struct {
	id     string
	text   []byte
	veiled []byte // for a viewer
	event  store.Event
	pools  []string // of the group or the instance
	parts  *parts
}

// parts are the frames of an event for keys that are bound to pools, made once for all listeners with the same
// pools.
type parts struct {
	sync.Mutex

	of map[string]frame // by the pools
}

const (
	ringSize = 2048
	tailWait = time.Second // how long one read of the stream blocks; closing waits for the read
	tailRest = time.Second // the pause after a read that failed
)

func newFeed(a *API) *feed {
	return &feed{api: a, changed: make(chan struct{}), cut: make(chan struct{})}
}

// join adds a listener, which must call leave at its end.
func (f *feed) join(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.api.closing:
		return unavailable("The server is shutting down.")
	default:
	}
	if f.listeners == 0 {
		floor, err := f.api.Store.Outbox.LatestEvent(ctx)
		if err != nil {
			return err
		}
		f.floor, f.ring = floor, nil
		tail, stop := context.WithCancel(context.WithoutCancel(ctx))
		f.stop = stop
		f.tails.Go(func() { f.tail(tail, floor) })
	}
	f.listeners++
	return nil
}

func (f *feed) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listeners--; f.listeners == 0 {
		f.stop()
	}
}

// wait waits until all listeners have left, after the API has closed.
func (f *feed) wait() {
	f.mu.Lock()   // lets a join under way end; a later join sees that the API is closing
	f.mu.Unlock() //nolint:staticcheck // as above
	f.tails.Wait()
}

// after returns the frames after a position, and a channel that is closed when there are more. ok is false if the ring
// no longer holds the first of them.
func (f *feed) after(position string) (frames []frame, more <-chan struct{}, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if store.EventBefore(position, f.floor) {
		return nil, f.changed, false
	}
	i := len(f.ring)
	for i > 0 && store.EventBefore(position, f.ring[i-1].id) {
		i--
	}
	return append([]frame(nil), f.ring[i:]...), f.changed, true
}

// broken returns a channel that is closed when the store's stream has lost events. Each listener then reconnects
// with its position and learns of the gap.
func (f *feed) broken() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cut
}

// tail reads the stream into the ring. While Redis is away, it and the listeners wait.
func (f *feed) tail(ctx context.Context, position string) {
	failing := false
	var told []byte // the gap of which the listeners were told last
	for ctx.Err() == nil {
		var frames []frame
		_, err := store.Outlast(ctx, f.logReading, func() (err error) {
			defer panics.Catch(&err)
			events, err := f.api.Store.Outbox.Events(ctx, position, tailWait)
			if err == nil && len(events) > 0 {
				frames, err = f.api.frames(ctx, f.api.Status, events)
			}
			return err
		})
		var place store.Place
		if err == nil { // after the reading: Redis can also be emptied without an outage
			place, err = f.api.Store.Outbox.Resume(ctx, position)
		}
		if err != nil {
			if ctx.Err() == nil && !failing {
				f.logReading(err)
			}
			failing = true
			select {
			case <-time.After(tailRest):
			case <-ctx.Done():
			}
			continue
		}
		if failing {
			f.logReading(nil)
		}
		failing = false
		if gap := gapAfter(position, place.Next); place.Gap && !bytes.Equal(gap, told) {
			told, position = gap, place.After
			f.breakOff(ctx, position)
			continue
		}
		if len(frames) > 0 {
			position = frames[len(frames)-1].id
			f.add(ctx, frames)
		}
	}
}

// breakOff disconnects the listeners, because the stream has lost events, and goes on after a position.
func (f *feed) breakOff(ctx context.Context, position string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil { // a later tail now fills the ring
		return
	}
	f.floor, f.ring = position, nil
	close(f.cut)
	f.cut = make(chan struct{})
}

// logReading logs that the stream cannot be read or, if err is nil, that it can be read again.
func (f *feed) logReading(err error) {
	if err != nil {
		f.api.Log.Warn().EmbedObject(event.EventStreamUnreadable).Err(err).Msg("event stream unreadable")
		return
	}
	f.api.Log.Info().EmbedObject(event.EventStreamRecovered).Msg("event stream read again")
}

func (f *feed) add(ctx context.Context, frames []frame) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil { // a later tail now fills the ring
		return
	}
	f.ring = append(f.ring, frames...)
	if over := len(f.ring) - ringSize; over > 0 {
		f.floor = f.ring[over-1].id
		f.ring = append([]frame(nil), f.ring[over:]...)
	}
	close(f.changed)
	f.changed = make(chan struct{})
}
