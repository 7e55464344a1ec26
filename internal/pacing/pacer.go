package pacing

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrClosed is returned by Take after Close.
var ErrClosed = errors.New("pacing: closed")

// abandonFor bounds the attempt to return a grant whose answer was not read.
const abandonFor = 500 * time.Millisecond

// Pacer grants slots. It is safe for concurrent use; a process needs one per Redis.
type Pacer struct {
	rdb     redis.UniversalClient
	scripts scripts
	prefix  string
	lease   time.Duration
	numbers Numbers
	damaged func(instance string, kind Kind)
	epoch   time.Time // local times are durations since it: monotonic

	mu       sync.Mutex
	offsets  map[string]offset // by hash tag
	known    map[string]place  // by instance
	closed   bool
	renewing sync.WaitGroup
}

// Option changes a Pacer from its defaults.
type Option func(*Pacer)

// WithPrefix sets what every key begins with. Defaults to "rollcall:".
func WithPrefix(prefix string) Option { return func(p *Pacer) { p.prefix = prefix } }

// WithLease sets the lease of a slot: how long a holder keeps it without a renewal. The holder renews it after three
// tenths of that time, and treats it as expired a tenth earlier than Redis does. Defaults to 10s.
func WithLease(lease time.Duration) Option { return func(p *Pacer) { p.lease = lease } }

// WithDamage sets a function that is called once for each stored pace that could not be read: the call before
// counts as just made, and the day's cap as used up. Called from several goroutines. Defaults to no function.
func WithDamage(heard func(instance string, kind Kind)) Option {
	return func(p *Pacer) { p.damaged = heard }
}

// New returns a Pacer on rdb, which the caller closes. It starts nothing.
func New(rdb redis.UniversalClient, options ...Option) *Pacer {
	p := &Pacer{
		rdb:     rdb,
		scripts: loadScripts(),
		damaged: func(string, Kind) {},
		prefix:  "rollcall:",
		lease:   10 * time.Second,
		epoch:   time.Now(),
		offsets: make(map[string]offset),
		known:   make(map[string]place),
	}
	for _, o := range options {
		o(p)
	}
	return p
}

// Close stops the renewal of slots and waits for renewals under way. Slots that are still open expire with their lease.
// Used and GiveBack still work.
func (p *Pacer) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.renewing.Wait()
}

// enter reports whether a renewal may begin. If so, the caller must call renewing.Done.
func (p *Pacer) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.renewing.Add(1)
	return true
}

// Grant is a slot that no worker has claimed yet. It can be passed to other processes: the first to claim it gets the
// slot. Grants are not renewed: an unclaimed one expires with its lease, as if it had never been granted.
type Grant struct {
	Number string // the key of the pace: the keyed hash of the number (Numbers)
	Token  string // proves the grant
}

// NewGrant returns a grant with a new token, for Take.
func (p *Pacer) NewGrant(ctx context.Context, instance string) (Grant, error) {
	place, err := p.placeOf(ctx, instance)
	return Grant{Number: place, Token: grantPrefix + rand.Text()}, err
}

// Take asks for the right to make one call of this kind on this instance. Over all workers at most one slot per number
// and kind is open. Take returns nil if a call may start now or within lead, and Denied otherwise. A denial reserves
// nothing. A repeated Take with a grant that is still valid succeeds again.
//
// After an error nothing is held for longer than a lease: Take gives back a grant whose answer was lost, and if Redis
// does not answer, the grant expires.
func (p *Pacer) Take(ctx context.Context, g Grant, instance string, kind Kind, pace Pace, lead time.Duration) (*Denied, error) {
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("pacing: take: %w", err)
	}
	pace = pace.sane()
	clock, err := p.clock(ctx, g.Number, kind, pace)
	if err != nil {
		return nil, fmt.Errorf("pacing: take: %w", err)
	}
	answer, _, err := p.run(ctx, tag(g.Number), p.scripts.take, []string{p.paceKey(g.Number, kind), p.restKey(g.Number), p.pauseKey(g.Number, instance)},
		append([]any{
			pace.Every.Microseconds(), number(pace.Jitter), pace.PerDay, max(lead, 0).Microseconds(), p.lease.Microseconds(),
			g.Token, number(mathrand.Float64()), string(kind), pace.Zone, pace.Quiet.From.Microseconds(), pace.Quiet.To.Microseconds(),
		}, clock...)...)
	switch {
	case err != nil:
	case len(answer) == 6:
		p.damaged(instance, kind)
	case len(answer) != 5:
		err = fmt.Errorf("script answered %d values", len(answer))
	}
	if err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonFor)
		defer cancel()
		_ = p.Return(ctx, g, kind)
		return nil, fmt.Errorf("pacing: take: %w", err)
	}
	at, errAt := micros(answer[2])
	wait, errWait := micros(answer[3])
	if err := errors.Join(errAt, errWait); err != nil {
		return nil, fmt.Errorf("pacing: take: %w", err)
	}
	if answer[0] == "grant" {
		return nil, nil //nolint:nilnil // granted
	}
	return &Denied{
		Wait:   time.Duration(wait) * time.Microsecond,
		Reason: Reason(answer[0]),
		Until:  wall(at),
		Said:   decoded(answer[4]),
	}, nil
}

// Return gives back an unclaimed grant; a claimed one stays its worker's.
func (p *Pacer) Return(ctx context.Context, g Grant, kind Kind) error {
	if _, _, err := p.run(ctx, tag(g.Number), p.scripts.hold, []string{p.paceKey(g.Number, kind)}, g.Token, 0, ""); err != nil {
		return fmt.Errorf("pacing: return a grant: %w", err)
	}
	return nil
}

// Claim turns a grant into the caller's slot. It returns ErrLost if the grant has expired or another process has claimed
// it. The pace must be the one of its Take: the end of the slot uses its margin and zone.
func (p *Pacer) Claim(ctx context.Context, g Grant, instance string, kind Kind, pace Pace) (*Slot, error) {
	owner := rand.Text()
	answer, before, err := p.run(ctx, tag(g.Number), p.scripts.hold, []string{p.paceKey(g.Number, kind)}, g.Token, p.lease.Microseconds(), owner)
	switch {
	case err != nil:
		return nil, fmt.Errorf("pacing: claim: %w", err)
	case len(answer) != 4:
		return nil, ErrLost
	}
	start, errStart := micros(answer[2])
	fence, errFence := micros(answer[3])
	if err := errors.Join(errStart, errFence); err != nil {
		return nil, fmt.Errorf("pacing: claim: %w", err)
	}
	return p.open(instance, g.Number, kind, pace.sane(), owner, fence, start, before), nil
}

// now returns the local monotonic time.
func (p *Pacer) now() time.Duration { return time.Since(p.epoch) }

// tag returns the hash tag of all keys of a place, which is a number or an instance.
func tag(place string) string { return "{pace:" + place + "}" }

func (p *Pacer) paceKey(place string, kind Kind) string {
	return p.prefix + tag(place) + ":" + string(kind)
}

func (p *Pacer) restKey(place string) string { return p.prefix + tag(place) + ":rest" }

// pauseKey returns the key of an instance's own pause, on the same server as the pace of its number.
func (p *Pacer) pauseKey(place, instance string) string {
	return p.prefix + tag(place) + ":pause:" + instance
}

// pausedAtKey returns the key of a hash with a field for each number at which the instance has been paused.
func (p *Pacer) pausedAtKey(instance string) string { return p.prefix + tag(instance) + ":pausedAt" }

// number writes a float so that Lua and Go read the same double from it.
func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
