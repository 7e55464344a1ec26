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

// ErrNotFound says that there is no such group, batch or instance.
var ErrNotFound = errors.New("not found")

// Store is everything in Redis, by families of keys. A room takes the families that it needs. All are
// safe for concurrent use.
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

// Records are the groups, from the claim of a request to its end, and what belongs to one group alone: its
// WhatsApp id and its reserved name. They change only by compare-and-set.
type Records struct {
	*core

	index  *Index
	people *People
}

// Index lists the groups by status, batch, instance, reference, name and person, counts them, and keeps
// the batches. All of it can be made of the records again.
type Index struct {
	*core

	records   *Records
	followers followers
	persons   atomic.Int64 // about as many as are indexed: for layerFor, where a stale one does no harm
}

// People is what is known of persons, under keyed hashes: who is to be let alone, who has WhatsApp, under
// which addresses one person is met, and which message and WhatsApp group belongs to whom.
type People struct {
	*core

	index *Index
}

// Presence is who is there: workers and what they lead, instances, their numbers, health, pauses and paces.
type Presence struct{ *core }

// Outbox is what is told: the stream of events, the notices made of it, their deliveries and receivers.
type Outbox struct{ *core }

// Trail is what people did and may do: the audit, refusals, sessions, jobs, uploads, saved views.
type Trail struct{ *core }

// Options are what a store needs besides Redis.
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
	// no report.
	Observe func(op string, took time.Duration)
	// Unreadable is told of a stored thing that cannot be read, once in the whole installation. Defaults
	// to no report: it is on the list of Unreadables.
	Unreadable func(Unreadable)
}

// Open connects the store to Redis and reads, or makes, the installation's secret for hashing
// people. It fails when Redis cannot be reached.
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
	c := &core{rdb: rdb, retention: o.Retention, replicas: o.Replicas, elapsed: o.Elapsed, observe: o.Observe, found: o.Unreadable, crypt: encryption{rdb: rdb, masters: masters}}
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
