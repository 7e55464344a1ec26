package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/lane"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/shard"
	"github.com/rollcallhq/rollcall/internal/store"
)

// lanesEach is how many lanes an instance has: one creates, one reads and invites.
const lanesEach = 2

// part is which of its configured instances a worker runs. Without lanes_max it is all of them, as
// it is in every other worker that has them. With it, workers with the same instances divide them:
// each by itself, from the signs of life of all (package shard). Those are the leases: whoever shows
// none any more has nothing.
type part struct {
	among []shard.Worker  // who divide; nil where nothing is divided
	held  map[string]bool // nil is all
	// left is what nobody among them has room for, at the one of them that tells of it.
	left map[string]bool
	// elsewhere are the living workers that are not among them: what those announce holds.
	elsewhere map[string]bool
}

func (p part) has(instance string) bool { return p.held == nil || p.held[instance] }

// shareOf is what a worker with this configuration tells others.
func shareOf(cfg *config.Config) store.Share {
	names := make([]string, len(cfg.Instances))
	for i := range cfg.Instances {
		names[i] = cfg.Instances[i].Name
	}
	slices.Sort(names)
	sum := sha256.Sum256([]byte(strings.Join(names, "\n")))
	return store.Share{Of: hex.EncodeToString(sum[:8]), Most: cfg.LanesMax / lanesEach}
}

// sign is the worker's sign of life as it is to be now.
func (a *App) sign() store.Worker {
	self := a.self
	self.Lanes = a.lanes.Lanes()
	a.mu.Lock()
	defer a.mu.Unlock()
	self.Share = a.share
	self.Share.Leaving = a.leaving
	return self
}

// divide finds out which instances are this worker's now.
func (a *App) divide(ctx context.Context) (part, error) {
	a.mu.Lock()
	share, was, all := a.share, a.part, a.built.lanes
	a.mu.Unlock()
	if share.Most == 0 {
		return part{}, nil
	}
	workers, err := a.store.Presence.Workers(ctx)
	if err != nil {
		return part{}, err
	}
	p := part{among: []shard.Worker{{ID: a.self.ID, Most: share.Most}}, elsewhere: map[string]bool{}}
	for _, w := range workers {
		switch {
		case w.ID == a.self.ID, w.Share.Leaving:
		case w.Share.Of == share.Of && w.Share.Most > 0:
			p.among = append(p.among, shard.Worker{ID: w.ID, Most: w.Share.Most})
		default:
			p.elsewhere[w.ID] = true
		}
	}
	slices.SortFunc(p.among, func(x, y shard.Worker) int { return strings.Compare(x.ID, y.ID) })
	if slices.Equal(p.among, was.among) && a.dividedOf == share.Of {
		p.held, p.left = was.held, was.left
		return p, nil
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	taken, left := shard.Divide(names, p.among)
	p.held = set(taken[a.self.ID])
	if p.among[0].ID == a.self.ID {
		p.left = set(left)
	}
	return p, nil
}

// settle makes the worker run what is its own now: lanes begin, and those that are another's now
// end in the background, with their calls. anew is for a configuration that has changed. The caller
// holds turn.
//
// For some seconds two workers may run an instance, while they know different ones to be alive, or
// while calls of the one end that the other has taken over from. Neither the pace nor a group comes
// to harm: see package shard.
func (a *App) settle(ctx context.Context, anew bool) error {
	a.mu.Lock()
	was, b, leaving := a.part, a.built, a.leaving
	a.mu.Unlock()
	if leaving {
		return nil
	}
	p, err := a.divide(ctx)
	if err != nil {
		return err
	}
	moved := anew || !maps.Equal(was.held, p.held)
	if moved {
		lanes, providers := b.of(p)
		a.keeper.Set(providers)
		if err := a.keeper.Look(ctx); err != nil {
			return err
		}
		if err := a.lanes.Set(lanes); err != nil {
			return err
		}
		if p.among != nil {
			a.opts.Log.Info().Int("instances", len(lanes)).Int("of", len(b.lanes)).Int("workers", len(p.among)).
				Msg("the instances are divided among the workers that have room for them")
		}
	}
	a.mu.Lock()
	a.part, a.dividedOf = p, a.share.Of
	a.mu.Unlock()
	if moved || !maps.Equal(was.left, p.left) {
		return a.announce(ctx)
	}
	return nil
}

// of is what a worker with this part runs.
func (b built) of(p part) ([]lane.Instance, map[string]provider.Provider) {
	if p.held == nil {
		return b.lanes, b.providers
	}
	lanes, providers := make([]lane.Instance, 0, len(p.held)), make(map[string]provider.Provider, len(p.held))
	for _, i := range b.lanes {
		if p.held[i.Name] {
			lanes, providers[i.Name] = append(lanes, i), b.providers[i.Name]
		}
	}
	return lanes, providers
}

// gather lets the other workers divide anew at once.
func (a *App) gather(ctx context.Context) { a.told(a.queue.Gather(ctx)) }

// told notes that the others could not be told something, which they find with their next signs of
// life.
func (a *App) told(err error) {
	if err != nil {
		a.opts.Log.Debug().Err(err).Msg("the other workers are not told that this one comes or goes; they notice it by themselves")
	}
}

// leave lets others take over at once, while the calls under way here end. The worker shows signs of
// life until they have: the journal must not take them for a dead one's.
func (a *App) leave(ctx context.Context) error {
	a.turn.Lock()
	defer a.turn.Unlock()
	a.mu.Lock()
	a.leaving = true
	divides := a.share.Most > 0
	a.mu.Unlock()
	if !divides {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	a.told(a.store.Presence.Beat(ctx, a.sign()))
	a.gather(ctx)
	return nil
}

// mine says whether this worker is the one to tell of an instance.
func (a *App) mine(instance string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.part.has(instance) || a.part.left[instance]
}

// believed is how long what a worker of an older version announced holds, which does not say who it
// is.
const believed = time.Minute

// announceLeft tells of what nobody has room for, and how many of them nobody runs.
func (a *App) announceLeft(ctx context.Context, left []store.Announcement, p part, now time.Time) error {
	idle, err := a.store.Presence.AnnounceNoRoom(ctx, left, func(worker string, seen time.Time) bool {
		return p.elsewhere[worker] || worker == "" && now.Sub(seen) < believed
	})
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.idle) == 0 {
		a.idleSince = time.Now()
	}
	a.idle = idle
	return nil
}

// lament says loudly and once that instances have no worker, and that they have again. It waits a
// little: while workers start one after the other there is too little room for some seconds.
func (a *App) lament() {
	a.mu.Lock()
	idle, was := a.idle, a.lamented
	if len(idle) > 0 && time.Since(a.idleSince) < settled {
		idle = nil
	}
	a.lamented = len(idle) > 0
	a.mu.Unlock()
	switch {
	case len(idle) > 0 && !was:
		a.opts.Log.Error().Int("instances", len(idle)).Strs("first", idle[:min(len(idle), 5)]).
			Msg("no worker has room for these instances, so nothing happens there: raise lanes_max, or start another worker with the same configuration")
	case len(idle) == 0 && was:
		a.opts.Log.Info().Msg("there is a worker for every instance again, as far as this one knows")
	}
}

func set(names []string) map[string]bool {
	all := make(map[string]bool, len(names))
	for _, name := range names {
		all[name] = true
	}
	return all
}
