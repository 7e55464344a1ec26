package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Facts about the instances, each a hash by instance name. None is a secret.
const (
	announcedKey = prefix + "instances"
	healthKey    = prefix + "health"
	pausedKey    = prefix + "paused"
	paceKey      = prefix + "pace"
	doubtedKey   = prefix + "doubted" // when a call or a webhook last hinted that the state has changed
	takesKey     = prefix + "takes"   // by instance and kind: how long a call keeps its instance, in µs
)

// Announcement is what a worker announces of an instance that it runs.
type Announcement struct {
	Name     string      `json:"name"`
	Provider string      `json:"provider"`
	Pools    []string    `json:"pools"`
	Create   pacing.Pace `json:"create"`
	Invite   pacing.Pace `json:"invite"`
	// SeenAt is when it was announced. When it is read, a later heartbeat of the worker takes its place.
	SeenAt time.Time `json:"seenAt"`
	// By is the worker that announced it.
	By string `json:"by,omitempty"`
	// RollLook is when a new group is read for the last time, counted from its create; invitations begin
	// only then.
	RollLook time.Duration `json:"rollLook,omitzero"`
	// Quiet are the hours without invitations, and QuietZone the zone whose clock counts: "" means the zone of each
	// person.
	Quiet     pacing.Quiet `json:"quiet,omitzero"`
	QuietZone string       `json:"quietZone,omitempty"`
	// Setup names what its provider can set up, by the fields of a request; nil if its worker did not announce it.
	Setup []string `json:"setup,omitzero"`
	// Answers says that its provider can answer requests to join.
	Answers bool `json:"answers,omitempty"`
	// Takes is how long a call of a kind keeps the instance from the next one, as a worker measured it; 0
	// before the first measurement. The latest announcement counts; a worker without a measurement writes none.
	Takes map[pacing.Kind]time.Duration `json:"-"`
	// Allowed is how many calls of a kind its pace in force allows a day, for History; 0 means no limit.
	Allowed map[pacing.Kind]int `json:"-"`
}

// HealthReport is the latest reading of an instance's state, by any worker.
type HealthReport struct {
	Health    provider.Health `json:"health"`
	Reason    say.Kept        `json:"reason,omitzero"`
	Until     time.Time       `json:"until,omitzero"`
	Since     time.Time       `json:"since"` // in this state since
	CheckedAt time.Time       `json:"checkedAt"`
	LastError say.Kept        `json:"lastError,omitzero"` // redacted
	ErrorAt   time.Time       `json:"errorAt,omitzero"`
}

// Pause is a person's stop of an instance.
type Pause struct {
	Reason string    `json:"reason"` // in the person's words
	At     time.Time `json:"at"`
	Until  time.Time `json:"until,omitzero"` // zero: until a person ends it
	// Unread says why the pause or the pace cannot be read. The instance then counts as paused.
	Unread say.Phrase `json:"-"`
}

// Forgotten reports whether a person should look at the pause again: it has no end and is a day old.
func (p *Pause) Forgotten(now time.Time) bool {
	return p.Until.IsZero() && p.Unread.Zero() && !p.At.IsZero() && now.Sub(p.At) >= forgottenAfter
}

// forgottenAfter is how old a pause without an end is when people are told of it.
const forgottenAfter = 24 * time.Hour

// over reports whether until has come. Zero means no end.
func over(until, now time.Time) bool { return !until.IsZero() && !now.Before(until) }

// Said returns why the instance is paused.
func (p *Pause) Said() say.Phrase {
	if !p.Unread.Zero() {
		return p.Unread
	}
	return say.Words(p.Reason)
}

// Instance is all the store knows of one instance.
type Instance struct {
	Announcement
	HealthReport
	Pause     *Pause
	Slowing   *Slowing
	DoubtedAt time.Time // a reading from before it no longer counts
	Number    string    // what stands for its number; "" before one was reported, and while it is doubted
	At        time.Time // of the reading, on Redis' clock
}

// Pace returns the pace of one kind of call that is in force: the configured one, or a slower one.
func (i *Instance) Pace(kind pacing.Kind) pacing.Pace {
	if kind == pacing.Invite {
		return i.Invite.Within(i.Slowing.Of(kind, i.At))
	}
	return i.Create.Within(i.Slowing.Of(kind, i.At))
}

// State returns the instance's state as its document names it, why, and until when. A person's pause comes first.
func (i *Instance) State() (provider.Health, say.Phrase, time.Time) {
	if i.Pause != nil {
		return provider.Paused, i.Pause.Said(), i.Pause.Until
	}
	if i.Health == "" {
		return provider.UnknownState, say.Phrase{Code: say.NotReadYet}, time.Time{}
	}
	return i.Health, say.Phrase(i.Reason), i.Until
}

// Open reports whether the state of the instance allows calls now. An unknown state does: a provider
// whose state cannot be read may still work, and the calls will show it.
func (i *Instance) Open() bool { return i.Pause == nil && i.Working() }

// Working reports whether the instance would be Open without a person's pause.
func (i *Instance) Working() bool { return Working(i.Health) }

// Working reports whether an instance in this state may be used.
func Working(is provider.Health) bool {
	return is == "" || is == provider.Ready || is == provider.UnknownState
}

// Instances reads all announced instances, by name.
func (pr *Presence) Instances(ctx context.Context) (map[string]*Instance, error) {
	var clock *redis.TimeCmd
	var beats *redis.ZSliceCmd
	hashes, err := pr.hashes(ctx, func(p redis.Pipeliner) {
		clock, beats = p.Time(ctx), p.ZRangeWithScores(ctx, workersKey, 0, -1)
	}, announcedKey, healthKey, pausedKey, paceKey, doubtedKey, numbersKey, takesKey)
	if err != nil {
		return nil, fmt.Errorf("read the instances: %w", err)
	}
	announced, health, paused, paces, doubted, numbers, takes := hashes[0], hashes[1], hashes[2], hashes[3], hashes[4], hashes[5], hashes[6]
	for key, cmd := range map[string]redis.Cmder{announcedKey: announced.first, healthKey: health.first, doubtedKey: doubted.first, numbersKey: numbers.first, takesKey: takes.first} {
		pr.hashRead(ctx, key, cmd)
	}
	held, seen := pr.holding(ctx, paused.first, paces.first), seenBy(beats)
	instances := make(map[string]*Instance, len(announced.values))
	for name, data := range announced.values {
		i := &Instance{}
		pr.announced(ctx, i, name, data, seen, func(field string) string { return takes.values[field] })
		i.At = clock.Val().UTC()
		pr.state(ctx, i, name, health.values[name], paused.values[name], paces.values[name], doubted.values[name], numbers.values[name])
		i.hold(held)
		instances[name] = i
	}
	return instances, nil
}

// Announcements calls each with the announcement of each instance, without its state.
func (pr *Presence) Announcements(ctx context.Context, each func(a *Announcement)) error {
	hashes, err := pr.hashes(ctx, func(redis.Pipeliner) {}, announcedKey)
	if err != nil {
		return fmt.Errorf("read the announcements: %w", err)
	}
	pr.hashRead(ctx, announcedKey, hashes[0].first)
	for name, data := range hashes[0].values {
		a := &Announcement{}
		if err := json.Unmarshal([]byte(data), a); err != nil {
			_ = pr.unreadable(ctx, KindInstance, name, err)
			a = &Announcement{}
		}
		a.Name = name
		each(a)
	}
	return nil
}

// InstancesNamed reads the announced instances among some names.
func (pr *Presence) InstancesNamed(ctx context.Context, names []string) (map[string]*Instance, error) {
	if len(names) == 0 {
		return nil, nil
	}
	takers := make([]string, 0, len(kinds)*len(names))
	for _, name := range names {
		for _, kind := range kinds {
			takers = append(takers, takesField(name, kind))
		}
	}
	var announced, takes *redis.SliceCmd
	var beats *redis.ZSliceCmd
	_, err := pr.each(ctx, nil, func(p redis.Pipeliner) error {
		announced, takes = p.HMGet(ctx, announcedKey, names...), p.HMGet(ctx, takesKey, takers...)
		beats = p.ZRangeWithScores(ctx, workersKey, 0, -1)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the instances: %w", err)
	}
	instances, err := pr.States(ctx, names)
	if err != nil {
		return nil, err
	}
	pr.hashRead(ctx, announcedKey, announced)
	pr.hashRead(ctx, takesKey, takes)
	took := make(map[string]string, len(takers))
	for at, field := range takers {
		took[field] = textAt(takes, at)
	}
	seen := seenBy(beats)
	for at, name := range names {
		data, ok := textAt(announced, at), announced.Err() == nil && announced.Val()[at] != nil
		if !ok {
			delete(instances, name)
			continue
		}
		pr.announced(ctx, instances[name], name, data, seen, func(field string) string { return took[field] })
	}
	return instances, nil
}

// seenBy returns when each worker sent its latest heartbeat. It returns nothing if the list of workers cannot be read,
// which Workers notes.
func seenBy(beats *redis.ZSliceCmd) map[string]time.Time {
	seen := make(map[string]time.Time, len(beats.Val()))
	for _, one := range beats.Val() {
		if id, ok := one.Member.(string); ok {
			seen[id] = readable(int64(one.Score))
		}
	}
	return seen
}

// kinds are the kinds of calls whose duration workers measure.
var kinds = []pacing.Kind{pacing.Create, pacing.Invite}

func takesField(name string, kind pacing.Kind) string { return name + " " + string(kind) }

// announced fills in what a worker has announced, and how long calls take. An announcement that cannot be read counts
// as long past: a worker that runs the instance repeats it.
func (pr *Presence) announced(ctx context.Context, i *Instance, name, data string, seen map[string]time.Time, takes func(field string) string) {
	var a Announcement
	if err := json.Unmarshal([]byte(data), &a); err != nil {
		_ = pr.unreadable(ctx, KindInstance, name, err)
		a = Announcement{}
	}
	a.Name = name
	if at := seen[a.By]; at.After(a.SeenAt) { // while its worker sends heartbeats it runs the instance
		a.SeenAt = at
	}
	i.Announcement = a
	i.Takes = make(map[pacing.Kind]time.Duration, len(kinds))
	for _, kind := range kinds {
		field := takesField(name, kind)
		if µs, ok := pr.number(ctx, takesKey, field, takes(field)); ok {
			i.Takes[kind] = time.Duration(µs) * time.Microsecond
		}
	}
}
