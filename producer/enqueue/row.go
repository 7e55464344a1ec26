package enqueue

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// checked is a row after check, and later its outcome.
type checked struct {
	row   int
	line  int
	asked tasks.GroupRequest
	err   *tasks.RowError
	fault error // of Redis, while checking
	entry *store.Entry

	comma      byte         // of the file, see intake.Row
	held       bool         // put aside, see waiting
	kin        found        // the group that the row means although it has another name or key
	was        *group.Group // the recorded group that the row differs from, if it was read already
	changes    *Changes     // how it differs
	unrecorded bool         // in a plan: its group is not recorded yet

	duplicates int // people given more than once
	unusable   []Unusable
	warnings   []string // codes
	sights     intake.Sights
}

// check checks one row. It is the only place where a request becomes a record.
func (c *Client) check(ctx context.Context, row Row, batch string, rules Rules) checked {
	if row.Err != nil {
		return checked{row: row.N, line: row.Line, err: row.Err}
	}
	if rowErr := rules.Place(&row.Request); rowErr != nil {
		return checked{row: row.N, line: row.Line, err: rowErr}
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	in, rowErr := intake.Check(row.Request, intake.Rules{
		Region: rules.Region, Strict: rules.Strict, RequireConsent: c.requireConsent, Regions: c.regions, PrivatePhotos: c.privatePhotos, Now: now,
	})
	unusable, sights := unusableOf(in.People), intake.SightsOf(in.People)
	if rowErr != nil {
		return checked{row: row.N, line: row.Line, err: rowErr, unusable: unusable, sights: sights}
	}
	places, err := c.known(ctx)
	if err != nil {
		return checked{row: row.N, line: row.Line, fault: err}
	}
	target, rowErr := places.target(in.Request)
	if rowErr != nil {
		return checked{row: row.N, line: row.Line, err: rowErr, unusable: unusable, sights: sights}
	}
	g := operate.GroupOf(in, row.N, target, now)
	if batch == "" {
		g.Row = 0 // only groups of a batch have a row
	}
	return checked{row: row.N, line: row.Line, asked: row.Request, comma: row.Comma, entry: operate.EntryOf(g, batch), duplicates: in.Duplicates, unusable: unusable, warnings: warnings(in.People), sights: sights}
}

// unusableOf returns the people who cannot be used.
func unusableOf(people []intake.Person) []Unusable {
	var all []Unusable
	for _, p := range people {
		if p.Err != nil {
			all = append(all, Unusable{Input: p.Input, Code: string(p.Err.Reason), Message: p.Err.Error(), Why: p.Err.Said()})
		}
	}
	return all
}

// markSuppressed marks the people on the suppression list and counts them. The worker checks the list again before
// each call.
func markSuppressed(e *store.Entry) int {
	n := 0
	for i, out := range e.Out {
		if m := &e.Group.Members[i]; out && m.Status == group.Pending {
			m.End(group.OptedOut, say.Phrase{Code: say.Suppressed}, e.Group.CreatedAt)
			n++
		}
	}
	return n
}
