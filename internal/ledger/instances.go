package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// What is known of the instances, each a hash by instance name. Never a secret.
const (
	announcedKey = prefix + "instances"
	healthKey    = prefix + "health"
	pausedKey    = prefix + "paused"
	paceKey      = prefix + "pace"
	doubtedKey   = prefix + "doubted" // when somebody last hinted that the state has changed
	takesKey     = prefix + "takes"   // by instance and kind: how long a task keeps a lane, in µs
)

// Announcement is what a worker tells of an instance that it runs.
type Announcement struct {
	Name     string      `json:"name"`
	Provider string      `json:"provider"`
	Pools    []string    `json:"pools"`
	Create   pacing.Pace `json:"create"`
	Invite   pacing.Pace `json:"invite"`
	SeenAt   time.Time   `json:"seenAt"`
	// By is the worker that tells it.
	By string `json:"by,omitempty"`
	// NoRoom says that no worker has room for it: By runs it no more than any other does.
	NoRoom bool `json:"noRoom,omitempty"`
	// RollLook is when a new group is read for the last time, counted from its create; only then is
	// anybody invited.
	RollLook time.Duration `json:"rollLook,omitzero"`
	// Quiet are the hours without invitations, and QuietZone the zone whose clock counts: "" means
	// that of each person.
	Quiet     pacing.Quiet `json:"quiet,omitzero"`
	QuietZone string       `json:"quietZone,omitempty"`
	// Takes is how long a task of a kind keeps the instance's lane, as some worker measured it; 0
	// before anybody has. Of several workers the one that announced it last is believed, and who has
	// measured nothing says nothing.
	Takes map[pacing.Kind]time.Duration `json:"-"`
}

// HealthReport is the latest reading of an instance's state, by whichever worker read it.
type HealthReport struct {
	Health    provider.Health `json:"health"`
	Reason    string          `json:"reason,omitempty"`
	Until     time.Time       `json:"until,omitzero"`
	Since     time.Time       `json:"since"` // in this state since
	CheckedAt time.Time       `json:"checkedAt"`
	LastError string          `json:"lastError,omitempty"` // redacted
	ErrorAt   time.Time       `json:"errorAt,omitzero"`
}

// Pause is a person's stop of an instance.
type Pause struct {
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// Instance is all the ledger knows of one instance.
type Instance struct {
	Announcement
	HealthReport
	Pause     *Pause
	Slowing   *Slowing
	DoubtedAt time.Time // a reading before it says nothing any more
	Number    string    // what stands for the number behind it; "" before one was told, and while it is doubted
}

// Pace is the pace of one kind of call that is in force: the configured one, or a slower one.
func (i *Instance) Pace(kind pacing.Kind) pacing.Pace {
	if kind == pacing.Invite {
		return i.Invite.Within(i.Slowing.Of(kind))
	}
	return i.Create.Within(i.Slowing.Of(kind))
}

// State is the instance's state in contract.md's words, and why: a person's pause comes first.
func (i *Instance) State() (provider.Health, string, time.Time) {
	if i.Pause != nil {
		return provider.Paused, i.Pause.Reason, time.Time{}
	}
	if i.Health == "" {
		return provider.UnknownState, "not read yet", time.Time{}
	}
	return i.Health, i.Reason, i.Until
}

// Open says that the instance may be used now, as far as its state tells. An unknown state is
// open: a provider whose state cannot be read may still work, and the calls will tell.
func (i *Instance) Open() bool {
	state, _, _ := i.State()
	return state == provider.Ready || state == provider.UnknownState
}

// Instances reads all announced instances, by name.
func (l *Ledger) Instances(ctx context.Context) (map[string]*Instance, error) {
	var announced, health, paused, paces, doubted, numbers, takes *redis.MapStringStringCmd
	_, err := l.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		announced = p.HGetAll(ctx, announcedKey)
		health = p.HGetAll(ctx, healthKey)
		paused = p.HGetAll(ctx, pausedKey)
		paces = p.HGetAll(ctx, paceKey)
		doubted = p.HGetAll(ctx, doubtedKey)
		numbers = p.HGetAll(ctx, numbersKey)
		takes = p.HGetAll(ctx, takesKey)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the instances: %w", err)
	}
	instances := make(map[string]*Instance, len(announced.Val()))
	for name, data := range announced.Val() {
		i := &Instance{}
		if err := i.announced(name, data, func(field string) string { return takes.Val()[field] }); err != nil {
			return nil, err
		}
		if err := i.state(name, health.Val()[name], paused.Val()[name], paces.Val()[name], doubted.Val()[name], numbers.Val()[name]); err != nil {
			return nil, err
		}
		instances[name] = i
	}
	return instances, nil
}

// InstancesNamed reads those of some names that are announced, and nothing of others.
func (l *Ledger) InstancesNamed(ctx context.Context, names []string) (map[string]*Instance, error) {
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
	_, err := l.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		announced, takes = p.HMGet(ctx, announcedKey, names...), p.HMGet(ctx, takesKey, takers...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the instances: %w", err)
	}
	instances, err := l.States(ctx, names)
	if err != nil {
		return nil, err
	}
	took := make(map[string]string, len(takers))
	for at, field := range takers {
		took[field], _ = takes.Val()[at].(string)
	}
	for at, name := range names {
		data, ok := announced.Val()[at].(string)
		if !ok {
			delete(instances, name)
			continue
		}
		if err := instances[name].announced(name, data, func(field string) string { return took[field] }); err != nil {
			return nil, err
		}
	}
	return instances, nil
}

// kinds are those of which workers measure how long a call takes.
var kinds = []pacing.Kind{pacing.Create, pacing.Invite}

func takesField(name string, kind pacing.Kind) string { return name + " " + string(kind) }

// announced takes in what a worker has announced, and how long calls take.
func (i *Instance) announced(name, data string, takes func(field string) string) error {
	if err := json.Unmarshal([]byte(data), &i.Announcement); err != nil {
		return fmt.Errorf("read instance %s: %w", name, err)
	}
	i.Takes = make(map[pacing.Kind]time.Duration, len(kinds))
	for _, kind := range kinds {
		if µs, err := strconv.ParseInt(takes(takesField(name, kind)), 10, 64); err == nil {
			i.Takes[kind] = time.Duration(µs) * time.Microsecond
		}
	}
	return nil
}

// States reads how some instances stand, by name: all of an Instance but what is announced. It reads
// nothing of others, so that a worker of many that divide ten thousand pays for its own alone.
func (l *Ledger) States(ctx context.Context, names []string) (map[string]*Instance, error) {
	instances := make(map[string]*Instance, len(names))
	if len(names) == 0 {
		return instances, nil
	}
	var fields [5]*redis.SliceCmd
	_, err := l.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for n, key := range []string{healthKey, pausedKey, paceKey, doubtedKey, numbersKey} {
			fields[n] = p.HMGet(ctx, key, names...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the instances' states: %w", err)
	}
	for at, name := range names {
		var texts [len(fields)]string
		for n, field := range fields {
			texts[n], _ = field.Val()[at].(string) // nil where there is none
		}
		i := &Instance{Announcement: Announcement{Name: name}}
		if err := i.state(name, texts[0], texts[1], texts[2], texts[3], texts[4]); err != nil {
			return nil, err
		}
		instances[name] = i
	}
	return instances, nil
}

// state takes in what is kept of an instance beside its announcement; "" is nothing.
func (i *Instance) state(name, health, pause, pace, doubted, number string) error {
	if !strings.HasSuffix(number, unsureNumber) {
		i.Number = number
	}
	if health != "" {
		if err := json.Unmarshal([]byte(health), &i.HealthReport); err != nil {
			return fmt.Errorf("read the health of %s: %w", name, err)
		}
	}
	if pause != "" {
		i.Pause = &Pause{}
		if err := json.Unmarshal([]byte(pause), i.Pause); err != nil {
			return fmt.Errorf("read the pause of %s: %w", name, err)
		}
	}
	if pace != "" {
		i.Slowing = &Slowing{}
		if err := json.Unmarshal([]byte(pace), i.Slowing); err != nil {
			return fmt.Errorf("read the pace of %s: %w", name, err)
		}
	}
	if ms, err := strconv.ParseInt(doubted, 10, 64); err == nil {
		i.DoubtedAt = moment(ms)
	}
	return nil
}
