package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
)

// watchKey holds the groups whose people must be read again, by the time of the next reading, in ms.
const watchKey = index + "watch"

// Overdue lists at most n groups whose next reading was due before a time, the longest overdue first, and leaves out
// the first skip of them. Most of these groups are done, so no other list leads a worker to them.
func (ix *Index) Overdue(ctx context.Context, before time.Time, skip, n int) ([]string, error) {
	ids, err := ix.rdb.ZRangeArgs(ctx, redis.ZRangeArgs{
		Key: watchKey, Start: "-inf", Stop: before.UnixMilli(), ByScore: true, Offset: int64(skip), Count: int64(n),
	}).Result()
	if err = ix.tolerate(ctx, watchKey, err); err != nil {
		return nil, fmt.Errorf("list the overdue readings: %w", err)
	}
	return longIDs(ids), nil
}

// messageFor is how long after a message a webhook about it may arrive: a provider may keep the message in its queue
// for 24 h, and may repeat a webhook for as long.
const messageFor = 7 * 24 * time.Hour

func messageKey(instance, messageID string) string {
	return prefix + "msg:" + digest(instance, messageID)
}

// fateFor is how long the fate of a message with an unknown id is kept. By then the worker that sent the message has
// recorded the id.
const fateFor = time.Hour

// keptFate is a group.Fate as it is stored: its key stands for the message id.
type keptFate struct {
	Status group.MemberStatus `json:"status"`
	Reason say.Kept           `json:"reason"`
}

func fateKey(instance, messageID string) string {
	return prefix + "fate:" + digest(instance, messageID)
}

// RememberMessage stores whose invitation a message is: the group's id and the person's place among its members.
// Webhooks about the message name only the message. It returns the fate that KeepFate stored before, or nil. Without a
// message id it does nothing.
func (pp *People) RememberMessage(ctx context.Context, instance, messageID, id string, person int) (*group.Fate, error) {
	if messageID == "" {
		return nil, nil //nolint:nilnil // no message, no fate
	}
	err := pp.rdb.Set(ctx, messageKey(instance, messageID), id+" "+strconv.Itoa(person), messageFor).Err()
	if err != nil {
		return nil, fmt.Errorf("remember a message: %w", err)
	}
	key := fateKey(instance, messageID)
	value, err := pp.rdb.Get(ctx, key).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil //nolint:nilnil // no fate is the rule
	}
	var f keptFate
	if err == nil {
		if err = json.Unmarshal(value, &f); err != nil {
			err = errForm
		}
	}
	if wrongType(err) || errors.Is(err, errForm) {
		return nil, pp.unreadable(ctx, KindFate, strings.TrimPrefix(key, prefix+"fate:"), err)
	}
	if err != nil {
		return nil, fmt.Errorf("find the fate of a message: %w", err)
	}
	return &group.Fate{MessageID: messageID, Status: f.Status, Reason: say.Phrase(f.Reason)}, nil
}

// KeepFate stores what became of a message that MessageOf does not know, for the worker that is sending it. Ask
// MessageOf once more afterwards: RememberMessage may have come in between. f.Reason must hold no phone number.
func (pp *People) KeepFate(ctx context.Context, instance string, f group.Fate) error {
	value, err := json.Marshal(keptFate{f.Status, say.Kept(f.Reason)})
	if err != nil {
		return err
	}
	if err := pp.rdb.Set(ctx, fateKey(instance, f.MessageID), value, fateFor).Err(); err != nil {
		return fmt.Errorf("keep the fate of a message: %w", err)
	}
	return nil
}

// MessageOf returns what RememberMessage stored for a message of an instance. It fails with ErrNotFound, or with
// ErrUnreadable.
func (pp *People) MessageOf(ctx context.Context, instance, messageID string) (id string, person int, err error) {
	value, err := pp.rdb.Get(ctx, messageKey(instance, messageID)).Result()
	if errors.Is(err, redis.Nil) {
		return "", 0, fmt.Errorf("message: %w", ErrNotFound)
	}
	if err == nil {
		id, person, err = messageOf(value)
	}
	if wrongType(err) || errors.Is(err, errForm) {
		key := messageKey(instance, messageID)
		return "", 0, pp.unreadable(ctx, KindMessage, strings.TrimPrefix(key, prefix+"msg:"), err)
	}
	if err != nil {
		return "", 0, fmt.Errorf("find a message: %w", err)
	}
	return id, person, nil
}

func messageOf(value string) (id string, person int, err error) {
	id, n, _ := strings.Cut(value, " ")
	person, err = strconv.Atoi(n)
	if err != nil || madeAt(id) == 0 {
		return "", 0, errForm
	}
	return id, person, nil
}
