package enqueue

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/tasks"
)

// Options of a client. The zero value is usable.
type Options struct {
	// Retention is how long finished groups and their keys are kept. Give it the value of the workers' configuration.
	// Defaults to 90 days.
	Retention time.Duration
	// EncryptionKey is redis.encryption_key of the workers' configuration, where that is set.
	// Defaults to none; an encrypted installation cannot be opened without it.
	EncryptionKey string
	// Instances are the instances of the caller's own configuration, with their pools. Requests are
	// checked against them and against those that the workers announced. While no instance is known, every
	// name is accepted, and its groups wait. Defaults to none.
	Instances map[string][]string
	// RequireConsent refuses requests without a consent. Defaults to accepting them.
	RequireConsent bool
	// Regions are, by pool, the countries of numbers without a country code ("BR"), used when Rules have no
	// Region. Defaults to none.
	Regions map[string]string
	// PrivatePhotos accepts http:// photo addresses. Defaults to refusing them.
	PrivatePhotos bool
	// ReadOnly is for a client that only plans and reads: New writes nothing, not even into an empty Redis. Do not accept
	// groups with it: in an empty Redis its keys for hashes and sealed values exist only in its process. Defaults to a
	// client that writes.
	ReadOnly bool
	// Headers returns the headers of the tasks that a call enqueues, from the call's context: for a trace, its
	// W3C traceparent (an OpenTelemetry propagator injects it into a map). Defaults to none.
	Headers func(ctx context.Context) map[string]string
	// OnRedis is called once with the error when Redis stops answering a Watch, and once with nil when it
	// answers again. It must not block. Defaults to none.
	OnRedis func(error)
	// OnLate is called when a decision about a group is recorded, but its index entry or its tasks could not be
	// written. The call still succeeds, and the workers' sweeper writes what is missing. OnLate gets the group's id,
	// its instance and the error. It must not block. Defaults to none.
	OnLate func(id, instance string, err error)
}

// Client accepts groups and reports their state. It is safe for concurrent use and needs no Close. The Redis client
// stays the caller's: a Client does not change its options. Accepting many groups starts the Redis client's
// AutoPipeliner, whose goroutines end when the caller closes the Redis client.
type Client struct {
	store *store.Store
	queue *queue.Queue
	own   map[string][]string

	reader  *view.Reader
	control *operate.Control

	requireConsent bool
	regions        map[string]string
	privatePhotos  bool
	onRedis        func(error)

	mu     sync.Mutex
	places *places
}

// New makes a client. It fails if Redis cannot be reached.
func New(ctx context.Context, rdb redis.UniversalClient, o Options) (*Client, error) {
	st, err := store.Open(ctx, rdb, store.Options{Retention: o.Retention, EncryptionKey: o.EncryptionKey, ReadOnly: o.ReadOnly})
	if err != nil {
		return nil, err
	}
	if o.Headers == nil {
		o.Headers = func(context.Context) map[string]string { return nil }
	}
	if o.OnRedis == nil {
		o.OnRedis = func(error) {}
	}
	q, pacer := queue.New(rdb, st.Lines, queue.WithHeaders(o.Headers)), pacing.New(rdb, pacing.WithNumbers(st.Presence.Numbers))
	return &Client{
		store: st, queue: q, own: o.Instances, requireConsent: o.RequireConsent, regions: o.Regions, privatePhotos: o.PrivatePhotos, onRedis: o.OnRedis,
		reader:  view.New(st, pacer, q),
		control: operate.New(operate.Config{Store: st, Queue: q, Pacer: pacer, Late: o.OnLate}),
	}, nil
}

// Outcome is the result of one request. It is a stable code in documents.
type Outcome string

// The outcomes of a request.
const (
	Created Outcome = "created"
	Existed Outcome = "existed"
	Updated Outcome = "updated"
	Invalid Outcome = "invalid"
)

// Result is the outcome of one request with its details.
type Result struct {
	Row     int             `json:"row"`
	Line    int             `json:"line,omitempty" doc:"Where the row begins in a file, from 1."`
	Outcome Outcome         `json:"outcome"`
	ID      string          `json:"id,omitempty"`
	Error   *tasks.RowError `json:"error,omitempty"` // only when Invalid
	// Unusable are the entries of the row that cannot be used; the group may be created without them.
	Unusable []Unusable `json:"unusable,omitempty"`
	// Changes is how the row differs from its group, if the error is changed or conflict, or the outcome is Updated.
	// An update takes over only the new people and the names.
	Changes *Changes `json:"changes,omitempty"`
}

// Unusable is one entry of a request that cannot be used.
type Unusable struct {
	Input   string `json:"input" doc:"What was given, in clear."`
	Code    string `json:"code" doc:"Why: noRegion, bracketed, ambiguous, noArea, notHome, length, country, several, letters, exponent, fraction, group."`
	Message string `json:"message" doc:"What is wrong and what to do."`
	// Why is what Message says, as a code with parameters, for the programs of rollcall.
	Why fmt.Stringer `json:"-"`
}

// Rules are how requests are read.
type Rules struct {
	Region string // of numbers without a country code, "BR". Defaults to none
	Strict bool   // refuse a request with any bad phone, instead of using the good ones
	// Update adds the new people of a request to the group requested earlier under its name or key. Defaults to
	// refusing such a request (changed, conflict).
	Update bool
	// Pools are the only pools that requests may name. A single one is the default of requests without a target.
	// Defaults to every pool and instance.
	Pools []string
}

// Place sets the pool of a request without a target if Pools holds only one, and returns an error for a request
// outside of Pools.
func (r Rules) Place(to *tasks.GroupRequest) *tasks.RowError {
	switch {
	case len(r.Pools) == 0, to.Instance == "" && slices.Contains(r.Pools, to.Pool):
		return nil
	case to.Instance == "" && to.Pool == "" && len(r.Pools) == 1:
		to.Pool = r.Pools[0]
		return nil
	case to.Instance != "":
		return tasks.NewRowError(tasks.BadField, "instance", say.Phrase{Code: say.RowPoolsOnly, Place: strings.Join(r.Pools, ", ")})
	}
	return tasks.NewRowError(tasks.BadField, "pool", say.Phrase{Code: say.RowSomePools, Place: strings.Join(r.Pools, ", ")})
}

// Create accepts one group. With an IdempotencyKey, repeating the request is Existed, and a different
// request under the same key is Invalid with the code conflict.
//
// The error is a *tasks.RowError if the request is Invalid (also in Result.Error), or the error of Redis or ctx.
func (c *Client) Create(ctx context.Context, r tasks.GroupRequest, rules Rules) (Result, error) {
	all := make([]Result, 0, 1)
	in := Row{N: 1, Request: r}
	run := &run{c: c, rules: rules, each: func(r Result) error { all = append(all, r); return nil }}
	if err := run.accept(ctx, []checked{c.check(ctx, in, "", rules)}); err != nil {
		return Result{}, err
	}
	if all[0].Error != nil {
		return all[0], all[0].Error
	}
	return all[0], nil
}

// places are the known instances and pools.
type places struct {
	instances map[string]bool
	setups    map[string][]string // by instance: the setup steps that it supports, if its worker announced them
	pools     map[string]bool
	until     time.Time // when it must be read again
}

// The announced instances are cached for placesFor, or for placesShare times as long as the read took, whichever is
// longer: with very many instances a read takes long.
const (
	placesFor   = 5 * time.Second
	placesShare = 20
)

// known returns the known instances and pools, from a cache that is read again after placesFor or longer.
func (c *Client) known(ctx context.Context) (*places, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	begun := time.Now()
	if c.places != nil && begun.Before(c.places.until) {
		return c.places, nil
	}
	p := &places{instances: map[string]bool{}, setups: map[string][]string{}, pools: map[string]bool{}}
	add := func(name string, pools []string) {
		p.instances[name] = true
		for _, pool := range pools {
			p.pools[pool] = true
		}
	}
	if err := c.store.Presence.Announcements(ctx, func(a *store.Announcement) {
		add(a.Name, a.Pools)
		if a.Setup != nil {
			p.setups[a.Name] = a.Setup
		}
	}); err != nil {
		return nil, err
	}
	for name, pools := range c.own {
		add(name, pools)
	}
	read := time.Now()
	p.until = read.Add(max(placesFor, placesShare*read.Sub(begun)))
	c.places = p
	return p, nil
}

// target returns where a request goes, or the error of a request that cannot go there.
func (p *places) target(r tasks.GroupRequest) (tasks.Target, *tasks.RowError) {
	t := tasks.Target{Instance: r.Instance, Pool: r.Pool}
	if t == (tasks.Target{}) {
		t.Pool = tasks.DefaultPool
	}
	switch {
	case len(p.instances) == 0: // no worker has announced an instance yet: the group waits
	case t.Instance != "" && !p.instances[t.Instance]:
		return t, tasks.NewRowError(tasks.UnknownInstance, "instance", say.Phrase{Code: say.RowUnknownInstance, Text: strconv.Quote(t.Instance), Place: names(p.instances)})
	case t.Pool != "" && !p.pools[t.Pool]:
		return t, tasks.NewRowError(tasks.UnknownPool, "pool", say.Phrase{Code: say.RowUnknownPool, Text: strconv.Quote(t.Pool), Place: names(p.pools)})
	}
	return t, operate.Unsupported(r, p.setups[r.Instance])
}

// CheckTarget returns an error for an unknown instance or pool, before any row is read. Both may be "".
func (c *Client) CheckTarget(ctx context.Context, instance, pool string) (*tasks.RowError, error) {
	if instance == "" && pool == "" {
		return nil, nil
	}
	p, err := c.known(ctx)
	if err != nil {
		return nil, err
	}
	_, rowErr := p.target(tasks.GroupRequest{Instance: instance, Pool: pool})
	return rowErr, nil
}

// Waiting reports whether no worker has announced an instance, so that accepted groups wait for one.
func (c *Client) Waiting(ctx context.Context) (bool, error) {
	p, err := c.known(ctx)
	return err == nil && len(p.instances) == 0, err
}

func names(set map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), ", ")
}
