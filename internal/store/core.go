package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// core is what the types of this package share: the connection, the installation's secrets, what this process
// remembers of the installation, and the unreadable things it has found.
type core struct {
	rdb       redis.UniversalClient
	hashers   atomic.Pointer[sync.Pool] // of keyed hashes; see person
	secret    atomic.Pointer[string]    // of the hashers, as Redis holds it; see current
	crypt     encryption
	retention time.Duration
	replicas  int
	elapsed   func(since time.Time) time.Duration
	observe   func(op string, took time.Duration)
	memory    memory
	noted     noted
	found     func(Unreadable)
}

// learnSecrets reads the installation's keys, or makes them.
func (c *core) learnSecrets(ctx context.Context) error {
	if err := c.crypt.open(ctx); err != nil {
		return err
	}
	secret, text, err := c.crypt.secret(ctx)
	if err != nil {
		return err
	}
	c.hashers.Store(hashers(secret))
	c.secret.Store(&text)
	return nil
}

// current learns the installation's keys again if Redis holds others: it was emptied, or it is another installation's. A
// worker finds that out by Attend. Without current, other processes would suppress people, and look for them, under
// hashes that no worker uses.
func (c *core) current(ctx context.Context) error {
	_, err := c.renewed(ctx)
	return err
}

// renewed does what current does, and reports whether Redis held other keys.
func (c *core) renewed(ctx context.Context) (bool, error) {
	text, err := c.rdb.Get(ctx, secretKey).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return false, fmt.Errorf("read the installation's secret: %w", err)
	}
	return c.learnOther(ctx, text)
}

// learnOther learns the installation's keys again if text, the secret that Redis holds, is not the one learnt before.
// It reports whether it did.
func (c *core) learnOther(ctx context.Context, text string) (bool, error) {
	if text == *c.secret.Load() {
		return false, nil
	}
	return true, c.learnSecrets(ctx)
}

// token identifies one write, so that go-redis may send it twice.
func token() string {
	b := make([]byte, 6)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return hex.EncodeToString(b)
}

func (c *core) timed(op string, begun time.Time) { c.observe(op, time.Since(begun)) }

// Now returns Redis' time: the one clock of all workers.
func (c *core) Now(ctx context.Context) (time.Time, error) {
	t, err := c.rdb.Time(ctx).Result()
	return t.UTC(), err
}
