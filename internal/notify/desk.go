package notify

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// Desk does what the command line and the HTTP API need: it lists failures, sends events again, and enables receivers.
// It needs no configuration of webhooks, because only workers send requests to receivers.
type Desk struct{ Store *store.Store }

// Failure is a delivery that used up its tries, as the API shows it.
type Failure struct {
	EventID   string     `json:"eventId"`
	Type      string     `json:"type"`
	Of        string     `json:"of"` // the group's or batch's id, or the instance's name
	Timestamp time.Time  `json:"timestamp"`
	Receiver  string     `json:"receiver"`
	Host      string     `json:"host"`
	Tries     int        `json:"tries"`
	Status    int        `json:"status"` // of the last answer; 0 if there was none
	Reason    say.Phrase `json:"reason"`
	FirstAt   time.Time  `json:"firstAt,omitzero"`
	LastAt    time.Time  `json:"lastAt,omitzero"`
}

// Failures returns one page of the failed deliveries, those of the newest events first, and the cursor of the next
// page. cursor is the one that the previous page returned, or "" for the first page; any other returns store.ErrCursor.
func (d Desk) Failures(ctx context.Context, cursor string, limit int) ([]Failure, string, error) {
	found, next, err := d.Store.Outbox.Failures(ctx, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	all := make([]Failure, len(found))
	for i, f := range found {
		all[i] = Failure{
			EventID: f.Notice.ID, Type: f.Notice.Type, Of: f.Notice.Of, Timestamp: f.Notice.At, Receiver: f.Receiver,
			Host: f.Host, Tries: f.Tries, Status: f.Status, Reason: f.Reason, FirstAt: f.First, LastAt: f.Last,
		}
	}
	return all, next, nil
}

// Receiver is a webhook as the API shows it, without its address.
type Receiver struct {
	ID         string     `json:"id"`
	Host       string     `json:"host"`
	Events     []string   `json:"events"`
	State      string     `json:"state"` // enabled or disabled
	Reason     say.Phrase `json:"reason"`
	DisabledAt *time.Time `json:"disabledAt"`
	LastSeenAt time.Time  `json:"lastSeenAt"`
}

// Receivers returns the webhooks that workers have announced, sorted by host.
func (d Desk) Receivers(ctx context.Context) ([]Receiver, error) {
	found, err := d.Store.Outbox.Receivers(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Receiver, 0, len(found))
	for _, r := range found {
		one := Receiver{ID: r.ID, Host: r.Host, Events: r.Events, State: "enabled", LastSeenAt: r.SeenAt}
		if r.Disabled != nil {
			at := r.Disabled.At
			one.State, one.Reason, one.DisabledAt = "disabled", say.Phrase(r.Disabled.Reason), &at
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Receiver) int { return strings.Compare(a.Host+a.ID, b.Host+b.ID) })
	return all, nil
}

// Enable enables a receiver, by its address or its id. It returns since when and why the receiver was disabled, or nil
// if it was not. It returns store.ErrNotFound for an unknown receiver.
func (d Desk) Enable(ctx context.Context, urlOrID string) (*store.Disabled, error) {
	id, err := d.receiver(ctx, urlOrID)
	if err != nil {
		return nil, err
	}
	return d.Store.Outbox.Enable(ctx, id)
}

// receiverID matches a receiver's id.
var receiverID = regexp.MustCompile(`^[0-9a-f]{24}$`)

// IDOf returns the id of a receiver by its address or its id, whether it is known or not. Any text that is not an id
// counts as an address, which can hold a secret.
func (d Desk) IDOf(urlOrID string) string {
	if receiverID.MatchString(urlOrID) {
		return urlOrID
	}
	return d.Store.Outbox.ReceiverID(urlOrID)
}

// receiver returns the id of a known receiver by its address or its id.
func (d Desk) receiver(ctx context.Context, urlOrID string) (string, error) {
	known, err := d.Store.Outbox.Receivers(ctx)
	if err != nil {
		return "", err
	}
	for _, id := range []string{urlOrID, d.Store.Outbox.ReceiverID(urlOrID)} {
		if _, ok := known[id]; ok {
			return id, nil
		}
	}
	return "", fmt.Errorf("no worker has announced such a webhook: %w", store.ErrNotFound)
}

// Selection selects what to send again: events by their ids, or all of a time range.
type Selection struct {
	IDs   []string
	Since time.Time
	Until time.Time // zero: up to now
	// Receiver, an address or an id, is the only receiver, even of events that were not addressed to it. "" sends
	// each event to the receivers that it was addressed to.
	Receiver string
	// All includes deliveries that succeeded or are pending. It counts only for a time range.
	All bool
	// Missed leaves such deliveries out. It counts only for events selected by id, which otherwise include them.
	Missed bool
	DryRun bool
}

// Replayed is the result of a Selection.
type Replayed struct {
	DryRun     bool     `json:"dryRun"`
	Events     int      `json:"events"`
	Deliveries int      `json:"deliveries"`
	Unknown    []string `json:"unknown"` // ids without an event, or whose event's retention is over
}

// ErrSelection means that a Selection has neither events nor a time range, or both.
var ErrSelection = errors.New("name either events or a time range")

// Replay sends events again under their old ids, rendered from the current records.
func (d Desk) Replay(ctx context.Context, s Selection) (Replayed, error) {
	done := Replayed{DryRun: s.DryRun, Unknown: []string{}}
	if (len(s.IDs) > 0) == (!s.Since.IsZero() || !s.Until.IsZero()) {
		return done, ErrSelection
	}
	receiver := ""
	if s.Receiver != "" {
		var err error
		if receiver, err = d.receiver(ctx, s.Receiver); err != nil {
			return done, err
		}
	}
	now, err := d.Store.Now(ctx)
	if err != nil {
		return done, err
	}
	if len(s.IDs) > 0 {
		s.All = !s.Missed
		once := slices.Compact(slices.Sorted(slices.Values(s.IDs)))
		for ids := range slices.Chunk(once, slice) {
			found, err := d.replay(ctx, s, receiver, ids, now, &done)
			if err != nil {
				return done, err
			}
			for _, id := range ids {
				if !found[id] {
					done.Unknown = append(done.Unknown, id)
				}
			}
		}
		return done, nil
	}
	if s.Until.IsZero() {
		s.Until = now.Add(time.Second) // without an end, new events could keep it running for ever
	}
	for after := ""; ; {
		ids, err := d.Store.Outbox.NoticesBetween(ctx, s.Since, s.Until, after, slice)
		if err != nil || len(ids) == 0 {
			return done, err
		}
		after = ids[len(ids)-1]
		if _, err := d.replay(ctx, s, receiver, ids, now, &done); err != nil {
			return done, err
		}
	}
}

// replay starts new runs of the selected deliveries of some events, and returns which events exist.
func (d Desk) replay(ctx context.Context, s Selection, receiver string, ids []string, now time.Time, done *Replayed) (map[string]bool, error) {
	notices, err := d.Store.Outbox.Notices(ctx, ids)
	if err != nil {
		return nil, err
	}
	found := make(map[string]bool, len(notices))
	for _, n := range notices {
		found[n.ID] = true
		if _, known := n.Deliveries[receiver]; receiver != "" && !known {
			n.Deliveries[receiver] = store.Delivery{}
		}
		sent := false
		for id, was := range n.Deliveries {
			missed := was.State == store.DeliveryFailed || was.State == store.DeliverySkipped || was.State == ""
			if receiver != "" && id != receiver || !missed && !s.All {
				continue
			}
			if !s.DryRun {
				// Redeliver writes nothing if another request has just done the same.
				if _, err := d.Store.Outbox.Redeliver(ctx, n.ID, id, was, now); err != nil {
					return nil, err
				}
			}
			sent = true
			done.Deliveries++
		}
		if sent {
			done.Events++
		}
	}
	return found, nil
}
