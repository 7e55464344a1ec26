package steps

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// One step of a look reads at most this many groups, one after the other: a provider may allow one reading a second,
// which all groups share.
const (
	readsAtOnce = 20
	readPause   = 2 * time.Second
)

// lookID names one look of a request, which may take several steps.
type lookID struct {
	request string
	from    time.Time
	n       int
}

// lookOf returns the id of the look that a group's state asks for.
func lookOf(g *group.Group) lookID {
	l := g.Verify
	if g.Status == group.Inviting {
		l = g.Roll
	}
	return lookID{g.ID, l.From, l.Looks}
}

// looks are the unfinished looks on an instance, with the groups that their steps have read. Without them a look would
// read the same groups in each step. If they are lost, it only reads more.
type looks struct {
	mu   sync.Mutex
	open map[lookID]map[string]candidate // by group; a group that is not the request's is group.Unlike
}

// maxLooks bounds the looks that this worker remembers: another worker may have finished them.
const maxLooks = 1000

// left returns the listed groups that the look has not read yet, and those among the others that may be the request's.
func (ls *looks) left(id lookID, listed []provider.Listed) (todo []provider.Listed, perhaps []candidate) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, l := range listed {
		c, read := ls.open[id][l.GroupID]
		switch {
		case !read:
			todo = append(todo, l)
		case c.Likeness == group.Perhaps:
			perhaps = append(perhaps, c)
		}
	}
	return todo, perhaps
}

// keep remembers the groups that a step of the look has read. If over is true, the look is finished, and keep forgets
// its groups.
func (ls *looks) keep(id lookID, read []candidate, over bool) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if over {
		delete(ls.open, id)
		return
	}
	if ls.open == nil || len(ls.open) >= maxLooks {
		ls.open = map[lookID]map[string]candidate{}
	}
	if ls.open[id] == nil {
		ls.open[id] = map[string]candidate{}
	}
	for _, c := range read {
		ls.open[id][c.GroupID] = c
	}
}

// never is the time that learned has for a group that this number did not make. It is before every doubt.
var never = time.Unix(1, 0).UTC()

// candidate is a group that a lost create may have made.
type candidate struct {
	provider.Roll
	group.Likeness
	on     string // the instance whose lists hold it
	named  bool   // it has the request's name
	people int    // how many are in it
}

// view is the result of a look.
type view struct {
	found []candidate
	rest  []provider.Listed // to be read in the next step
}

// one returns the group to adopt: the only certain candidate. If that group has another name than the request, it must
// be the only candidate.
func (v view) one() (candidate, bool) {
	var one candidate
	likes := 0
	for _, c := range v.found {
		if c.Likeness == group.Like {
			one = c
			likes++
		}
	}
	return one, likes == 1 && (one.named || len(v.found) == 1 && len(v.rest) == 0)
}

// likes counts the groups that the request certainly made.
func (v view) likes() int {
	n := 0
	for _, c := range v.found {
		if c.Likeness == group.Like {
			n++
		}
	}
	return n
}

// more returns a phrase that says how many groups remain to be read.
func (v view) more() say.Phrase { return say.Phrase{Code: say.WaitMoreGroups, N: len(v.rest)} }

// lookState is one look of a delivery: whose lists it reads, and what it has learned from them.
type lookState struct {
	*delivery

	on      *Instance
	self    own
	since   time.Time            // the lost create made no group before this time
	learned map[string]time.Time // by group: a time at which it existed
	read    []candidate          // the groups that it has read, without those that are certain: each step reads these again
}

// look reads the lists of an instance and returns the groups that a lost create may have made, whatever their names. It
// reads only groups that may be newer than the doubt. After an error the look decides nothing.
func (d *delivery) look(ctx context.Context, on *Instance) (view, error) {
	since, ok := d.g.FirstDoubt()
	if !ok {
		return view{}, nil
	}
	self, err := d.ownOf(ctx, on)
	if err != nil {
		return view{}, err
	}
	listed, err := on.Provider.ListGroups(ctx)
	if err != nil {
		return view{}, err
	}
	z := &lookState{delivery: d, on: on, self: self, since: since, learned: map[string]time.Time{}}
	todo, err := z.newer(ctx, listed)
	if err != nil {
		return view{}, err
	}
	id := lookOf(d.g)
	todo, perhaps := on.looks.left(id, todo)
	now := min(len(todo), readsAtOnce)
	found, err := z.readEach(ctx, todo[:now])
	seen := view{append(perhaps, found...), todo[now:]}
	if now > 0 && (view{found: found}).likes() == now {
		seen.rest = nil // the next step would read the same groups: there are enough for a person to decide
	}
	on.looks.keep(id, z.read, err == nil && len(seen.rest) == 0)
	// Keep the result after an error too, or a look at many groups would never end.
	if kept := d.Store.People.MeetGroups(ctx, self.number, z.learned); err == nil {
		err = kept
	}
	return seen, err
}

// newer returns the listed groups that may have been made since the doubt and that no other request has claimed. Groups
// with the request's name come first.
func (z *lookState) newer(ctx context.Context, listed []provider.Listed) ([]provider.Listed, error) {
	ids := make([]string, len(listed))
	for i, l := range listed {
		ids[i] = l.GroupID
	}
	owners, err := z.Store.Records.WhatsAppOwners(ctx, ids)
	if err != nil {
		return nil, err
	}
	met, err := z.Store.People.MetGroups(ctx, z.self.number, ids)
	if err != nil {
		return nil, err
	}
	now := z.at.Now()
	var todo []provider.Listed
	for _, l := range listed {
		before, known := met[l.GroupID]
		if !known {
			z.learned[l.GroupID] = now
		}
		switch owner := owners[l.GroupID]; {
		case owner != "" && owner != z.g.ID && owner != store.UnknownOwner, group.SameWhatsApp(l.GroupID, z.g.WhatsAppID):
		case known && before.Before(z.since.Truncate(time.Second)):
		case !l.ExistedAt.IsZero() && l.ExistedAt.Before(z.since.Add(-group.ClockSkew)):
		default:
			todo = append(todo, l)
		}
	}
	closeness := func(l provider.Listed) int {
		switch {
		case group.SameName(l.Name, z.g.Name):
			return 0
		case l.Name == "":
			return 1
		}
		return 2
	}
	slices.SortStableFunc(todo, func(a, b provider.Listed) int { return closeness(a) - closeness(b) })
	return todo, nil
}

// readEach reads groups and returns those that the lost create may have made.
func (z *lookState) readEach(ctx context.Context, todo []provider.Listed) ([]candidate, error) {
	var found []candidate
	for _, l := range todo {
		roll, err := z.on.Provider.Members(ctx, l.GroupID)
		if err != nil {
			e := provider.AsError(err)
			if e.Scope == provider.ScopeRequest && (e.Class == provider.Refused || e.Denied && l.Name != "" && !group.SameName(l.Name, z.g.Name)) {
				z.learned[l.GroupID] = never // listed, but the number has left it, or it is gone
				continue
			}
			return nil, err
		}
		seen := sighted(roll)
		likeness := z.g.Likeness(seen, z.self.Identity, z.since)
		named := group.SameName(roll.Subject, z.g.Name)
		if likeness != group.Unlike && !named {
			if likeness, err = z.contested(ctx, seen, likeness); err != nil {
				return nil, err
			}
		}
		c := candidate{roll, likeness, z.on.Name, named, len(roll.Participants)}
		c.Participants = nil // they take much memory, and are not needed again
		if likeness != group.Like {
			z.read = append(z.read, c)
		}
		if likeness != group.Unlike {
			found = append(found, c)
			continue
		}
		switch {
		case roll.CreatedAt.IsZero():
			z.learned[l.GroupID] = z.since.Add(-time.Second) // read once: it is older than every later doubt
		case roll.CreatedAt.Before(z.since.Add(-group.ClockSkew)):
			z.learned[l.GroupID] = roll.CreatedAt.Add(group.ClockSkew)
		}
	}
	return found, nil
}

// contested judges a group of another name against the other requests whose create is open on this number. A group with
// such a request's name belongs to that request. A group that such a request may have made is uncertain.
func (z *lookState) contested(ctx context.Context, seen group.Sighted, likeness group.Likeness) (group.Likeness, error) {
	holder, err := z.Store.Records.NameHolder(ctx, z.self.number, seen.Name)
	if err != nil || holder != "" && holder != z.g.ID {
		return group.Unlike, err
	}
	for _, name := range z.instances.Load().Names {
		if name != z.on.Name && z.Keeper.Number(name) != z.self.number {
			continue
		}
		if likeness, err = z.contestedAt(ctx, name, seen, likeness); err != nil || likeness == group.Unlike {
			return group.Unlike, err
		}
	}
	return likeness, nil
}

// contestedAt is contested for the requests of one instance.
func (z *lookState) contestedAt(ctx context.Context, instance string, seen group.Sighted, likeness group.Likeness) (group.Likeness, error) {
	for cursor := ""; ; {
		open, next, err := z.Store.Index.List(ctx, store.Filter{Instance: instance, Statuses: []group.Status{group.Creating, group.Verifying}}, cursor, 100)
		if err != nil {
			return group.Unlike, err
		}
		cursor = next
		for _, other := range open {
			latest := other.Latest()
			if other.ID == z.g.ID || latest == nil {
				continue
			}
			since, doubted := other.FirstDoubt()
			if !doubted {
				since = latest.StartedAt
			}
			switch theirs := other.Likeness(seen, z.self.Identity, since); {
			case theirs != group.Unlike && group.SameName(other.Name, seen.Name):
				return group.Unlike, nil
			case theirs != group.Unlike:
				likeness = group.Perhaps
			}
		}
		if cursor == "" {
			return likeness, nil
		}
	}
}

func sighted(roll provider.Roll) group.Sighted {
	s := group.Sighted{Name: roll.Subject, Owner: roll.Owner, CreatedAt: roll.CreatedAt, People: make([]phone.Identity, len(roll.Participants))}
	for i, p := range roll.Participants {
		s.People[i] = p.Identity
	}
	return s
}

func candidates(found []candidate) []group.Candidate {
	out := make([]group.Candidate, len(found))
	for i, c := range found {
		out[i] = group.Candidate{GroupID: c.GroupID, Instance: c.on, Name: c.Subject, CreatedAt: c.CreatedAt, People: c.people}
	}
	return out
}
