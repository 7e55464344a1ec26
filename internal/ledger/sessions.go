package ledger

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Session is somebody who has logged in to the page.
type Session struct {
	Key   string    `json:"key"`   // the name of the key
	Print string    `json:"print"` // of the key itself: a session ends with its key
	At    time.Time `json:"at"`
}

// sessionKey is where a session is: under a hash, so that who can read Redis cannot log in by it.
func (l *Ledger) sessionKey(token string) string {
	return prefix + "session:" + hex.EncodeToString(l.person("session\x00" + token)[:16])
}

// PutSession begins a session and returns the token that proves it.
func (l *Ledger) PutSession(ctx context.Context, s Session, ttl time.Duration) (token string, err error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails since Go 1.24
	token = hex.EncodeToString(secret)
	data, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	if err := l.rdb.Set(ctx, l.sessionKey(token), data, ttl).Err(); err != nil {
		return "", fmt.Errorf("begin a session: %w", err)
	}
	return token, nil
}

// Session finds a session by its token. It fails with ErrNotFound.
func (l *Ledger) Session(ctx context.Context, token string) (Session, error) {
	var s Session
	data, err := l.rdb.Get(ctx, l.sessionKey(token)).Bytes()
	if errors.Is(err, redis.Nil) {
		return s, fmt.Errorf("session: %w", ErrNotFound)
	}
	if err != nil {
		return s, fmt.Errorf("read a session: %w", err)
	}
	return s, json.Unmarshal(data, &s)
}

// EndSession ends a session. One that is none is ended already.
func (l *Ledger) EndSession(ctx context.Context, token string) error {
	if err := l.rdb.Del(ctx, l.sessionKey(token)).Err(); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}
