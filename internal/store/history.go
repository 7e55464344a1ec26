package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/tasks"
)

// HistoryDays is how many days of history there are. Their keys are kept ten days longer, so that the first of
// them is whole in every zone.
const (
	HistoryDays = 90
	historyFor  = 100 * 24 * time.Hour // as in index.lua
)

// clockKey has the clock of each instance's pacing.zone, for index.lua: the offset in seconds, then the moment and
// the offset of the next change, if there is one.
const clockKey = index + "clock"

// dayKey returns the key of the counts of one day: of groups and people (index.lua), of calls, and of what the paces
// allowed. day is the day's number since 1970 in the zone's calendar. A field is a kind and an instance, pool:<pool>,
// or "*" for all.
func dayKey(day string) string { return index + "day:" + day }

// historyKinds are the kinds of fields that count; historyLimits are the kinds that hold the limits of paces.
var (
	historyKinds  = []string{"c:", "f:", "a:", "i:", "j:", callField(pacing.Create), callField(pacing.Invite)}
	historyLimits = []string{limitField(pacing.Create), limitField(pacing.Invite)}
)

func callField(kind pacing.Kind) string  { return "u" + string(kind)[:1] + ":" }
func limitField(kind pacing.Kind) string { return "p" + string(kind)[:1] + ":" }

// HistoryOf says whose history is read: what groups did at the places, and what the paces of the instances allowed.
type HistoryOf struct{ places, instances []string }

// HistoryOfAll returns a HistoryOf for the whole installation.
func HistoryOfAll() HistoryOf { return HistoryOf{[]string{"*"}, []string{"*"}} }

// HistoryOfInstance returns a HistoryOf for one instance.
func HistoryOfInstance(name string) HistoryOf { return HistoryOf{[]string{name}, []string{name}} }

// HistoryOfPools returns a HistoryOf for the groups of some pools and for the instances that serve these pools.
func HistoryOfPools(pools, instances []string) HistoryOf {
	of := HistoryOf{instances: instances}
	for _, pool := range pools {
		of.places = append(of.places, tasks.Target{Pool: pool}.String())
	}
	return of
}

// HistoryDay is one day of an instance, or of all.
type HistoryDay struct {
	Date                           time.Time // midnight in UTC of the date that the clocks showed
	Created, Failed                int       // groups
	Added, Invited, Joined         int       // people
	Creates, Invites               int       // calls that left for the provider
	AllowedCreates, AllowedInvites int       // by the pace in force; 0 for no limit, or where no worker ran
}

func dayNumber(t time.Time) int64 {
	_, offset := t.Zone()
	return (t.Unix() + int64(offset)) / (24 * 60 * 60)
}

// History returns the last days, at most HistoryDays, today last. The days are those of the instance's pacing.zone. The
// cost of a call does not depend on how much was done.
func (ix *Index) History(ctx context.Context, of HistoryOf, days int) ([]HistoryDay, error) {
	days = max(1, min(days, HistoryDays))
	today, err := ix.today(ctx, of)
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	var fields []string
	for _, place := range of.places {
		for _, kind := range historyKinds {
			fields = append(fields, kind+place)
		}
	}
	limits := len(fields)
	for _, instance := range of.instances {
		for _, kind := range historyLimits {
			fields = append(fields, kind+instance)
		}
	}
	cmds := make([]*redis.SliceCmd, days)
	if _, err := ix.each(ctx, nil, func(p redis.Pipeliner) error {
		for i := range cmds {
			cmds[i] = p.HMGet(ctx, dayKey(strconv.FormatInt(today-int64(days-1-i), 10)), fields...)
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	history := make([]HistoryDay, days)
	for i := range history {
		n := today - int64(days-1-i)
		d := &history[i]
		d.Date = time.Unix(n*24*60*60, 0).UTC()
		counted := []*int{&d.Created, &d.Failed, &d.Added, &d.Invited, &d.Joined, &d.Creates, &d.Invites}
		allowed := []*int{&d.AllowedCreates, &d.AllowedInvites}
		free := make([]bool, len(allowed))
		for at, field := range fields {
			count, _ := ix.number(ctx, dayKey(strconv.FormatInt(n, 10)), field, textAt(cmds[i], at))
			if at < limits {
				*counted[at%len(counted)] += int(count)
				continue
			}
			kind := (at - limits) % len(allowed)
			*allowed[kind] += int(count)
			free[kind] = free[kind] || count == 0 && textAt(cmds[i], at) != ""
		}
		for kind, free := range free {
			if free { // one of them has no limit, so all together have none
				*allowed[kind] = 0
			}
		}
	}
	return history, nil
}

// today returns the number of the current day, by the clock of the place if of has only one, else by that of all.
func (ix *Index) today(ctx context.Context, of HistoryOf) (int64, error) {
	now, err := ix.Now(ctx)
	if err != nil {
		return 0, err
	}
	place := "*"
	if len(of.places) == 1 {
		place = of.places[0]
	}
	var clocks *redis.SliceCmd
	if _, err := ix.each(ctx, nil, func(p redis.Pipeliner) error {
		clocks = p.HMGet(ctx, clockKey, place, "*")
		return nil
	}); err != nil {
		return 0, err
	}
	text := textAt(clocks, 0)
	if text == "" {
		text = textAt(clocks, 1)
	}
	return dayNumber(now.Add(offsetOf(text, now))), nil
}

// CountCall counts a call that left an instance for the provider. pool is that of the call's group, or "". at is the
// time of the call by Redis' clock, in the instance's pacing.zone: the call counts on its date.
func (ix *Index) CountCall(ctx context.Context, instance, pool string, kind pacing.Kind, at time.Time) error {
	places := []string{instance, "*"}
	if pool != "" {
		places = append(places, tasks.Target{Pool: pool}.String())
	}
	key := dayKey(strconv.FormatInt(dayNumber(at), 10))
	counts, err := ix.each(ctx, nil, func(p redis.Pipeliner) error {
		for _, place := range places {
			p.HIncrBy(ctx, key, callField(kind)+place, 1)
		}
		return nil
	})
	begun := func(count redis.Cmder) bool { return count.(*redis.IntCmd).Val() == 1 }
	if err == nil && slices.ContainsFunc(counts, begun) {
		err = ix.rdb.Expire(ctx, key, historyFor).Err()
	}
	if err != nil {
		return fmt.Errorf("count a call: %w", err)
	}
	return nil
}

// clockText returns the clock of a zone, as clockKey has it.
func clockText(zone *time.Location, now time.Time) string {
	at := now.In(zone)
	_, offset := at.Zone()
	text := strconv.Itoa(offset)
	if _, change := at.ZoneBounds(); !change.IsZero() {
		_, after := change.Zone()
		text += "," + strconv.FormatInt(change.Unix(), 10) + "," + strconv.Itoa(after)
	}
	return text
}

// offsetOf returns the offset of a clockText at now; 0 if it is empty.
func offsetOf(text string, now time.Time) time.Duration {
	var offset, change, after int64
	if n, _ := fmt.Sscanf(text, "%d,%d,%d", &offset, &change, &after); n == 3 && now.Unix() >= change {
		offset = after
	}
	return time.Duration(offset) * time.Second
}

// allowance gathers the clocks of instances, and what their paces allow today.
type allowance struct {
	clocks  map[string]any
	allowed map[string]map[string]any // by day
	sums    map[pacing.Kind]int
	limited map[pacing.Kind]bool // every instance has a limit
	ahead   time.Time            // by the clock of the zone that is furthest ahead
	zones   map[string]*time.Location
	texts   map[*time.Location]string
}

func newAllowance() *allowance {
	return &allowance{
		clocks: map[string]any{}, allowed: map[string]map[string]any{},
		sums: map[pacing.Kind]int{}, limited: map[pacing.Kind]bool{pacing.Create: true, pacing.Invite: true},
		zones: map[string]*time.Location{}, texts: map[*time.Location]string{},
	}
}

// any reports whether instances were added.
func (w *allowance) any() bool { return !w.ahead.IsZero() }

// day returns the fields of a moment's day.
func (w *allowance) day(at time.Time) map[string]any {
	key := dayKey(strconv.FormatInt(dayNumber(at), 10))
	if w.allowed[key] == nil {
		w.allowed[key] = map[string]any{}
	}
	return w.allowed[key]
}

// add adds an instance's clock and what its pace allows.
func (w *allowance) add(a Announcement) {
	zone := w.zones[a.Create.Zone]
	if zone == nil {
		zone = a.Create.Location()
		w.zones[a.Create.Zone] = zone
	}
	at := a.SeenAt.In(zone)
	if w.texts[zone] == "" {
		w.texts[zone] = clockText(zone, at)
	}
	w.clocks[a.Name] = w.texts[zone]
	if w.ahead.IsZero() || dayNumber(at) > dayNumber(w.ahead) {
		w.ahead = at
	}
	today := w.day(at)
	for kind := range w.limited {
		today[limitField(kind)+a.Name] = a.Allowed[kind]
		w.sums[kind] += a.Allowed[kind]
		w.limited[kind] = w.limited[kind] && a.Allowed[kind] > 0
	}
}

// sum adds the total of all. Its clock is that of the zone which is furthest ahead, so that no part of today is left
// out.
func (w *allowance) sum() {
	w.clocks["*"] = w.texts[w.ahead.Location()]
	today := w.day(w.ahead)
	for kind, limited := range w.limited {
		today[limitField(kind)+"*"] = 0
		if limited {
			today[limitField(kind)+"*"] = w.sums[kind]
		}
	}
}

// allow writes what was added since its last call.
func (pr *Presence) allow(ctx context.Context, w *allowance) error {
	_, err := pr.each(ctx, nil, func(p redis.Pipeliner) error {
		p.HSet(ctx, clockKey, w.clocks)
		for key, fields := range w.allowed {
			p.HSet(ctx, key, fields)
			p.Expire(ctx, key, historyFor)
		}
		return nil
	})
	clear(w.clocks)
	clear(w.allowed)
	return err
}
