package view

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// Instance is the public document of an instance.
type Instance struct {
	Name         string          `json:"name"`
	Provider     string          `json:"provider"`
	State        provider.Health `json:"state"`
	Worst        InstanceWorst   `json:"worst"`
	Reason       say.Phrase      `json:"reason"`
	Until        *time.Time      `json:"until"`
	Since        *time.Time      `json:"since"` // when this state and reason began
	Rests        []Rest          `json:"rests"` // still in force
	Pools        []string        `json:"pools"`
	Queued       PerKind         `json:"queued"`       // what it may take: its own and its pools'
	ByPriority   PerPriority     `json:"byPriority"`   // the creates in Queued
	Alone        int             `json:"alone"`        // the creates that wait for this instance itself, not for a pool
	PausedQueues []string        `json:"pausedQueues"` // paused with asynq's own tools, which holds every instance
	// UnknownTo is a running worker whose configuration lacks the instance. The instance makes no call until the
	// configuration of each worker has it.
	UnknownTo    string     `json:"unknownTo,omitempty"`
	Pace         Paces      `json:"pace"`   // in force
	Slowed       *Slowed    `json:"slowed"` // null at the configured pace
	NextCreateAt *time.Time `json:"nextCreateAt"`
	NextInviteAt *time.Time `json:"nextInviteAt"`
	EtaAt        *time.Time `json:"etaAt"`    // when its own work, and its share of its pools' work, is done
	UnderWay     PerKind    `json:"underWay"` // calls that have begun and not ended; a pause does not stop them
	Today        PerKind    `json:"today"`
	PerDay       PerKind    `json:"perDay"`    // 0 means no cap
	Zone         string     `json:"zone"`      // pacing.zone
	Forgotten    bool       `json:"forgotten"` // paused for a day or longer, without an end
	LastError    say.Phrase `json:"lastError"`
	LastErrorAt  *time.Time `json:"lastErrorAt"`
	LastSeenAt   *time.Time `json:"lastSeenAt"`
}

// PerKind is a number for each paced kind of call.
type PerKind struct {
	Create int `json:"create"`
	Invite int `json:"invite"`
}

// PerPriority is a number for each priority.
type PerPriority struct {
	High   int `json:"high"`
	Normal int `json:"normal"`
	Low    int `json:"low"`
}

// Paces are how quickly an instance may call.
type Paces struct {
	Create Pace `json:"create"`
	Invite Pace `json:"invite"`
}

// Slowed says that a person has made an instance slower than it is configured.
type Slowed struct {
	Configured Paces      `json:"configured"`
	Reason     string     `json:"reason"`
	At         time.Time  `json:"at"`
	Until      *time.Time `json:"until"` // null until a person ends it
}

// Pace is the pace of one kind of call. PerDay 0 means no cap.
type Pace struct {
	Every  string  `json:"every"`
	Jitter float64 `json:"jitter"`
	PerDay int     `json:"perDay"`
}

func paceDocument(p pacing.Pace) Pace {
	return Pace{Every: say.Duration(p.Every), Jitter: p.Jitter, PerDay: p.PerDay}
}

// Instances returns the documents of all announced instances, by name.
func (r *Reader) Instances(ctx context.Context) ([]Instance, error) {
	all, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	return r.documents(all.snapshot), nil
}

// Place is an instance with the pools that a reader shows of it.
type Place struct {
	Pools []string
	Whole bool // these are all of its pools
}

// Places returns the instances that the reader shows, by name.
func (r *Reader) Places(ctx context.Context) (map[string]Place, error) {
	all, err := r.store.Presence.Instances(ctx)
	if err != nil {
		return nil, err
	}
	places := make(map[string]Place, len(all))
	for name, i := range all {
		mine := slices.DeleteFunc(slices.Clone(i.Pools), func(p string) bool { return !r.mine(p) })
		if len(r.pools) == 0 || len(mine) > 0 {
			places[name] = Place{Pools: mine, Whole: len(mine) == len(i.Pools)}
		}
	}
	return places, nil
}

// UnknownError says that a filter names an instance or a pool that does not exist.
type UnknownError struct {
	Code tasks.Code // tasks.UnknownInstance or tasks.UnknownPool
	Said say.Phrase
}

func (e *UnknownError) Error() string { return e.Said.String() }

// Known fails with an UnknownError if a filter names an instance or a pool that no worker has announced and that has no
// group. While no instance is announced, every name is known.
func (r *Reader) Known(ctx context.Context, f store.Filter) error {
	if f.Instance == "" && len(f.Pools) == 0 {
		return nil
	}
	places, err := r.Places(ctx)
	if err != nil || len(places) == 0 {
		return err
	}
	var pools []string
	for _, i := range places {
		pools = append(pools, i.Pools...)
	}
	unknown := func(code tasks.Code, said say.Code, name string, known []string, of store.Filter) error {
		if slices.Contains(known, name) {
			return nil
		}
		if groups, _, err := r.Groups(ctx, of, "", 1); err != nil || len(groups) > 0 {
			return err
		}
		slices.Sort(known)
		return &UnknownError{code, say.Phrase{Code: said, Text: strconv.Quote(name), Place: strings.Join(slices.Compact(known), ", ")}}
	}
	if f.Instance != "" {
		if err := unknown(tasks.UnknownInstance, say.RowUnknownInstance, f.Instance, slices.Collect(maps.Keys(places)), store.Filter{Instance: f.Instance}); err != nil {
			return err
		}
	}
	for _, pool := range f.Pools {
		if err := unknown(tasks.UnknownPool, say.RowUnknownPool, pool, pools, store.Filter{Pools: []string{pool}}); err != nil {
			return err
		}
	}
	return nil
}

// Whole reports whether the reader shows every pool of an instance. It fails with store.ErrNotFound if the reader shows
// none of them.
func (r *Reader) Whole(ctx context.Context, name string) (bool, error) {
	if len(r.pools) == 0 {
		return true, nil
	}
	found, err := r.store.Presence.InstancesNamed(ctx, []string{name})
	if err != nil {
		return false, err
	}
	i := found[name]
	if i == nil || !slices.ContainsFunc(i.Pools, r.mine) {
		return false, unknownInstance(name)
	}
	return !slices.ContainsFunc(i.Pools, func(p string) bool { return !r.mine(p) }), nil
}

// mine reports whether the reader shows a pool.
func (r *Reader) mine(pool string) bool { return len(r.pools) == 0 || slices.Contains(r.pools, pool) }

// serves reports whether an instance works for a pool that the reader shows.
func (r *Reader) serves(i *instanceRow) bool {
	return len(r.pools) == 0 || slices.ContainsFunc(i.Pools, r.mine)
}

// Instance returns the document of one instance. It fails with store.ErrNotFound.
func (r *Reader) Instance(ctx context.Context, name string) (Instance, error) {
	some, err := r.readNamed(ctx, []string{name})
	if err != nil {
		return Instance{}, err
	}
	i := some.instances[name]
	if i == nil || !r.serves(i) {
		return Instance{}, unknownInstance(name)
	}
	return r.document(some.snapshot, i), nil
}

// underWay returns how many calls of a kind have begun and not ended: at most one.
func underWay(v pacing.KindView) int {
	if v.Begun {
		return 1
	}
	return 0
}

// StillUnderWay returns which calls a pause does not stop; zero when nothing is under way.
func (i Instance) StillUnderWay() say.Phrase {
	switch {
	case i.UnderWay.Create > 0 && i.UnderWay.Invite > 0:
		return say.Phrase{Code: say.BothUnderWay}
	case i.UnderWay.Create > 0:
		return say.Phrase{Code: say.CreateUnderWay}
	case i.UnderWay.Invite > 0:
		return say.Phrase{Code: say.InviteUnderWay}
	}
	return say.Phrase{}
}

func (r *Reader) documents(s *snapshot) []Instance {
	docs := make([]Instance, 0, len(s.names))
	for _, name := range s.names {
		if i := s.instances[name]; r.serves(i) {
			docs = append(docs, r.document(s, i))
		}
	}
	return docs
}

// document returns an instance's document, with what waits in the pools that the reader shows.
func (r *Reader) document(s *snapshot, i *instanceRow) Instance {
	if len(r.pools) == 0 {
		return s.document(i)
	}
	return s.documentOf(i, slices.DeleteFunc(slices.Clone(i.Pools), func(p string) bool { return !r.mine(p) }), false)
}

func (s *snapshot) document(i *instanceRow) Instance { return s.documentOf(i, i.Pools, true) }

// documentOf returns an instance's document with the creates that wait in some of its pools and, if alone, with
// those that wait for it alone.
func (s *snapshot) documentOf(i *instanceRow, pools []string, alone bool) Instance {
	d := Instance{
		Name: i.Name, Provider: i.Provider, Pools: pools, LastError: say.Phrase(i.LastError), LastErrorAt: moment(i.ErrorAt), LastSeenAt: moment(i.SeenAt),
		Today:    PerKind{Create: i.pace.Create.Today, Invite: i.pace.Invite.Today},
		UnderWay: PerKind{Create: underWay(i.pace.Create), Invite: underWay(i.pace.Invite)},
		PerDay:   PerKind{Create: i.Create.PerDay, Invite: i.Invite.PerDay},
		Queued:   PerKind{Invite: s.waiting(tasks.InviteLine(i.Name))}, Pace: Paces{Create: paceDocument(i.Create), Invite: paceDocument(i.Invite)},
	}
	if i.Slowing != nil {
		d.Slowed = &Slowed{Configured: i.configured, Reason: i.Slowing.Reason, At: i.Slowing.At.UTC(), Until: moment(i.Slowing.Until)}
	}
	d.Zone, d.Forgotten = i.Create.Location().String(), i.Pause != nil && i.Pause.Forgotten(s.now)
	if d.Pools == nil {
		d.Pools = []string{}
	}
	d.PausedQueues, d.UnknownTo = append([]string{}, i.pausedQueues...), i.unknownTo
	var lines []string
	for priority, n := range map[tasks.Priority]*int{
		tasks.High: &d.ByPriority.High, tasks.Normal: &d.ByPriority.Normal, tasks.Low: &d.ByPriority.Low,
	} {
		if alone {
			lines = append(lines, tasks.Target{Instance: i.Name}.Line(priority))
			*n = s.waiting(lines[len(lines)-1])
			d.Alone += *n
		}
		for _, pool := range pools {
			lines = append(lines, tasks.Target{Pool: pool}.Line(priority))
			*n += s.waiting(lines[len(lines)-1])
		}
		d.Queued.Create += *n
	}
	d.EtaAt = moment(s.instanceOver(i.Name))
	var until time.Time
	d.State, d.Reason, until = i.state()
	d.Until, d.Since, d.Worst, d.Rests = moment(until), moment(i.since()), i.worst(), i.rests()
	if at, ok := s.may(i, pacing.Create); ok {
		d.NextCreateAt = moment(latest(at, s.firstDue(lines)))
	}
	if at, ok := s.may(i, pacing.Invite); ok {
		d.NextInviteAt = moment(latest(at, s.firstDue([]string{tasks.InviteLine(i.Name)})))
	}
	return d
}

// firstDue returns when the first task of some lines is due; zero if one is due already, or there are no tasks.
func (s *snapshot) firstDue(lines []string) time.Time {
	var first time.Time
	for _, name := range lines {
		l := s.lines[name]
		if l.Ready > 0 {
			return time.Time{}
		}
		if !l.NextDue.IsZero() && (first.IsZero() || l.NextDue.Before(first)) {
			first = l.NextDue
		}
	}
	return first
}

// moment returns t for a JSON field, or nil, which becomes null, if t is zero.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
