package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/say"
)

// Receiver is a webhook as workers announce it, without its URL, which can hold a secret.
type Receiver struct {
	ID     string   `json:"id"`
	Host   string   `json:"host"`
	Events []string `json:"events"`
	// Print is the ReceiverPrint of the configuration: a change of the configuration enables a disabled receiver.
	Print    string    `json:"print"`
	SeenAt   time.Time `json:"seenAt"`
	Disabled *Disabled `json:"disabled,omitempty"`
}

// Disabled is since when and why a receiver gets no events. An entry that cannot be read has a Reason alone.
type Disabled struct {
	At     time.Time `json:"at"`
	Reason say.Kept  `json:"reason"`
	Event  string    `json:"event"` // id of the event that the receiver answered with 410
	Print  string    `json:"print"`
}

// ReceiverID returns the id of the receiver at a URL: a keyed hash, because the URL can hold a secret and ids are in
// tasks and lists.
func (ob *Outbox) ReceiverID(url string) string {
	return hex.EncodeToString(ob.person("webhook\x00" + url)[:12])
}

// ReceiverPrint returns a keyed hash of a receiver's configuration.
func (ob *Outbox) ReceiverPrint(config string) string {
	return hex.EncodeToString(ob.person("webhook print\x00" + config)[:12])
}

// AnnounceReceivers records the receivers that the dispatcher addresses, in place of those announced before.
func (ob *Outbox) AnnounceReceivers(ctx context.Context, rs []Receiver) error {
	if len(rs) == 0 {
		return nil
	}
	now, err := ob.Now(ctx)
	if err != nil {
		return err
	}
	values := make(map[string]any, len(rs))
	for _, r := range rs {
		r.SeenAt, r.Disabled = now, nil
		data, err := json.Marshal(r)
		if err != nil {
			return err
		}
		values[r.ID] = data
	}
	if _, err := ob.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Del(ctx, receiversKey)
		p.HSet(ctx, receiversKey, values)
		return nil
	}); err != nil {
		return fmt.Errorf("announce the webhooks: %w", err)
	}
	return nil
}

// Receivers returns the announced receivers by id. A receiver is Disabled only under the configuration under which it
// was disabled.
func (ob *Outbox) Receivers(ctx context.Context) (map[string]Receiver, error) {
	var announced, disabled *redis.MapStringStringCmd
	if _, err := ob.each(ctx, nil, func(p redis.Pipeliner) error {
		announced, disabled = p.HGetAll(ctx, receiversKey), p.HGetAll(ctx, disabledKey)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read the webhooks: %w", err)
	}
	ob.hashRead(ctx, receiversKey, announced)
	ob.hashRead(ctx, disabledKey, disabled)
	all := make(map[string]Receiver, len(announced.Val()))
	for id, data := range announced.Val() {
		var r Receiver
		if err := json.Unmarshal([]byte(data), &r); err != nil { // a worker announces it again within a minute
			_ = ob.unreadable(ctx, KindReceiver, id, err)
			r = Receiver{}
		}
		r.ID = id
		if data := disabled.Val()[id]; data != "" {
			if d := ob.readDisabled(ctx, id, data); d.Print == r.Print || d.Print == "" {
				r.Disabled = d
			}
		}
		all[id] = r
	}
	return all, nil
}

// ForgetReceivers removes the receivers and the cursor, because no webhook is configured. A webhook that is
// configured later gets only what happens from then on.
func (ob *Outbox) ForgetReceivers(ctx context.Context) error {
	if err := ob.rdb.Del(ctx, cursorKey, receiversKey, disabledKey).Err(); err != nil {
		return fmt.Errorf("forget the webhooks: %w", err)
	}
	return nil
}

// Disable stops sending to a receiver, until it is enabled or its configuration changes.
func (ob *Outbox) Disable(ctx context.Context, receiver string, d Disabled) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if err := ob.rdb.HSet(ctx, disabledKey, receiver, data).Err(); err != nil {
		return fmt.Errorf("disable webhook %s: %w", receiver, err)
	}
	return nil
}

// Enable starts sending to a receiver again. It returns why it was disabled, or nil if it was not.
func (ob *Outbox) Enable(ctx context.Context, receiver string) (*Disabled, error) {
	d, err := ob.DisabledReceiver(ctx, receiver)
	if err != nil || d == nil {
		return nil, err
	}
	if err := ob.rdb.HDel(ctx, disabledKey, receiver).Err(); err != nil {
		return nil, fmt.Errorf("enable webhook %s: %w", receiver, err)
	}
	return d, nil
}

// DisabledReceiver returns the entry that disables a receiver, or nil if there is none. An entry whose Print is that of
// an earlier configuration does not count; the caller compares it.
func (ob *Outbox) DisabledReceiver(ctx context.Context, receiver string) (*Disabled, error) {
	data, err := ob.rdb.HGet(ctx, disabledKey, receiver).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil //nolint:nilnil // it is not disabled
	}
	if err != nil {
		return nil, fmt.Errorf("read webhook %s: %w", receiver, err)
	}
	return ob.readDisabled(ctx, receiver, string(data)), nil
}

// readDisabled reads why a receiver is disabled. An entry that cannot be read disables it, whatever its
// configuration: only a receiver that answered 410 has an entry.
func (ob *Outbox) readDisabled(ctx context.Context, receiver, data string) *Disabled {
	var d Disabled
	if err := json.Unmarshal([]byte(data), &d); err != nil {
		return &Disabled{Reason: say.Kept(say.OfError(ob.unreadable(ctx, KindDisabled, receiver, err)))}
	}
	return &d
}
