package store

import (
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

//go:embed delivery_save.lua
var deliverySaveSource string

var deliverySaveScript = redis.NewScript(deliverySaveSource)

// DeliveryState is the state of a notice's delivery to one receiver.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryWaiting DeliveryState = "waiting" // the next try is on the queue
	Delivered       DeliveryState = "delivered"
	DeliveryFailed  DeliveryState = "failed"  // no more tries; it is in the list of failures
	DeliverySkipped DeliveryState = "skipped" // not tried: the receiver is disabled, or does not want it any more
)

// Delivery is one notice on its way to one receiver. It never holds what was sent or answered.
type Delivery struct {
	Run    int // counts the times a person asked for it again
	State  DeliveryState
	Tries  int
	Status int        // of the last answer; 0 when there was none
	Reason say.Phrase // why the last try failed
	Host   string     // the receiver's
	First  time.Time
	Last   time.Time
	Next   time.Time // no try before this
}

// delivery is the stored form of a Delivery, behind "<run>|".
type delivery struct {
	State  DeliveryState `json:"s"`
	Tries  int           `json:"t,omitempty"`
	Status int           `json:"h,omitempty"`
	Reason say.Kept      `json:"w,omitzero"`
	Host   string        `json:"o,omitempty"`
	First  int64         `json:"f,omitempty"`
	Last   int64         `json:"l,omitempty"`
	Next   int64         `json:"n,omitempty"`
}

func (d Delivery) encode() (string, error) {
	data, err := json.Marshal(delivery{
		State: d.State, Tries: d.Tries, Status: d.Status, Reason: say.Kept(d.Reason), Host: d.Host,
		First: millis(d.First), Last: millis(d.Last), Next: millis(d.Next),
	})
	return strconv.Itoa(d.Run) + "|" + string(data), err
}

func decodeDelivery(value string) (Delivery, error) {
	run, data, _ := strings.Cut(value, "|")
	n, err := strconv.Atoi(run)
	if err != nil {
		return Delivery{}, fmt.Errorf("a delivery does not begin with its run: %w", err)
	}
	var d delivery
	if err := json.Unmarshal([]byte(data), &d); err != nil {
		return Delivery{}, err
	}
	return Delivery{
		Run: n, State: d.State, Tries: d.Tries, Status: d.Status, Reason: say.Phrase(d.Reason), Host: d.Host,
		First: moment(d.First), Last: moment(d.Last), Next: moment(d.Next),
	}, nil
}

// Address notes the receivers of a notice, before their tasks are enqueued. Only the first call counts:
// receivers that are configured later get only later notices.
func (ob *Outbox) Address(ctx context.Context, notice string, to map[string]Delivery) error {
	key := noticeKey(notice)
	values := make(map[string]string, len(to))
	for receiver, d := range to {
		value, err := d.encode()
		if err != nil {
			return fmt.Errorf("address event %s: %w", notice, err)
		}
		values[receiver] = value
	}
	err := ob.transact(ctx, key, func(tx *redis.Tx) error {
		is, err := tx.HMGet(ctx, key, "e", "to").Result()
		if err != nil || is[0] == nil || is[1] != nil { // the notice has lapsed, or is already addressed
			return err
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.HSet(ctx, key, "to", "1")
			for receiver, value := range values {
				p.HSetNX(ctx, key, "r:"+receiver, value)
			}
			return nil
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("address event %s: %w", notice, err)
	}
	return nil
}

// SaveDelivery writes the state of a delivery, if it is still in the run it was read in. It reports whether it wrote: a
// person may have asked for the event again, or its retention may be over.
func (ob *Outbox) SaveDelivery(ctx context.Context, notice, receiver string, was, d Delivery) (bool, error) {
	list := ""
	if d.State == DeliveryFailed {
		list = "failed"
	}
	return ob.saveDelivery(ctx, notice, receiver, was, d, d.Next, list)
}

// Redeliver begins a new run of a delivery and puts its notice back into the outbox, in one step. It reports whether it
// did, as SaveDelivery does. The new run is due now: Lost finds it if a dispatcher that has just read the run before takes
// the notice out of the outbox.
func (ob *Outbox) Redeliver(ctx context.Context, notice, receiver string, was Delivery, now time.Time) (bool, error) {
	d := Delivery{State: DeliveryWaiting, Host: was.Host}
	if was.State != "" {
		d.Run = was.Run + 1
	}
	return ob.saveDelivery(ctx, notice, receiver, was, d, now, "again")
}

func (ob *Outbox) saveDelivery(ctx context.Context, notice, receiver string, was, d Delivery, due time.Time, list string) (bool, error) {
	value, err := d.encode()
	if err != nil {
		return false, fmt.Errorf("save the delivery of %s: %w", notice, err)
	}
	run := strconv.Itoa(was.Run)
	if was.State == "" {
		run = ""
	}
	keys := []string{noticeKey(notice), failuresKey, outboxKey, expectedKey}
	live, expected := ob.noticesFor(), any("")
	if !d.Next.IsZero() {
		live += d.Next.Sub(d.Last)
	}
	if !due.IsZero() {
		expected = lostAt(due)
	}
	n, err := ob.brokenCount(ctx, deliverySaveScript.Run(ctx, ob.rdb, keys, receiver, run, value, notice, list, live.Milliseconds(), expected))
	if err != nil {
		return false, fmt.Errorf("save the delivery of %s: %w", notice, err)
	}
	return n == 1, nil
}

// taskLost is how long after it is due the task of a delivery counts as lost. If it is only late, asking for it costs little.
const taskLost = 10 * time.Minute

func lostAt(due time.Time) int64 { return due.Add(taskLost).UnixMilli() }

// Expect notes that the tasks of deliveries are due, before they are enqueued, or that they were enqueued again. Lost then
// finds those that do nothing.
func (ob *Outbox) Expect(ctx context.Context, due time.Time, ts ...tasks.Task) error {
	if len(ts) == 0 {
		return nil
	}
	entries := make([]redis.Z, len(ts))
	for i, t := range ts {
		entries[i] = redis.Z{Score: float64(lostAt(due)), Member: t.Payload.Event + ":" + t.Payload.Receiver}
	}
	if err := ob.tolerate(ctx, expectedKey, ob.rdb.ZAdd(ctx, expectedKey, entries...).Err()); err != nil {
		return fmt.Errorf("expect the tasks of %d deliveries: %w", len(ts), err)
	}
	return nil
}

// Lost returns some of the deliveries that wait and whose tasks count as lost by now. It forgets those that have ended.
// more reports whether there may be others.
func (ob *Outbox) Lost(ctx context.Context, now time.Time, n int) (lost []Addressed, more bool, err error) {
	members, err := ob.rdb.ZRangeArgs(ctx, redis.ZRangeArgs{
		Key: expectedKey, Start: "-inf", Stop: now.UnixMilli(), ByScore: true, Count: int64(n),
	}).Result()
	if err = ob.tolerate(ctx, expectedKey, err); err != nil {
		return nil, false, fmt.Errorf("list the lost deliveries: %w", err)
	}
	if lost, err = ob.addressed(ctx, members, DeliveryWaiting); err != nil {
		return nil, false, err
	}
	over := make([]any, 0, len(members))
	for _, m := range members {
		if !slices.ContainsFunc(lost, func(a Addressed) bool { return a.Notice.ID+":"+a.Receiver == m }) {
			over = append(over, m)
		}
	}
	if len(over) > 0 {
		if err := ob.rdb.ZRem(ctx, expectedKey, over...).Err(); err != nil {
			return nil, false, fmt.Errorf("forget the tasks of %d deliveries: %w", len(over), err)
		}
	}
	return lost, len(members) == n, nil
}

// Addressed is a delivery with its notice and its receiver.
type Addressed struct {
	Notice   *Notice
	Receiver string
	Delivery
}

// Failures lists deliveries that used up their tries, beginning with the newest notices.
func (ob *Outbox) Failures(ctx context.Context, cursor string, limit int) (failures []Addressed, next string, err error) {
	to := "+"
	if cursor != "" {
		last, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil || !strings.HasPrefix(string(last), NoticeIDPrefix) {
			return nil, "", ErrCursor
		}
		to = "(" + string(last)
	}
	for {
		members, err := ob.rdb.ZRangeArgs(ctx, redis.ZRangeArgs{
			Key: failuresKey, Start: to, Stop: "-", ByLex: true, Rev: true, Count: int64(limit + 1),
		}).Result()
		if err = ob.tolerate(ctx, failuresKey, err); err != nil {
			return nil, "", fmt.Errorf("list the failed deliveries: %w", err)
		}
		page, err := ob.addressed(ctx, members, DeliveryFailed)
		if err != nil {
			return nil, "", err
		}
		for _, f := range page {
			if len(failures) == limit {
				last := failures[limit-1]
				return failures, base64.RawURLEncoding.EncodeToString([]byte(last.Notice.ID + ":" + last.Receiver)), nil
			}
			failures = append(failures, f)
		}
		if len(members) <= limit {
			return failures, "", nil
		}
		to = "(" + members[len(members)-1]
	}
}

// addressed reads the deliveries behind entries of a list. It leaves out those in another state, and those whose notice
// has lapsed; the next trim removes the latter from the list of failures.
func (ob *Outbox) addressed(ctx context.Context, members []string, s DeliveryState) ([]Addressed, error) {
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i], _, _ = strings.Cut(m, ":")
	}
	notices, err := ob.Notices(ctx, slices.Compact(slices.Clone(ids)))
	if err != nil {
		return nil, err
	}
	byID := make(map[string]*Notice, len(notices))
	for _, one := range notices {
		byID[one.ID] = one
	}
	var found []Addressed
	for i, m := range members {
		_, receiver, _ := strings.Cut(m, ":")
		if one := byID[ids[i]]; one != nil && one.Deliveries[receiver].State == s {
			found = append(found, Addressed{Notice: one, Receiver: receiver, Delivery: one.Deliveries[receiver]})
		}
	}
	return found, nil
}

// CountFailures returns the length of the list of failures.
func (ob *Outbox) CountFailures(ctx context.Context) (int, error) {
	n, err := ob.rdb.ZCard(ctx, failuresKey).Result()
	return int(n), ob.tolerate(ctx, failuresKey, err)
}
