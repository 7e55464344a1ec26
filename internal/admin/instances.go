package admin

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/faults"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/tasks"
)

// card is one instance at a glance.
type card struct {
	view.Instance

	What, Why, Do say.Speech // its state in plain words
	Trouble       bool
	Error         *spec.Cause // of the last error, if the catalogue has it
	Bars          []bar
	Created       int // in 24 hours
	Failed        int
	Hours         bool // the last 24 hours are shown
	May           bool // the visitor may change it, if the role suffices
}

// bar is one hour of the sparkline.
type bar struct {
	X, Y, H       int
	FailY, FailH  int
	Created, Fail int
}

// The sparkline's measures, in its own units.
const (
	sparkHeight = 24
	sparkStep   = 5
)

// carder returns a function that makes the card of an instance as the visitor may see it. A visitor who is bound to
// pools does not see the last 24 hours, because they cover all pools of the instance.
func (p *Page) carder(v *visit) (func(view.Instance) card, error) {
	if !v.bound() {
		days, err := p.Store.Index.Days(v.ctx())
		return func(i view.Instance) card {
			c := cardOf(i, days[i.Name])
			c.Hours, c.May = true, true
			return c
		}, err
	}
	places, err := v.shown().Places(v.ctx())
	return func(i view.Instance) card {
		c := cardOf(i, nil)
		c.May = changeable(i, places)
		return c
	}, err
}

func cardsOf(instances []view.Instance, cardOf func(view.Instance) card) []card {
	cards := make([]card, len(instances))
	for n, i := range instances {
		cards[n] = cardOf(i)
	}
	return cards
}

func cardOf(i view.Instance, day *store.Day) card {
	c := card{Instance: i, Trouble: i.NeedsAPerson()}
	c.What, c.Why, c.Do = i.Explain()
	if cause, ok := faults.Read(0, i.LastError); ok {
		c.Error = &cause
	}
	if day == nil {
		day = &store.Day{}
	}
	highest := 1
	for h := range day.Created {
		highest = max(highest, day.Created[h]+day.Failed[h])
	}
	for h := range day.Created {
		b := bar{X: h * sparkStep, Created: day.Created[h], Fail: day.Failed[h]}
		c.Created += b.Created
		c.Failed += b.Fail
		b.H, b.FailH = scale(b.Created, highest), scale(b.Fail, highest)
		b.Y = sparkHeight - b.H
		b.FailY = b.Y - b.FailH
		c.Bars = append(c.Bars, b)
	}
	return c
}

// scale returns a bar's height: at least visible for any n above 0.
func scale(n, highest int) int {
	if n == 0 {
		return 0
	}
	return max(2, n*(sparkHeight-2)/highest)
}

// instanceView is one instance with all that can be done to it.
type instanceView struct {
	Card    card
	Waiting []group.Document
	Others  []string // instances and pools to which its waiting groups could move
}

func (p *Page) instance(v *visit) error {
	name := v.r.PathValue("name")
	i, err := v.shown().Instance(v.ctx(), name)
	if err != nil {
		return err
	}
	cardOf, err := p.carder(v)
	if err != nil {
		return err
	}
	view := instanceView{Card: cardOf(i)}
	if view.Others, err = p.others(v, name); err != nil {
		return err
	}
	filter := store.Filter{Instance: name, Statuses: []group.Status{group.Queued}, OldestFirst: true}
	if view.Waiting, _, err = v.shown().Groups(v.ctx(), filter, "", 10); err != nil {
		return err
	}
	return v.show(http.StatusOK, say.Words(name), view)
}

// others returns where an instance's waiting groups could move: the pools, then the other instances. A key that is
// bound to pools gets only pools.
func (p *Page) others(v *visit, name string) ([]string, error) {
	places, err := v.shown().Places(v.ctx())
	if err != nil {
		return nil, err
	}
	var pools, names []string
	for other, i := range places {
		for _, pool := range i.Pools {
			pools = append(pools, tasks.Target{Pool: pool}.String())
		}
		if other != name && !v.bound() {
			names = append(names, other)
		}
	}
	slices.Sort(pools)
	slices.Sort(names)
	return append(slices.Compact(pools), names...), nil
}

func (p *Page) pause(v *visit) error {
	i, err := v.pathInstance()
	if err != nil {
		return err
	}
	if v.outdated((card{Instance: i}).pausedSince()) {
		return errOutdated
	}
	if err := p.Control.Pause(v.ctx(), i.Name, v.reason(), v.ending()); err != nil {
		return badChange(err, "that-pause-is-not-possible")
	}
	return v.back("/instances/"+url.PathEscape(i.Name), "paused")
}

// ending reads from the form when a change ends.
func (v *visit) ending() operate.Ending {
	return operate.Ending{For: strings.TrimSpace(v.r.PostFormValue("for")), Until: strings.TrimSpace(v.r.PostFormValue("until"))}
}

// badChange returns a failure that says why a change is refused.
func badChange(err error, title say.Code) error {
	if e, ok := errors.AsType[*operate.ChangeError](err); ok {
		return &failure{http.StatusUnprocessableEntity, title, say.Phrase{Code: say.Sentence, Why: []say.Phrase{e.Why}}}
	}
	return err
}

// reason reads the person's reason from the form.
func (v *visit) reason() string { return strings.TrimSpace(v.r.PostFormValue("reason")) }

func (p *Page) resume(v *visit) error {
	i, err := v.pathInstance()
	if err != nil {
		return err
	}
	endRest, c := v.r.PostFormValue("endRest") == "on", card{Instance: i}
	now := c.pausedSince()
	if endRest {
		now = c.restMark()
	}
	if now != "" && v.outdated(now) {
		return errOutdated
	}
	if err := p.Control.Resume(v.ctx(), i.Name, "", endRest); err != nil {
		return err
	}
	return v.back("/instances/"+url.PathEscape(i.Name), "resumed")
}

// pathInstance returns the instance of the address. It fails if no worker has announced it.
func (v *visit) pathInstance() (view.Instance, error) {
	return v.shown().Instance(v.ctx(), v.r.PathValue("name"))
}

// Resting reports whether the instance makes no calls of some kind for a time, which resuming alone does not end.
func (c card) Resting() bool { return len(c.Rests) > 0 || c.State == provider.Restricted }

// Paused reports whether a person paused the instance, or some of its queues.
func (c card) Paused() bool {
	return c.State == provider.Paused && !c.Held() || len(c.PausedQueues) > 0
}

// pausedSince returns since when a person has paused the instance, as forms carry it; empty if none has.
func (c card) pausedSince() string {
	if c.State != provider.Paused || c.Held() || c.Since == nil {
		return ""
	}
	return markOf(*c.Since)
}

// restMark returns which pause and rests ending the rests would lift, as forms carry it; empty for none.
func (c card) restMark() string {
	said := c.pausedSince()
	for _, r := range c.Rests {
		said += " " + string(r.Kind) + markOf(r.Until)
	}
	return said
}

// slowedSince returns since when the instance has its slower pace, as forms carry it; empty if it has none.
func (c card) slowedSince() string {
	if c.Slowed == nil {
		return ""
	}
	return markOf(c.Slowed.At)
}
