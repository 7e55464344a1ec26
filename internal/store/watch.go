package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
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

// messageFor is how long a webhook about a message may come: a provider may keep the message in its queue for 24 h, and
// may repeat a webhook for as long.
const messageFor = 7 * 24 * time.Hour

func messageKey(instance, messageID string) string {
	return prefix + "msg:" + digest(instance, messageID)
}

// RememberMessage stores whose invitation a message is: the group's id and the person's place among its members.
// Webhooks about the message name only the message. Without a message id it does nothing.
func (pp *People) RememberMessage(ctx context.Context, instance, messageID, id string, person int) error {
	if messageID == "" {
		return nil
	}
	err := pp.rdb.Set(ctx, messageKey(instance, messageID), id+" "+strconv.Itoa(person), messageFor).Err()
	if err != nil {
		return fmt.Errorf("remember a message: %w", err)
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
