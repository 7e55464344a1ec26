package steps

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// A look reads at most this many groups in one step, one after the other: GREEN-API allows one
// reading a second, and other groups' readings share it.
const (
	readsAtOnce = 20
	readPause   = 2 * time.Second
)

// never is since when a group surely exists that another number made.
var never = time.Unix(1, 0).UTC()

// candidate is a group that could be the one a lost create made.
type candidate struct {
	provider.Roll
	group.Likeness
	named bool // it bears the request's name
}

// view is what a look saw.
type view struct {
	found []candidate
	rest  []provider.Listed // to be read in the next step
}

// one is the group to adopt: the only one that is surely it, and, where it bears another name, the
// only one at all.
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

// likes are the groups that are surely made by the request.
func (v view) likes() int {
	n := 0
	for _, c := range v.found {
		if c.Likeness == group.Like {
			n++
		}
	}
	return n
}

// more answers Later while groups are left to be read.
func (v view) more() *Later {
	return &Later{After: readPause, Why: fmt.Sprintf("%d more groups of this number to be read, of which one may be it", len(v.rest))}
}

// look reads all the lists and returns the groups that could be the one that a lost create of g
// made, whatever they are called. Only groups that may be newer than the doubt are read. Its error
// means that the look decides nothing.
func (s *Steps) look(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock) (view, error) {
	since, ok := g.FirstDoubt()
	if !ok {
		return view{}, nil
	}
	self, err := s.ownOf(ctx, in)
	if err != nil {
		return view{}, err
	}
	listed, err := in.Provider.ListGroups(ctx)
	if err != nil {
		return view{}, err
	}
	number := self.number
	todo, learned, err := s.newer(ctx, g, number, listed, since, at.Now())
	if err != nil {
		return view{}, err
	}
	now := min(len(todo), readsAtOnce)
	found, err := s.readEach(ctx, in, g, self, todo[:now], since, learned)
	// What was learned is kept in any case, or a look of many groups would never come to an end.
	if kept := s.Ledger.MeetGroups(ctx, number, learned); err == nil {
		err = kept
	}
	return view{found, todo[now:]}, err
}

// newer are the listed groups that may have come since the doubt and are no other request's, those
// first whose name speaks for them. Learned is what the list itself taught.
func (s *Steps) newer(ctx context.Context, g *group.Group, number string, listed []provider.Listed, since, now time.Time) ([]provider.Listed, map[string]time.Time, error) {
	ids := make([]string, len(listed))
	for i, l := range listed {
		ids[i] = l.GroupID
	}
	owners, err := s.Ledger.WhatsAppOwners(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	met, err := s.Ledger.MetGroups(ctx, number, ids)
	if err != nil {
		return nil, nil, err
	}
	learned := map[string]time.Time{}
	var todo []provider.Listed
	for _, l := range listed {
		before, known := met[l.GroupID]
		if !known {
			learned[l.GroupID] = now
		}
		switch owner := owners[l.GroupID]; {
		case owner != "" && owner != g.ID && owner != ledger.UnknownOwner, l.GroupID == g.WhatsAppID:
		case known && before.Before(since.Truncate(time.Second)):
		case !l.ExistedAt.IsZero() && l.ExistedAt.Before(since.Add(-group.ClockSkew)):
		default:
			todo = append(todo, l)
		}
	}
	closeness := func(l provider.Listed) int {
		switch {
		case group.SameName(l.Name, g.Name):
			return 0
		case l.Name == "":
			return 1
		}
		return 2
	}
	slices.SortStableFunc(todo, func(a, b provider.Listed) int { return closeness(a) - closeness(b) })
	return todo, learned, nil
}

// readEach reads groups and judges them.
func (s *Steps) readEach(ctx context.Context, in *Instance, g *group.Group, self own, todo []provider.Listed, since time.Time, learned map[string]time.Time) ([]candidate, error) {
	var found []candidate
	for _, l := range todo {
		roll, err := in.Provider.Members(ctx, l.GroupID)
		if err != nil {
			e := provider.AsError(err)
			if e.Scope == provider.ScopeRequest && (e.Class == provider.Refused || e.Denied && l.Name != "" && !group.SameName(l.Name, g.Name)) {
				learned[l.GroupID] = never // listed, but not ours to read: left, or gone
				continue
			}
			return nil, err
		}
		seen := sighted(roll)
		likeness := g.Likeness(seen, self.Identity, since)
		named := group.SameName(roll.Subject, g.Name)
		if likeness != group.Unlike && !named {
			if likeness, err = s.contested(ctx, in, g, seen, self, likeness); err != nil {
				return nil, err
			}
		}
		switch {
		case likeness != group.Unlike:
			found = append(found, candidate{roll, likeness, named})
		case roll.CreatedAt.IsZero():
			learned[l.GroupID] = since.Add(-time.Second) // judged once, and a later doubt is later
		case roll.CreatedAt.Before(since.Add(-group.ClockSkew)):
			learned[l.GroupID] = roll.CreatedAt.Add(group.ClockSkew)
		}
	}
	return found, nil
}

// contested judges a group of another name by the other requests whose create is open on this
// number: of whose name it is, that one's it is; who else could have made it makes it doubtful.
func (s *Steps) contested(ctx context.Context, in *Instance, g *group.Group, seen group.Sighted, self own, likeness group.Likeness) (group.Likeness, error) {
	holder, err := s.Ledger.NameHolder(ctx, self.number, seen.Name)
	if err != nil || holder != "" && holder != g.ID {
		return group.Unlike, err
	}
	for _, one := range *s.instances.Load() {
		if one.Name != in.Name && s.Keeper.Number(one.Name) != self.number {
			continue
		}
		if likeness, err = s.contestedAt(ctx, one.Name, g, seen, self, likeness); err != nil || likeness == group.Unlike {
			return group.Unlike, err
		}
	}
	return likeness, nil
}

// contestedAt is contested by the requests of one instance.
func (s *Steps) contestedAt(ctx context.Context, instance string, g *group.Group, seen group.Sighted, self own, likeness group.Likeness) (group.Likeness, error) {
	for cursor := ""; ; {
		open, next, err := s.Ledger.List(ctx, ledger.Filter{Instance: instance, Statuses: []group.Status{group.Creating, group.Verifying}}, cursor, 100)
		if err != nil {
			return group.Unlike, err
		}
		cursor = next
		for _, other := range open {
			latest := other.Latest()
			if other.ID == g.ID || latest == nil {
				continue
			}
			since, doubted := other.FirstDoubt()
			if !doubted {
				since = latest.StartedAt
			}
			switch theirs := other.Likeness(seen, self.Identity, since); {
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
		out[i] = group.Candidate{GroupID: c.GroupID, Name: c.Subject, CreatedAt: c.CreatedAt, People: len(c.Participants)}
	}
	return out
}
