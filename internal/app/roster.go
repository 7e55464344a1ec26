package app

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/dispatch"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/layers"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
)

// roster is the instances of a configuration. It stores equal terms of instances once, and builds what other packages
// need of an instance on demand. It is immutable.
type roster struct {
	rows      []row    // by name
	names     []string // of the rows
	digest    string   // of the names
	transport http.RoundTripper
}

// row is what one instance alone has.
type row struct {
	id      string // at the provider
	secrets []provider.Token
	*terms
}

// terms are what instances can have in common.
type terms struct {
	provider, baseURL string
	keys              []string // of the secrets, in their order
	pools             []string
	via               config.InviteVia
	create, invite    pacing.Pace
	timeouts          config.Timeouts
	limits            config.RateLimits
	announced         store.Announcement // without a name
}

// termsKey is equal for equal terms.
type termsKey struct {
	provider, baseURL, keys, pools string
	via                            config.InviteVia
	create, invite                 pacing.Pace
	timeouts                       config.Timeouts
	limits                         config.RateLimits
}

// rosterOf makes a roster of a configuration's instances. It makes the client of each once, so that a fault shows now.
func (a *App) rosterOf(cfg *config.Config) (*roster, error) {
	order := make([]int, len(cfg.Instances))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(x, y int) int { return strings.Compare(cfg.Instances[x].Name, cfg.Instances[y].Name) })
	r := &roster{rows: make([]row, len(order)), names: make([]string, len(order)), transport: wire.NewTransport()}
	known, tokens := map[termsKey]*terms{}, map[provider.Token]provider.Token{}
	own := newTexts(cfg.Instances)
	for at, i := range order {
		in := cfg.Instances[i]
		keys := slices.Sorted(maps.Keys(in.Credentials))
		create, invite := pacesOf(in.Pacing)
		key := termsKey{
			string(in.Provider), in.BaseURL, strings.Join(keys, " "), strings.Join(in.Pools, " "),
			in.InviteVia, create, invite, in.Timeouts, in.RateLimits,
		}
		t := known[key]
		if t == nil {
			t = &terms{
				string(in.Provider), in.BaseURL, keys, in.Pools, in.InviteVia, create, invite, in.Timeouts, in.RateLimits,
				announcementOf(&a.steps.Policy, in, create, invite),
			}
			known[key] = t
		}
		secrets := make([]provider.Token, len(keys))
		for n, key := range keys {
			token := provider.Token(in.Credentials[key].Reveal())
			same, ok := tokens[token] // the instances of an account share a token
			if !ok {
				same = provider.Token(own.copy(string(token)))
				tokens[same] = same
			}
			secrets[n] = same
		}
		r.names[at], r.rows[at] = own.copy(in.Name), row{own.copy(in.InstanceID), secrets, t}
		p, err := a.connect(r, at)
		if err != nil {
			return nil, fmt.Errorf("instance %s: %w", in.Name, err)
		}
		if t.announced.Setup == nil {
			t.announced.Setup, t.announced.Answers = setupsOf(p.Traits().Setup), p.Traits().Setup.Approve
		}
	}
	r.digest = digestOf(r.names)
	return r, nil
}

// texts copies texts into one string, so that the memory of the parsed configuration can be freed.
type texts struct{ all strings.Builder }

func newTexts(instances []config.Instance) *texts {
	size := 0
	for i := range instances {
		size += len(instances[i].Name) + len(instances[i].InstanceID)
		for _, secret := range instances[i].Credentials {
			size += len(secret.Reveal())
		}
	}
	t := &texts{}
	t.all.Grow(size)
	return t
}

// copy appends a text to the one string and returns that part of it.
func (t *texts) copy(text string) string {
	from := t.all.Len()
	t.all.WriteString(text)
	return t.all.String()[from:]
}

// find returns the index of an instance.
func (r *roster) find(name string) (at int, ok bool) { return slices.BinarySearch(r.names, name) }

// connect makes the client of an instance. Nothing is sent.
func (a *App) connect(r *roster, at int) (provider.Provider, error) {
	one := &r.rows[at]
	credentials := make(spec.Credentials, len(one.keys))
	for n, key := range one.keys {
		credentials[key] = one.secrets[n]
	}
	c := all.Config{
		Provider: one.provider, Name: r.names[at], BaseURL: one.baseURL, InstanceID: one.id,
		Credentials: credentials, Timeouts: layers.Timeouts(one.timeouts),
		Transport: r.transport, Observer: observer{a.metrics.Of(one.provider), a.opts.Tracing, one.provider},
	}
	if one.limits != config.LimitsOff {
		c.Limiter = a.pacer
	}
	return all.New(c)
}

// client returns the client of an instance, or nil if the roster lacks it.
func (a *App) client(r *roster, name string) provider.Provider {
	at, ok := r.find(name)
	if !ok {
		return nil
	}
	p, err := a.connect(r, at)
	if err != nil {
		return nil // does not happen: rosterOf has made this client before
	}
	return p
}

// paced returns the instances for the dispatcher.
func (r *roster) paced() []dispatch.Instance {
	paced := make([]dispatch.Instance, len(r.rows))
	for at, one := range r.rows {
		paced[at] = dispatch.Instance{Name: r.names[at], Pools: one.pools, Create: one.create, Invite: one.invite}
	}
	return paced
}

// working returns the instances for the steps.
func (a *App) working(r *roster) steps.Instances {
	return steps.Instances{
		Names: r.names,
		Serves: func(name, pool string) bool {
			at, ok := r.find(name)
			return ok && slices.Contains(r.rows[at].pools, pool)
		},
		Connect: func(name string) *steps.Instance {
			at, ok := r.find(name)
			if !ok {
				return nil
			}
			one := &r.rows[at]
			return &steps.Instance{
				Name: r.names[at], Provider: a.client(r, name), Via: provider.Via(one.via), Invite: one.invite,
				CreateBudget: one.timeouts.Create + slack, InviteBudget: one.timeouts.Invite + slack,
			}
		},
	}
}

// slack is how much longer than its timeout a call's budget is, for writing the intent and committing the outcome.
const slack = 5 * time.Second
