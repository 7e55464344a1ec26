package workercmd

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

// report is the result of a batch, or of all groups, and whether the simulators agree.
type report struct {
	batch   string // its id; "" for everything
	invalid int    // rows that were not accepted
	begun   time.Time

	document group.BatchDocument // for all groups, a document with the name everything
	groups   []group.Document
	states   map[group.Status]int
	people   map[group.MemberStatus]int
	ended    time.Time
	truth    *truth // nil when another process runs the simulators
}

// page is how many groups are read at once.
const page = 500

// gather reads the groups, and then what the simulators know about them.
func (r *report) gather(ctx context.Context, d *dev, now time.Time) error {
	r.ended = now
	if r.batch != "" {
		var err error
		if r.document, err = d.reader.Batch(ctx, r.batch); err != nil {
			return err
		}
		if end := r.document.FinishedAt; end != nil {
			r.ended = *end
		}
	}
	r.groups = []group.Document{}
	r.states, r.people = map[group.Status]int{}, map[group.MemberStatus]int{}
	for cursor := ""; ; {
		docs, next, err := d.reader.Groups(ctx, store.Filter{BatchID: r.batch, OldestFirst: true}, cursor, page)
		if err != nil {
			return err
		}
		for i := range docs {
			r.states[docs[i].Status]++
			for status, n := range docs[i].Counts {
				r.people[status] += n
			}
		}
		r.groups = append(r.groups, docs...)
		if cursor = next; cursor == "" {
			break
		}
	}
	if r.batch == "" {
		all := group.Batch{Name: "everything", Total: len(r.groups), Counts: r.states, Members: r.people, Invalid: map[group.Audience]int{"": r.invalid}, CreatedAt: r.begun}
		r.document = all.Document(time.Time{})
	}
	if d.world != nil {
		r.truth = compare(r.groups, d.world.Ledger())
	}
	return nil
}

// same reports whether two reports have the same states.
func (r *report) same(other *report) bool {
	return maps.Equal(r.states, other.states) && maps.Equal(r.people, other.people)
}

// batchAnswer is the one document of --output json.
type batchAnswer struct {
	group.BatchDocument

	Groups []group.Document `json:"groups"`
}

func (r *report) print(s *cli.Session) error {
	return cli.Print(s, batchAnswer{r.document, r.groups}, r.groups, r.text)
}

// errDisagree says that the report does not match the simulators.
var errDisagree = errors.New("the report and the simulators do not agree: this is a bug in rollcall; " +
	"please report it with the seed and the personality")

// verdict returns the error with the exit code of --exit-when-done; nil if all went well.
func (r *report) verdict() error {
	switch {
	case r.truth != nil && !r.truth.agrees():
		return cli.Exit(cli.Failed, errDisagree)
	case r.invalid > 0 || r.states[group.Done] < len(r.groups):
		return cli.Exit(cli.Partly, nil)
	}
	return nil
}
