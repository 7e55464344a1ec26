package view

import (
	"context"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

// latestBatches is how many batches the status shows beside those that run.
const latestBatches = 5

// Document is the whole installation, as `status` shows it.
type Document struct {
	Groups    map[group.Status]int       `json:"groups"`
	Members   map[group.MemberStatus]int `json:"members"`
	Instances []Instance                 `json:"instances"`
	Batches   []group.BatchDocument      `json:"batches"` // the running ones and the latest few, newest first
	Workers   []store.Worker             `json:"workers"`
	EtaAt     *time.Time                 `json:"etaAt"`
	// Installation says whether Redis still holds what the workers remember.
	Installation Installation `json:"installation"`
	// Waiting counts the people who wait, by the state of their group.
	Waiting map[group.Status]int `json:"waiting"`
	// Needs lists what a person must see to, starting with what holds up the most people.
	Needs []Need `json:"needs"`
	// Unreadable counts the stored things that cannot be read, by kind.
	Unreadable map[store.Kind]int `json:"unreadable"`
}

// Status returns the document of the whole installation.
func (r *Reader) Status(ctx context.Context) (Document, error) {
	all, err := r.read(ctx)
	if err != nil {
		return Document{}, err
	}
	batches, _, err := r.store.Index.Batches(ctx, "", latestBatches, r.pools...)
	if err != nil {
		return Document{}, err
	}
	running, err := r.store.Index.RunningBatches(ctx)
	if err != nil {
		return Document{}, err
	}
	slices.Reverse(running)
	running = slices.DeleteFunc(running, func(id string) bool {
		return slices.ContainsFunc(batches, func(b *group.Batch) bool { return b.ID == id })
	})
	others, err := r.store.Index.LoadBatches(ctx, running)
	if err != nil {
		return Document{}, err
	}
	batches = append(batches, others...)
	docs, err := r.batches(ctx, r.within(batches), all.snapshot)
	if err != nil {
		return Document{}, err
	}
	d := Document{
		Groups: all.groups, Members: all.members, Instances: r.documents(all.snapshot), Batches: docs, Workers: all.workers,
		EtaAt:        moment(all.overWith(all.over(all.groups, all.members[group.Pending]), docs)),
		Installation: installationDocument(all.whole),
	}
	if d.Unreadable, err = r.store.CountUnreadable(ctx); err != nil {
		return Document{}, err
	}
	if len(r.pools) > 0 { // workers, unreadable things and the estimate of the end are the whole installation's
		if d.Groups, d.Members, err = r.store.Index.Totals(ctx, r.pools...); err != nil {
			return Document{}, err
		}
		d.Workers, d.Unreadable, d.EtaAt = nil, map[store.Kind]int{}, nil
	}
	waits, err := r.attention(ctx, all.snapshot)
	if err != nil {
		return Document{}, err
	}
	d.Waiting, d.Needs = waits.waiting.Statuses, d.needs(waits)
	if d.Workers == nil {
		d.Workers = []store.Worker{}
	}
	if d.Batches == nil {
		d.Batches = []group.BatchDocument{}
	}
	return d, nil
}
