package ledger

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

	"github.com/rollcallhq/rollcall/internal/sealed"
)

// ErrNotFound says that there is no such group, batch or instance.
var ErrNotFound = errors.New("not found")

// Ledger reads and writes the records. It is safe for concurrent use.
type Ledger struct {
	rdb       redis.UniversalClient
	hashers   atomic.Pointer[sync.Pool] // of keyed hashes; see person
	crypt     encryption
	retention time.Duration
	replicas  int
	elapsed   func(since time.Time) time.Duration
	people    atomic.Int64 // about as many as the index has: for layerFor, where a stale one does no harm
	observe   func(op string, took time.Duration)
	projector *projector
	memory    memory
	noted     noted
	found     func(Unreadable)
}

// Options are what a ledger needs besides Redis.
type Options struct {
	// Retention is how long finished groups are kept. Defaults to 90 days.
	Retention time.Duration
	// Replicas is how many replicas must have an intent before its call is made; see Replicated.
	// Defaults to none.
	Replicas int
	// EncryptionKey holds the master keys for what is sealed in Redis, as sealed.Parse reads them.
	// Defaults to none: nothing is sealed.
	EncryptionKey string
	// Installation is the id of the installation that this Redis must hold, as far as the caller knows
	// it. Defaults to whichever it holds.
	Installation string
	// Elapsed measures what passes here after Redis' clock was read. Defaults to time.Since; a test
	// whose Redis has a clock of its own making says that nothing passes.
	Elapsed func(since time.Time) time.Duration
	// Observe is told how long reading and writing a record took: load, amend, commit. Defaults to
	// telling nobody.
	Observe func(op string, took time.Duration)
	// Unindexed is told when Redis did not take moves of groups into the index, although it was asked
	// for minutes. Defaults to telling nobody: whoever waits for a move gets the error too.
	Unindexed func(err error)
	// Unreadable is told of a stored thing that cannot be read, once in the whole installation. Defaults
	// to no report: it is on the list of Unreadables.
	Unreadable func(Unreadable)
}

// Open connects the ledger to Redis and reads, or makes, the installation's secret for hashing
// people. It fails when Redis cannot be reached.
func Open(ctx context.Context, rdb redis.UniversalClient, o Options) (*Ledger, error) {
	if o.Retention == 0 {
		o.Retention = 90 * 24 * time.Hour
	}
	if o.Observe == nil {
		o.Observe = func(string, time.Duration) {}
	}
	if o.Unindexed == nil {
		o.Unindexed = func(error) {}
	}
	if o.Unreadable == nil {
		o.Unreadable = func(Unreadable) {}
	}
	if o.Elapsed == nil {
		o.Elapsed = time.Since
	}
	var people *redis.SliceCmd
	masters, err := sealed.Parse(o.EncryptionKey)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	l := &Ledger{rdb: rdb, retention: o.Retention, replicas: o.Replicas, elapsed: o.Elapsed, observe: o.Observe, found: o.Unreadable, crypt: encryption{rdb: rdb, masters: masters}}
	l.projector = newProjector(l, o.Unindexed)
	l.memory.expect(o.Installation)
	if err := l.learnSecrets(ctx); err != nil {
		return nil, fmt.Errorf("open the ledger: %w", err)
	}
	_, err = l.each(ctx, nil, func(p redis.Pipeliner) error {
		people = countPeople(ctx, p)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open the ledger: %w", err)
	}
	l.counted(people)
	return l, nil
}

// learnSecrets reads the installation's keys, or makes them.
func (l *Ledger) learnSecrets(ctx context.Context) error {
	if err := l.crypt.open(ctx); err != nil {
		return err
	}
	secret, err := l.crypt.secret(ctx)
	if err != nil {
		return err
	}
	l.hashers.Store(hashers(secret))
	return nil
}

// token tells this write from any other, so that go-redis may send it twice.
func token() string {
	b := make([]byte, 6)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return hex.EncodeToString(b)
}

func (l *Ledger) timed(op string, begun time.Time) { l.observe(op, time.Since(begun)) }

// Now is Redis' time: the one clock of all workers.
func (l *Ledger) Now(ctx context.Context) (time.Time, error) {
	t, err := l.rdb.Time(ctx).Result()
	return t.UTC(), err
}
