package store

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/say"
)

// holding notes if the key of the pauses or of the paces cannot be read. If so, no instance may make paced calls, and
// holding returns the reason. Otherwise it returns a zero phrase.
func (pr *Presence) holding(ctx context.Context, paused, paces redis.Cmder) say.Phrase {
	pr.hashRead(ctx, pausedKey, paused)
	pr.hashRead(ctx, paceKey, paces)
	switch {
	case wrongType(paused.Err()):
		return say.Phrase{Code: say.PausesUnread}
	case wrongType(paces.Err()):
		return say.Phrase{Code: say.PacesUnread}
	}
	return say.Phrase{}
}

// hold pauses an instance whose pause or pace cannot be read.
func (i *Instance) hold(why say.Phrase) {
	if !why.Zero() && i.Pause == nil {
		i.Pause = &Pause{Unread: why}
	}
}

// States reads the states of some instances, by name: all of an Instance except its announcement. It reads nothing of
// other instances, so a worker's cost depends only on its own.
func (pr *Presence) States(ctx context.Context, names []string) (map[string]*Instance, error) {
	instances := make(map[string]*Instance, len(names))
	_, err := pr.StatesSince(ctx, names, nil, func(at int, _ Mark, i *Instance) { instances[names[at]] = i })
	return instances, err
}

// Mark is a hash of an instance's stored state. Equal marks of one process mean an unchanged state. Zero means no
// mark.
type Mark uint64

var markSeed = maphash.MakeSeed()

// StatesSince reads as States does. It calls each, with the place in names, for every instance whose mark differs
// from the known one, and for every instance with a pause or a slower pace, because these can end. now is the time of
// the reading, by Redis' clock. With a nil known it calls each for all.
func (pr *Presence) StatesSince(ctx context.Context, names []string, known func(at int) Mark, each func(at int, mark Mark, i *Instance)) (now time.Time, err error) {
	if len(names) == 0 {
		return now, nil
	}
	var fields [5]*redis.SliceCmd
	var clock *redis.TimeCmd
	keys := []string{healthKey, pausedKey, paceKey, doubtedKey, numbersKey}
	_, err = pr.each(ctx, nil, func(p redis.Pipeliner) error {
		clock = p.Time(ctx)
		for n, key := range keys {
			fields[n] = p.HMGet(ctx, key, names...)
		}
		return nil
	})
	if err != nil {
		return now, fmt.Errorf("read the instances' states: %w", err)
	}
	now = clock.Val().UTC()
	pr.hashRead(ctx, healthKey, fields[0])
	pr.hashRead(ctx, doubtedKey, fields[3])
	pr.hashRead(ctx, numbersKey, fields[4])
	held := pr.holding(ctx, fields[1], fields[2])
	var hash maphash.Hash
	hash.SetSeed(markSeed)
	for at, name := range names {
		hash.Reset()
		var texts [len(fields)]string
		for n := range fields {
			texts[n] = textAt(fields[n], at)
			_, _ = hash.WriteString(texts[n])
			_ = hash.WriteByte(0)
		}
		mark := max(Mark(hash.Sum64()), 1)
		if ends := texts[1] != "" || texts[2] != "" || !held.Zero(); known != nil && !ends && known(at) == mark {
			continue
		}
		i := &Instance{Announcement: Announcement{Name: name}, At: now}
		pr.state(ctx, i, name, texts[0], texts[1], texts[2], texts[3], texts[4])
		i.hold(held)
		each(at, mark, i)
	}
	return now, nil
}

// state fills in what is stored about an instance apart from its announcement; "" means no value. It leaves out a pause
// or a pace that has ended. A health that cannot be read counts as unknown until the next reading. A pause or a slower
// pace that cannot be read holds the instance: a person asked for fewer calls, and how many is unknown.
func (pr *Presence) state(ctx context.Context, i *Instance, name, health, pause, pace, doubted, number string) {
	if !strings.Contains(number, unsureNumber) {
		i.Number = number
	}
	if health != "" {
		i.HealthReport = pr.readHealth(ctx, name, health)
	}
	if pause != "" {
		i.Pause = &Pause{}
		if err := json.Unmarshal([]byte(pause), i.Pause); err != nil {
			_ = pr.unreadable(ctx, KindPause, name, err)
			i.Pause = &Pause{Unread: say.Phrase{Code: say.PauseUnread, Name: name}}
		}
		if over(i.Pause.Until, i.At) {
			i.Pause = nil
		}
	}
	if pace != "" {
		i.Slowing = &Slowing{}
		if err := json.Unmarshal([]byte(pace), i.Slowing); err != nil {
			_ = pr.unreadable(ctx, KindPace, name, err)
			i.Slowing = nil
			i.hold(say.Phrase{Code: say.PaceUnread, Name: name})
		}
		if i.Slowing != nil && over(i.Slowing.Until, i.At) {
			i.Slowing = nil
		}
	}
	if ms, ok := pr.number(ctx, doubtedKey, name, doubted); ok {
		i.DoubtedAt = moment(ms)
	}
}

func (pr *Presence) readHealth(ctx context.Context, name, value string) HealthReport {
	var r HealthReport
	if err := json.Unmarshal([]byte(value), &r); err != nil {
		_ = pr.unreadable(ctx, KindHealth, name, err)
		return HealthReport{}
	}
	return r
}
