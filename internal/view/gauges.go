package view

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// Gauges are the installation in numbers, for metrics.
type Gauges struct {
	Groups     map[group.Status]int
	Members    map[group.MemberStatus]int
	Instances  []InstanceGauges
	Lines      []Line
	Queues     map[string]queue.Counts // by asynq's own names
	Workers    int
	FailedEver int64 // how often a group has failed; it never shrinks
	// Whole is the state of the installation.
	Whole Installation
	// Unknown are instances that some worker does not know.
	Unknown int
	// Undelivered are deliveries to webhooks that used up their tries.
	Undelivered int
	Disabled    int // webhooks that answered 410
	// Unreadable are stored things that cannot be read, by kind.
	Unreadable map[store.Kind]int
}

// InstanceGauges are one instance in numbers.
type InstanceGauges struct {
	Instance
	Create, Invite CallGauges
}

// CallGauges are one kind of call of one instance.
type CallGauges struct {
	Floor time.Duration // between two calls, at least
	Wait  time.Duration // until the next one may be made; 0 is now, and for an instance that cannot work
	Today int
	Cap   int // per day; 0 for none
}

// Line is what waits for one instance or pool.
type Line struct {
	Place   string // the instance, or pool:<pool>
	Kind    string // create, invite
	Waiting int
	Oldest  time.Duration // how long the one to be taken next has waited
}

// The kinds of a Line.
const (
	lineCreate = "create"
	lineInvite = "invite"
)

// Gauges reads the installation in a dozen round trips, whatever its size.
func (r *Reader) Gauges(ctx context.Context) (Gauges, error) {
	all, err := r.read(ctx)
	if err != nil {
		return Gauges{}, err
	}
	g := Gauges{Groups: all.groups, Members: all.members, Workers: len(all.workers), Queues: all.queues, Whole: installationDocument(all.whole)}
	if g.FailedEver, err = r.store.Index.FailedEver(ctx); err != nil {
		return g, err
	}
	if g.Undelivered, err = r.store.Outbox.CountFailures(ctx); err != nil {
		return g, err
	}
	receivers, err := r.store.Outbox.Receivers(ctx)
	if err != nil {
		return g, err
	}
	if g.Unreadable, err = r.store.CountUnreadable(ctx); err != nil {
		return g, err
	}
	for _, one := range receivers {
		if one.Disabled != nil {
			g.Disabled++
		}
	}
	for _, name := range all.names {
		i := all.instances[name]
		if i.unknownTo != "" {
			g.Unknown++
		}
		g.Instances = append(g.Instances, InstanceGauges{
			Instance: all.document(i), Create: all.callGauges(i, pacing.Create), Invite: all.callGauges(i, pacing.Invite),
		})
		g.Lines = append(g.Lines, all.line(name, lineCreate, targetLines(tasks.Target{Instance: name})...),
			all.line(name, lineInvite, tasks.InviteLine(name)))
	}
	for pool := range all.pools {
		t := tasks.Target{Pool: pool}
		g.Lines = append(g.Lines, all.line(t.String(), lineCreate, targetLines(t)...))
	}
	return g, nil
}

func targetLines(t tasks.Target) []string {
	names := make([]string, len(priorities))
	for i, p := range priorities {
		names[i] = t.Line(p)
	}
	return names
}

func (s *snapshot) callGauges(i *instanceRow, kind pacing.Kind) CallGauges {
	c := CallGauges{Floor: i.paceOf(kind).Every, Cap: i.paceOf(kind).PerDay, Today: i.view(kind).Today}
	if at, ok := s.may(i, kind); ok {
		c.Wait = max(0, at.Sub(s.now))
	}
	return c
}

// line returns some lines as one Line that has their sums.
func (s *snapshot) line(place, kind string, names ...string) Line {
	l := Line{Place: place, Kind: kind}
	for _, name := range names {
		one := s.lines[name]
		l.Waiting += one.Waiting()
		if !one.Oldest.IsZero() {
			l.Oldest = max(l.Oldest, s.now.Sub(one.Oldest))
		}
	}
	return l
}
