package ledger

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

var (
	//go:embed load.lua
	loadSource string
	//go:embed save.lua
	saveSource string

	loadScript = redis.NewScript(loadSource)
	saveScript = redis.NewScript(saveSource)
)

// ErrNotFound says that there is no such group, batch or instance.
var ErrNotFound = errors.New("not found")

// Ledger reads and writes the records. It is safe for concurrent use and holds no state.
type Ledger struct {
	rdb       redis.UniversalClient
	secret    []byte
	retention time.Duration
}

// Options are what a ledger needs besides Redis.
type Options struct {
	// Retention is how long finished groups are kept. Defaults to 90 days.
	Retention time.Duration
}

// Open connects the ledger to Redis and reads, or makes, the installation's secret for hashing
// people. It fails when Redis cannot be reached.
func Open(ctx context.Context, rdb redis.UniversalClient, o Options) (*Ledger, error) {
	if o.Retention == 0 {
		o.Retention = 90 * 24 * time.Hour
	}
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return nil, fmt.Errorf("draw a secret: %w", err)
	}
	const key = prefix + "secret"
	if err := rdb.SetNX(ctx, key, hex.EncodeToString(fresh), 0).Err(); err != nil {
		return nil, fmt.Errorf("open the ledger: %w", err)
	}
	text, err := rdb.Get(ctx, key).Result()
	if err != nil {
		return nil, fmt.Errorf("open the ledger: %w", err)
	}
	secret, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("open the ledger: the key %s is not ours: %w", key, err)
	}
	return &Ledger{rdb: rdb, secret: secret, retention: o.Retention}, nil
}

// Load reads one group. It fails with ErrNotFound.
func (l *Ledger) Load(ctx context.Context, id string) (*group.Group, error) {
	g, _, err := l.LoadNow(ctx, id)
	return g, err
}

// LoadNow reads one group and Redis' own time, in one step.
func (l *Ledger) LoadNow(ctx context.Context, id string) (*group.Group, time.Time, error) {
	res, err := loadScript.Run(ctx, l.rdb, []string{recordKey(id)}).Slice()
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("load %s: %w", id, err)
	}
	micros, _ := res[0].(int64)
	now := time.UnixMicro(micros).UTC()
	value, ok := res[1].(string)
	if !ok {
		return nil, now, fmt.Errorf("group %s: %w", id, ErrNotFound)
	}
	g, err := decode(id, value)
	return g, now, err
}

// Update changes one group: load, change, write back if nobody was quicker, otherwise again. The
// change is given Redis' time and may run several times, each time on a fresh copy; what it returns
// besides nil leaves the record as it was. Update returns the group as it stands in Redis.
func (l *Ledger) Update(ctx context.Context, id string, change func(g *group.Group, now time.Time) error) (*group.Group, error) {
	for {
		g, now, err := l.LoadNow(ctx, id)
		if err != nil {
			return nil, err
		}
		if err := change(g, now); err != nil {
			return g, err
		}
		written, err := l.save(ctx, g)
		if err != nil {
			return nil, err
		}
		if written {
			return g, l.project(ctx, g)
		}
	}
}

// commitFor is how long a known outcome is tried to be written.
const commitFor = 5 * time.Minute

// Commit is Update for a fact that is already true outside: it outlives its caller's context, and
// a Redis that blinks is asked again for minutes.
func (l *Ledger) Commit(ctx context.Context, id string, change func(g *group.Group, now time.Time) error) (*group.Group, error) {
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), commitFor, errors.New("redis did not take the outcome in time"))
	defer cancel()
	policy := backoff.NewExponentialBackOff(backoff.WithInitialInterval(50*time.Millisecond),
		backoff.WithMaxInterval(5*time.Second), backoff.WithMaxElapsedTime(commitFor))
	return backoff.RetryWithData(func() (*group.Group, error) {
		// Each try is bounded, or one hanging connection would eat the whole time.
		try, cancel := context.WithTimeout(ctx, 15*time.Second)
		defer cancel()
		var refused error
		g, err := l.Update(try, id, func(g *group.Group, now time.Time) error {
			refused = change(g, now)
			return refused
		})
		if refused != nil || errors.Is(err, ErrNotFound) {
			return g, backoff.Permanent(err)
		}
		return g, err
	}, backoff.WithContext(policy, ctx))
}

// save writes g if its revision is still the one that was loaded, and reports whether it did.
func (l *Ledger) save(ctx context.Context, g *group.Group) (bool, error) {
	expected := g.Rev
	g.Rev++
	value, err := encode(g, token())
	if err != nil {
		return false, err
	}
	written, err := saveScript.Run(ctx, l.rdb, []string{recordKey(g.ID)}, expected, value).Int()
	if err != nil {
		return false, fmt.Errorf("save %s: %w", g.ID, err)
	}
	return written == 1, nil
}

// token tells this write from any other, so that go-redis may send it twice.
func token() string {
	b := make([]byte, 6)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return hex.EncodeToString(b)
}

// Now is Redis' time: the one clock of all workers.
func (l *Ledger) Now(ctx context.Context) (time.Time, error) {
	t, err := l.rdb.Time(ctx).Result()
	return t.UTC(), err
}
