package enqueue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/tasks"
)

// Summary counts the rows of one run.
type Summary struct {
	BatchID string `json:"batchId"`
	Batch   string `json:"batch"`
	Total   int    `json:"total"` // rows read
	Created int    `json:"created"`
	Existed int    `json:"existed"`
	Invalid int    `json:"invalid"`
}

// How many rows travel together, and how long one waits for company.
const (
	together = 500
	patience = 200 * time.Millisecond
	stillOn  = 10 * time.Second // how often a slow input says that its run still lives
)

// CreateBatch accepts the rows of an input under a batch's name, in order, in constant memory: see
// Rows for requests of a program's own, and Read for files. Each
// is told of every row once its outcome is certain; its error ends the run. Rows without a key of
// their own get one from the batch's name and their content, so the same input again adds only
// what is missing.
//
// The error is the input's, Redis', each's, or the context's. The summary counts what was certain
// before it: that stays accepted, and running again goes on from there.
func (c *Client) CreateBatch(ctx context.Context, name string, rules Rules, rows iter.Seq2[Row, error], each func(Result) error) (Summary, error) {
	r := &run{c: c, rules: rules, each: each, sum: Summary{Batch: name}}
	work, ctx2 := errgroup.WithContext(ctx)
	ready := make(chan checked, 2*together)
	work.Go(func() error { // reading and checking go on while Redis writes
		defer close(ready)
		for row, err := range rows {
			if err != nil {
				return err
			}
			select {
			case ready <- c.check(ctx2, row, name, rules):
			case <-ctx2.Done():
				return context.Cause(ctx2)
			}
		}
		return nil
	})
	// What was read before the input or the context failed is whole: it is accepted all the same.
	writing := context.WithoutCancel(ctx)
	work.Go(func() error {
		for rows := range r.collect(writing, ready) {
			if err := r.accept(writing, rows); err != nil {
				return err
			}
		}
		return nil
	})
	err := work.Wait()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if closing := r.close(writing); err == nil {
		err = closing
	}
	return r.sum, err
}

// run is one call of CreateBatch.
type run struct {
	c      *Client
	rules  Rules
	each   func(Result) error
	adding ledger.Adding
	sum    Summary
}

// checked is a row with its verdict, before Redis was asked.
type checked struct {
	row   int
	err   *tasks.RowError
	fault error // Redis failed while checking
	entry *ledger.Entry

	duplicates int // people given more than once
}

// check judges a row by itself. It is the only place where a request becomes a record.
func (c *Client) check(ctx context.Context, row intake.Row, batch string, rules Rules) checked {
	if row.Err != nil {
		return checked{row: row.N, err: row.Err}
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	in, rowErr := intake.Check(row.Request, intake.Rules{
		Region: rules.Region, Strict: rules.Strict, RequireConsent: c.requireConsent, Now: now,
	})
	if rowErr != nil {
		return checked{row: row.N, err: rowErr}
	}
	places, err := c.known(ctx)
	if err != nil {
		return checked{row: row.N, fault: err}
	}
	target, rowErr := places.target(in.Request)
	if rowErr != nil {
		return checked{row: row.N, err: rowErr}
	}
	g := groupOf(in, row.N, target, now)
	if batch == "" {
		g.Row = 0 // rows are a batch's
	}
	e := &ledger.Entry{Group: g, Content: content(g), Scope: "key", Key: g.Key}
	if g.Key == "" && batch != "" {
		e.Scope, e.Key = "batch", batch+"\x00"+e.Content
	}
	return checked{row: row.N, entry: e, duplicates: in.Duplicates}
}

// content is a digest of everything that is asked for, the same for every spelling of it. Consent is
// not asked for but vouched for: a file that comes again with better evidence asks for no second group.
func content(g *group.Group) string {
	people := make([]string, len(g.Members))
	for i := range g.Members {
		if keys := g.Members[i].Identity().Keys(); len(keys) > 0 {
			people[i] = keys[0]
		} else {
			people[i] = "!" + g.Members[i].Input
		}
	}
	slices.Sort(people)
	data, err := json.Marshal([]any{
		g.Name, g.AutoInvite, g.Target.String(), g.Priority, people, g.ExternalRef, g.NotBefore, g.ExpiresAt, g.Message, g.Metadata,
	})
	if err != nil { // strings, times and decoded JSON always marshal
		panic(err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// collect gathers rows that can travel together, without letting the first of them wait long.
func (r *run) collect(ctx context.Context, ready <-chan checked) iter.Seq[[]checked] {
	return func(yield func([]checked) bool) {
		alive := time.NewTicker(stillOn)
		defer alive.Stop()
		var rows []checked
		var late <-chan time.Time
		for {
			select {
			case row, more := <-ready:
				if more {
					if rows = append(rows, row); len(rows) == 1 {
						late = time.After(patience)
					}
				}
				if len(rows) < together && more {
					continue
				}
				if len(rows) > 0 && !yield(rows) || !more {
					return
				}
			case <-late:
				if !yield(rows) {
					return
				}
			case <-alive.C:
				if r.adding.BatchID != "" {
					// A miss is no harm: the next one comes in time.
					_ = r.c.ledger.JoinBatch(ctx, r.sum.Batch, &r.adding)
				}
				continue
			}
			rows, late = nil, nil
		}
	}
}

// accept makes the outcome of some rows certain and tells each of them.
func (r *run) accept(ctx context.Context, rows []checked) error {
	entries := make([]*ledger.Entry, 0, len(rows))
	for _, row := range rows {
		if row.fault != nil {
			return row.fault
		}
		if row.err == nil {
			entries = append(entries, row.entry)
		}
	}
	if err := r.write(ctx, entries); err != nil {
		return err
	}
	for _, row := range rows {
		if err := r.each(r.count(row)); err != nil {
			return err
		}
	}
	return nil
}

// write puts the entries into the ledger and their tasks onto the queue.
func (r *run) write(ctx context.Context, entries []*ledger.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	if err := r.c.ledger.Claim(ctx, entries); err != nil {
		return err
	}
	fresh := slices.DeleteFunc(slices.Clone(entries), func(e *ledger.Entry) bool { return e.Outcome != ledger.Created })
	if len(fresh) == 0 {
		return nil
	}
	if err := r.atTheDoor(ctx, fresh); err != nil {
		return err
	}
	if r.sum.Batch != "" {
		if err := r.c.ledger.JoinBatch(ctx, r.sum.Batch, &r.adding); err != nil {
			return err
		}
		r.sum.BatchID = r.adding.BatchID
	}
	next := make([]tasks.Task, 0, len(fresh))
	for _, e := range fresh {
		e.Group.BatchID = r.adding.BatchID
		next = append(next, group.Schedule{}.Next(e.Group)...)
	}
	if err := r.c.ledger.Record(ctx, fresh); err != nil {
		return err
	}
	return r.c.queue.Put(ctx, next...)
}

// atTheDoor marks who is on the suppression list. It is looked at again before anybody is called.
func (r *run) atTheDoor(ctx context.Context, entries []*ledger.Entry) error {
	var people []phone.Identity
	for _, e := range entries {
		for i := range e.Group.Members {
			people = append(people, e.Group.Members[i].Identity())
		}
	}
	out, err := r.c.ledger.Suppressed(ctx, people)
	if err != nil {
		return err
	}
	for _, e := range entries {
		for i := range e.Group.Members {
			if m := &e.Group.Members[i]; out[i] && m.Status == group.Pending {
				m.End(group.OptedOut, "is on the suppression list", e.Group.CreatedAt)
			}
		}
		out = out[len(e.Group.Members):]
	}
	return nil
}

// count adds a row to the summary.
func (r *run) count(row checked) Result {
	r.sum.Total++
	res := Result{Row: row.row, Outcome: Invalid, Error: row.err}
	if row.err == nil {
		res.ID = row.entry.Group.ID
		switch row.entry.Outcome {
		case ledger.Created:
			res.Outcome = Created
		case ledger.Existed:
			res.Outcome = Existed
		case ledger.Conflict:
			res.ID = ""
			res.Error = &tasks.RowError{Code: tasks.Conflict, Field: "idempotencyKey", Message: "this idempotencyKey " +
				"was used before for another request (group " + row.entry.Group.ID + "); give the changed request a new key"}
		}
	}
	switch res.Outcome {
	case Created:
		r.sum.Created++
	case Existed:
		r.sum.Existed++
	case Invalid:
		r.sum.Invalid++
	}
	return res
}

// close ends the run. A run that created nothing belongs to the batch that its name had before.
func (r *run) close(ctx context.Context) error {
	if r.sum.Total == 0 {
		return nil
	}
	if r.adding.BatchID == "" {
		id, err := r.c.ledger.BatchID(ctx, r.sum.Batch)
		if err == nil {
			r.sum.BatchID = id
			return nil
		}
		if !errors.Is(err, ledger.ErrNotFound) {
			return err
		}
		if err := r.c.ledger.JoinBatch(ctx, r.sum.Batch, &r.adding); err != nil {
			return err
		}
		r.sum.BatchID = r.adding.BatchID
	}
	return r.c.ledger.CloseBatch(ctx, &r.adding, r.sum.Invalid)
}
