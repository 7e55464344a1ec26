package view

import (
	"context"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/store"
)

// History is what an instance, or all of them, did day by day.
type History struct {
	Instance   string       `json:"instance"` // "" for all
	Items      []HistoryDay `json:"items"`    // today last
	NextCursor string       `json:"nextCursor"`
}

// HistoryDay is one day of the instance's pacing.zone.
type HistoryDay struct {
	Date    string  `json:"date"`
	Created int     `json:"created"`
	Failed  int     `json:"failed"`
	Added   int     `json:"added"`
	Invited int     `json:"invited"`
	Joined  int     `json:"joined"`
	Calls   PerKind `json:"calls"`
	Allowed PerKind `json:"allowed"` // 0 for no limit, or where no worker ran
}

// History reads the last days, today last. An empty instance means everything that the reader shows. It fails with
// store.ErrNotFound for an instance that the reader does not show, and for one that no worker has announced and
// that did nothing in these days.
func (r *Reader) History(ctx context.Context, instance string, days int) (History, error) {
	of, known, err := r.historyOf(ctx, instance)
	if err != nil {
		return History{}, err
	}
	read, err := r.store.Index.History(ctx, of, days)
	if err != nil {
		return History{}, err
	}
	h := History{Instance: instance, Items: make([]HistoryDay, len(read))}
	for i, d := range read {
		h.Items[i] = HistoryDay{
			Date: d.Date.Format(time.DateOnly), Created: d.Created, Failed: d.Failed, Added: d.Added, Invited: d.Invited, Joined: d.Joined,
			Calls:   PerKind{Create: d.Creates, Invite: d.Invites},
			Allowed: PerKind{Create: d.AllowedCreates, Invite: d.AllowedInvites},
		}
		known = known || d != store.HistoryDay{Date: d.Date}
	}
	if !known {
		return History{}, unknownInstance(instance)
	}
	return h, nil
}

// historyOf returns whose history to read, and whether the instance is known to exist.
func (r *Reader) historyOf(ctx context.Context, instance string) (of store.HistoryOf, known bool, err error) {
	switch {
	case instance != "":
		of = store.HistoryOfInstance(instance)
		named, err := r.store.Presence.InstancesNamed(ctx, []string{instance})
		if err != nil {
			return of, false, err
		}
		if i := named[instance]; i != nil && slices.ContainsFunc(i.Pools, r.mine) {
			return of, true, nil
		}
		if len(r.pools) > 0 { // no record says which pools it served
			return of, false, unknownInstance(instance)
		}
		return of, named[instance] != nil, nil
	case len(r.pools) == 0:
		return store.HistoryOfAll(), true, nil
	}
	all, err := r.store.Presence.Instances(ctx)
	if err != nil {
		return of, false, err
	}
	var names []string
	for name, i := range all {
		if slices.ContainsFunc(i.Pools, r.mine) {
			names = append(names, name)
		}
	}
	return store.HistoryOfPools(r.pools, names), true, nil
}
