package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/sealed"
)

// ErrNotFound says that Redis does not hold what the caller named: a group, a batch, an upload, and so on.
var ErrNotFound = errors.New("not found")

// Store reads and writes everything in Redis, with a type for each family of keys. A package takes only the types that
// it needs. All are safe for concurrent use.
type Store struct {
	*core

	Records  *Records
	Index    *Index
	People   *People
	Presence *Presence
	Lines    *Lines
	Outbox   *Outbox
	Trail    *Trail
}

// Records are the groups, from the claim of a request on, and what only one group may have: a WhatsApp id and a reserved
// name. They change only by compare-and-set.
type Records struct {
	*core

	index  *Index
	people *People
}

// Index lists the groups by status, batch, instance, reference, name and person, counts them, and keeps the batches.
// Its lists and counts can be rebuilt from the records.
type Index struct {
	*core

	records   *Records
	followers followers
	persons   atomic.Int64 // about how many are indexed, for layerFor, which works with a stale number too
	// miscounted says that counters of faults and of waiting people are to be counted again.
	miscounted atomic.Bool
}

// People is what is known of persons, under keyed hashes: who is suppressed, who has WhatsApp, which addresses are one
// person's, and which messages and WhatsApp groups belong to whom.
type People struct {
	*core

	index *Index
}

// Presence is the workers and the jobs that they lead, and the instances with their numbers, health, pauses and paces.
type Presence struct{ *core }

// Outbox is the stream of events, the notices made from it, and their deliveries and receivers.
type Outbox struct{ *core }

// Trail is what people did and work with: the audit log, refusals, sessions, jobs, uploads and saved views.
type Trail struct{ *core }

// Options are the settings of a store.
type Options struct {
	// Retention is how long finished groups are kept. Defaults to 90 days.
	Retention time.Duration
	// Replicas is how many replicas must have an intent before its call is made; see Replicated.
	// Defaults to none.
	Replicas int
	// EncryptionKey holds the master keys for what is sealed in Redis, as sealed.Parse reads them.
	// Defaults to none: nothing is sealed.
	EncryptionKey string
	// Installation is the id of the installation that this Redis must hold, if the caller knows it.
	// Defaults to any.
	Installation string
	// ReadOnly makes no secret and no data key where Redis has none. What the caller then hashes and seals is lost with
	// its process. Defaults to making them.
	ReadOnly bool
	// Elapsed returns how much time has passed in this process since it read Redis' clock. Defaults to
	// time.Since; a test that sets Redis' clock returns 0.
	Elapsed func(since time.Time) time.Duration
	// Observe is called after each "load", "amend" and "commit" of a record, with how long it took.
	// Defaults to no call.
	Observe func(op string, took time.Duration)
	// Unreadable is called for a stored thing that cannot be read, once in the whole installation. Defaults
	// to no call; Unreadables lists the thing either way.
	Unreadable func(Unreadable)
}

// Open connects the store to Redis and reads, or makes, the installation's secret for hashing people. It fails if Redis
// cannot be reached, and with ErrKey if EncryptionKey is invalid or not the one that this installation needs.
func Open(ctx context.Context, rdb redis.UniversalClient, o Options) (*Store, error) {
	if o.Retention == 0 {
		o.Retention = 90 * 24 * time.Hour
	}
	if o.Observe == nil {
		o.Observe = func(string, time.Duration) {}
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
	c := &core{rdb: rdb, retention: o.Retention, replicas: o.Replicas, elapsed: o.Elapsed, observe: o.Observe, found: o.Unreadable, crypt: encryption{rdb: rdb, masters: masters, readOnly: o.ReadOnly}}
	c.memory.expect(o.Installation)
	if err := c.learnSecrets(ctx); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	_, err = c.each(ctx, nil, func(p redis.Pipeliner) error {
		people = countPeople(ctx, p)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	s := &Store{core: c, Records: &Records{core: c}, Index: &Index{core: c}, People: &People{core: c}, Presence: &Presence{c}, Lines: &Lines{c}, Outbox: &Outbox{c}, Trail: &Trail{c}}
	s.Records.index, s.Records.people = s.Index, s.People
	s.Index.records = s.Records
	s.People.index = s.Index
	s.Index.counted(people)
	return s, nil
}
