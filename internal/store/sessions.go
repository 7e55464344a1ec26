package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// sessionsKey holds the ids of all sessions, by the time at which they expire, in s.
const sessionsKey = prefix + "sessions"

// Session is a login to the page.
type Session struct {
	ID    string    `json:"-"`     // not the token: no client can log in with it
	Key   string    `json:"key"`   // the name of the API key
	Print string    `json:"print"` // a fingerprint of the API key: a session ends with its key
	From  string    `json:"from"`  // the address that logged in
	Agent string    `json:"agent"` // the browser's User-Agent, shortened
	At    time.Time `json:"at"`
}

// sessionID returns the id of the session that a token proves. It is a keyed hash, so a person who can read Redis
// still cannot log in.
func (tr *Trail) sessionID(token string) string {
	return hex.EncodeToString(tr.person("session\x00" + token)[:16])
}

func sessionKey(id string) string { return prefix + "session:" + id }

// PutSession begins a session that expires after ttl, and returns the token that proves it.
func (tr *Trail) PutSession(ctx context.Context, s Session, ttl time.Duration) (token string, err error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails since Go 1.24
	token = hex.EncodeToString(secret)
	data, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	now, err := tr.Now(ctx)
	if err == nil {
		err = tr.current(ctx)
	}
	if err != nil {
		return "", err
	}
	id := tr.sessionID(token)
	if _, err := tr.each(ctx, nil, func(p redis.Pipeliner) error {
		p.Set(ctx, sessionKey(id), data, ttl)
		p.ZAdd(ctx, sessionsKey, redis.Z{Score: float64(now.Add(ttl).Unix()), Member: id})
		p.ZRemRangeByScore(ctx, sessionsKey, "-inf", strconv.FormatInt(now.Unix()-1, 10))
		return nil
	}); err != nil {
		return "", fmt.Errorf("begin a session: %w", err)
	}
	return token, tr.endOldest(ctx, s.Key)
}

const (
	maxSessions = 1000 // sessions that are listed
	// MaxKeySessions is how many sessions a key has at most. One more ends the oldest.
	MaxKeySessions = 100
)

// endOldest ends the oldest sessions of a key that has more than MaxKeySessions.
func (tr *Trail) endOldest(ctx context.Context, key string) error {
	n, err := tr.rdb.ZCard(ctx, sessionsKey).Result()
	if err = tr.tolerate(ctx, sessionsKey, err); err != nil || n <= MaxKeySessions {
		return err
	}
	all, err := tr.Sessions(ctx)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(s Session) bool { return s.Key != key })
	for _, s := range all[min(len(all), MaxKeySessions):] {
		if err := tr.EndSession(ctx, s.ID); err != nil {
			return err
		}
	}
	return nil
}

// Sessions lists the sessions that have not expired, the last to expire first.
func (tr *Trail) Sessions(ctx context.Context) ([]Session, error) {
	ids, err := tr.rdb.ZRevRange(ctx, sessionsKey, 0, maxSessions-1).Result()
	if err = tr.tolerate(ctx, sessionsKey, err); err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	values := make([]*redis.StringCmd, len(ids))
	if _, err := tr.each(ctx, nil, func(p redis.Pipeliner) error { // one by one: they are in many slots
		for i, id := range ids {
			values[i] = p.Get(ctx, sessionKey(id))
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read the sessions: %w", err)
	}
	var all []Session
	for i, id := range ids {
		s := Session{ID: id}
		data, err := values[i].Bytes()
		if errors.Is(err, redis.Nil) {
			continue // it has expired
		}
		if err == nil {
			err = json.Unmarshal(data, &s)
		}
		if err != nil { // no client is logged in by it
			_ = tr.unreadable(ctx, KindSession, id, err)
			continue
		}
		all = append(all, s)
	}
	return all, nil
}

// Session returns the session that a token proves. It fails with ErrNotFound if there is none, or if it cannot be read.
func (tr *Trail) Session(ctx context.Context, token string) (Session, error) {
	s := Session{ID: tr.sessionID(token)}
	data, err := tr.rdb.Get(ctx, sessionKey(s.ID)).Bytes()
	if errors.Is(err, redis.Nil) {
		if renewed, err := tr.renewed(ctx); err != nil || !renewed {
			return s, cmp.Or(err, fmt.Errorf("session: %w", ErrNotFound))
		}
		s.ID = tr.sessionID(token)
		data, err = tr.rdb.Get(ctx, sessionKey(s.ID)).Bytes()
	}
	if errors.Is(err, redis.Nil) {
		return s, fmt.Errorf("session: %w", ErrNotFound)
	}
	if err != nil && !wrongType(err) {
		return s, fmt.Errorf("read a session: %w", err)
	}
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err != nil {
		_ = tr.unreadable(ctx, KindSession, s.ID, err)
		return Session{}, fmt.Errorf("session: %w", ErrNotFound) // its owner logs in again
	}
	return s, nil
}

// EndSession ends a session by its id. It does nothing if there is no such session.
func (tr *Trail) EndSession(ctx context.Context, id string) error {
	if _, err := tr.each(ctx, nil, func(p redis.Pipeliner) error {
		p.Del(ctx, sessionKey(id))
		p.ZRem(ctx, sessionsKey, id)
		return nil
	}); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}
