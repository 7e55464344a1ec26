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
	// Retention is how long finished groups are kept; keys are remembered for twice that.
	// Defaults to 90 days.
	Retention time.Duration
	// EncryptionKey is redis.encryption_key of the workers' configuration, where that is set.
	// Defaults to none; an encrypted installation cannot be opened without it.
	EncryptionKey string
	// Instances are those of the caller's own configuration, with their pools. Requests are
	// checked against them and against what the workers announced; while no instance is known, every
	// name is accepted and waits. Defaults to none.
	Instances map[string][]string
	// RequireConsent refuses requests that do not say whose permission they have. Defaults to
	// taking them.
	RequireConsent bool
	// Regions are the countries of numbers without a country code by pool, "BR", for requests whose Rules name
	// no Region. Defaults to none.
	Regions map[string]string
	// PrivatePhotos takes photos whose addresses begin with http://. Defaults to refusing them.
	PrivatePhotos bool
	// Headers are carried by the tasks of what is put in, by the context of the call: for a trace, its
	// W3C traceparent (an OpenTelemetry propagator injects it into a map). Defaults to none.
	Headers func(ctx context.Context) map[string]string
	// OnRedis is told once when Redis stops answering a Watch, with the error, and once with nil when
	// it answers again. It must return at once. Defaults to no report.
	OnRedis func(error)
}

// Client accepts groups and tells what became of them. It is safe for concurrent use. The Redis
// client stays its maker's: a Client changes none of its options, starts no goroutine that outlives
// a call, and has nothing to be closed.
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

// New makes a client. It fails when Redis cannot be reached.
func New(ctx context.Context, rdb redis.UniversalClient, o Options) (*Client, error) {
	st, err := store.Open(ctx, rdb, store.Options{Retention: o.Retention, EncryptionKey: o.EncryptionKey})
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
		control: operate.New(operate.Config{Store: st, Queue: q, Pacer: pacer}),
	}, nil
}

// Outcome is what became of one request; documents use these words.
type Outcome string

// The outcomes of a request.
const (
	Created Outcome = "created"
	Existed Outcome = "existed"
	Updated Outcome = "updated"
	Invalid Outcome = "invalid"
)

// Result is what became of one request.
type Result struct {
	Row     int             `json:"row"`
	Line    int             `json:"line,omitempty" doc:"Where the row begins in a file, from 1."`
	Outcome Outcome         `json:"outcome"`
	ID      string          `json:"id,omitempty"`
	Error   *tasks.RowError `json:"error,omitempty"` // only when Invalid
	// Unusable are the people of the row who could not be used; the row may be created without them.
	Unusable []Unusable `json:"unusable,omitempty"`
	// Changes is how the row differs from its group, where the error is changed or conflict, and where it
	// was Updated: then the new people and their names are taken over, and the rest is not.
	Changes *Changes `json:"changes,omitempty"`
}

// Unusable is one requested person who could not be used.
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
	Strict bool   // refuse a request with any bad phone, instead of taking the good ones
	// Update adds the new people of a request to the group that was asked for before under its name
	// or key. Defaults to refusing such a request (changed, conflict).
	Update bool
	// Pools are those that a group may be asked of. One that names none is asked of the only one. Defaults to
	// every pool and instance.
	Pools []string
}

// Place puts a request into the only one of the pools, if it names none, and says what is wrong with one that
// is asked of anything else.
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

// Create accepts one group. With an IdempotencyKey, asking again is the same request (Existed), and
// asking for something else under the key is Invalid with the code conflict.
//
// The error is a *tasks.RowError if the request is Invalid (it is in Result.Error too), or what Redis or ctx
// said.
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

// places are the instances and pools that requests may name.
type places struct {
	instances map[string]bool
	setups    map[string][]string // what each can set up, where its worker told it
	pools     map[string]bool
	until     time.Time // it is used until then
}

// placesFor is how long a reading of the announced instances is used, and placesShare how many times as long as it
// took, where that is longer: a hundred thousand instances take a second.
const (
	placesFor   = 5 * time.Second
	placesShare = 20
)

// known reads which instances and pools there are. It may be a few seconds old.
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

// target settles where a request goes.
func (p *places) target(r tasks.GroupRequest) (tasks.Target, *tasks.RowError) {
	t := tasks.Target{Instance: r.Instance, Pool: r.Pool}
	if t == (tasks.Target{}) {
		t.Pool = tasks.DefaultPool
	}
	switch {
	case len(p.instances) == 0: // no worker has announced anything yet: it waits
	case t.Instance != "" && !p.instances[t.Instance]:
		return t, tasks.NewRowError(tasks.UnknownInstance, "instance", say.Phrase{Code: say.RowUnknownInstance, Text: strconv.Quote(t.Instance), Place: names(p.instances)})
	case t.Pool != "" && !p.pools[t.Pool]:
		return t, tasks.NewRowError(tasks.UnknownPool, "pool", say.Phrase{Code: say.RowUnknownPool, Text: strconv.Quote(t.Pool), Place: names(p.pools)})
	}
	return t, operate.Unsupported(r, p.setups[r.Instance])
}

// CheckTarget says whether an instance or a pool is known, before any row is read. Both may be "".
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

// Waiting says that no worker has announced an instance, so accepted groups wait for one.
func (c *Client) Waiting(ctx context.Context) (bool, error) {
	p, err := c.known(ctx)
	return err == nil && len(p.instances) == 0, err
}

func names(set map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), ", ")
}
