package store

import (
	"context"
	"slices"
	"sync"

	"github.com/rollcallhq/rollcall/internal/group"
)

// followers are the index entries that wait for the call under way. The first of them then writes all of them with one
// call, which costs Redis about half of what one call each does. Waiting lasts one call, and only while there is one.
type followers struct {
	mu      sync.Mutex
	writing bool
	waiting []*follower
}

// follower is one of them.
type follower struct {
	group *group.Group
	leads chan bool // true: it writes the next call; false: its own was part of one
	err   error     // of that one
}

// together brings the index up to a group, in one call with others that come at the same time.
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

// orAlone tries again alone where Redis refused a call with others: that may have been one of them.
func (ix *Index) orAlone(ctx context.Context, g *group.Group, err error) error {
	if !lasting(err) {
		return err
	}
	return ix.Refresh(ctx, g)
}

// next takes out those whose turn it is, the leader first. One run of the script takes each group once.
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

// wrote tells the others of a call what became of it, and the next one to write.
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
