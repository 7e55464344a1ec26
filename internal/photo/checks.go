package photo

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

const (
	// maxSeen bounds how many addresses a Checks remembers.
	maxSeen = 10_000
	// maxRows bounds the rows that a Fault names.
	maxRows = 100
)

// Checks fetches the photos that the rows of one input would set, and finds addresses without a picture. It
// fetches each address once. It is not safe for concurrent use.
type Checks struct {
	photos *Fetcher
	pools  map[string]string // photo by pool
	seen   map[string]*Error
	faults map[string]*Fault // by pool
}

// Fault is a pool whose photo is not a picture.
type Fault struct {
	Pool string
	Rows []int // the first rows whose groups would have the photo
	Why  *Error
}

// Said says what is wrong and what helps.
func (f Fault) Said() say.Phrase {
	return say.Phrase{Code: say.WarnPoolPhoto, Place: f.Pool, N: maxMB, Why: []say.Phrase{f.Why.Why}}
}

const maxMB = tasks.MaxPhotoBytes >> 20

// NewChecks returns a Checks. pools holds the photo of each pool, which its rows have if they name none.
func NewChecks(photos *Fetcher, pools map[string]string) *Checks {
	return &Checks{photos: photos, pools: pools, seen: map[string]*Error{}, faults: map[string]*Fault{}}
}

// Row fetches the photo of row n, or of its pool. It returns what is wrong with the row's own photo; Faults returns what
// is wrong with those of pools. The error is the context's.
func (c *Checks) Row(ctx context.Context, n int, r *tasks.GroupRequest) (*tasks.RowError, error) {
	if r.Photo != "" {
		fault, err := c.fetch(ctx, r.Photo)
		if fault == nil {
			return nil, err
		}
		return tasks.NewRowError(tasks.BadField, "photo", say.Phrase{Code: say.RowPhoto, N: maxMB, Why: []say.Phrase{fault.Why}}), nil
	}
	if r.Instance != "" {
		return nil, nil
	}
	pool := cmp.Or(r.Pool, tasks.DefaultPool)
	address := c.pools[pool]
	if address == "" {
		return nil, nil
	}
	why, err := c.fetch(ctx, address)
	if why == nil {
		return nil, err
	}
	f := c.faults[pool]
	if f == nil {
		f = &Fault{Pool: pool, Why: why}
		c.faults[pool] = f
	}
	if len(f.Rows) < maxRows {
		f.Rows = append(f.Rows, n)
	}
	return nil, nil
}

func (c *Checks) fetch(ctx context.Context, address string) (*Error, error) {
	if fault, known := c.seen[address]; known {
		return fault, nil
	}
	_, err := c.photos.Fetch(ctx, address)
	fault, ok := errors.AsType[*Error](err)
	if err != nil && !ok {
		return nil, err
	}
	if len(c.seen) < maxSeen {
		c.seen[address] = fault
	}
	return fault, nil
}

// Faults returns the pools whose photos are not pictures, sorted by name.
func (c *Checks) Faults() []Fault {
	var all []Fault
	for _, pool := range slices.Sorted(maps.Keys(c.faults)) {
		all = append(all, *c.faults[pool])
	}
	return all
}
