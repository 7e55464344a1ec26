package store

import (
	"context"
	"slices"
	"sync"

	"github.com/rollcallhq/rollcall/internal/group"
)

// followers are the index entries that wait while a call writes others. After that call the first of them writes all
// of them in one call, which costs Redis less than a call for each. An entry waits only while a call is under way.
type followers struct {
	mu      sync.Mutex
	writing bool
	waiting []*follower
}

// follower is one index entry that waits.
type follower struct {
	group *group.Group
	leads chan bool // true: it makes the next call; false: another's call included it
	err   error     // of that call
}

// together brings the index up to a group, in one call with other groups that come at the same time.
func (ix *Index) together(ctx context.Context, g *group.Group) error {
	mine := &follower{group: g, leads: make(chan bool, 1)}
	f := &ix.followers
	f.mu.Lock()
	f.waiting = append(f.waiting, mine)
	if f.writing {
		f.mu.Unlock()
		if !<-mine.leads {
			return ix.orAlone(ctx, g, mine.err)
		}
		f.mu.Lock()
	}
	f.writing = true
	together, groups := f.next()
	f.mu.Unlock()
	var err error
	defer func() { f.wrote(together, err) }()
	err = ix.Refresh(ctx, groups...)
	if len(groups) == 1 {
		return err
	}
	return ix.orAlone(ctx, g, err)
}

// orAlone writes the group again, alone, if Redis rejected the call with others: another group may be the cause.
func (ix *Index) orAlone(ctx context.Context, g *group.Group, err error) error {
	if !lasting(err) {
		return err
	}
	return ix.Refresh(ctx, g)
}

// next removes the followers of the next call from those that wait, the leader first. One call takes each group only
// once.
func (f *followers) next() (together []*follower, groups []*group.Group) {
	f.waiting = slices.DeleteFunc(f.waiting, func(one *follower) bool {
		if len(groups) == indexTogether || slices.ContainsFunc(groups, func(g *group.Group) bool { return g.ID == one.group.ID }) {
			return false
		}
		together, groups = append(together, one), append(groups, one.group)
		return true
	})
	return together, groups
}

// wrote gives the result of a call to its other followers, and lets the next follower lead.
func (f *followers) wrote(together []*follower, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, other := range together[1:] {
		other.err = err
		other.leads <- false
	}
	if f.writing = len(f.waiting) > 0; f.writing {
		f.waiting[0].leads <- true
	}
}
