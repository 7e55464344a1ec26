package enqueue

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// Summary counts the rows of one run.
type Summary struct {
	BatchID string `json:"batchId"`
	Batch   string `json:"batch"`
	Total   int    `json:"total"` // rows read
	Created int    `json:"created"`
	Existed int    `json:"existed"`
	Updated int    `json:"updated"`
	Invalid int    `json:"invalid"`
	// People are those of all rows read.
	People People `json:"people"`
	// Warnings are what a person should look at although the rows were accepted; empty for none.
	Warnings []Warning `json:"warnings"`
}

const (
	chunkRows = 500                    // rows are accepted in chunks of at most so many
	gatherFor = 200 * time.Millisecond // how long a row waits for others
	heartbeat = 10 * time.Second       // how often a slow input says that its run still lives
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
	r := &run{c: c, rules: rules, each: each, sum: newSummary(name)}
	err := r.stream(ctx, rows)
	r.testify()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if closing := r.close(context.WithoutCancel(ctx)); err == nil {
		err = closing
	}
	return r.sum, err
}

// run is one call of CreateBatch.
type run struct {
	c      *Client
	rules  Rules
	each   func(Result) error
	adding store.Adding
	noted  bool   // the separator of the input is kept
	ended  string // the batch of the name, which ended before this run
	sum    Summary
	// witness finds people who were read against what most rows say.
	witness intake.Witness
	people  intake.People
	invalid []store.InvalidRow // the first

	// kin is read with the first row that the batch does not have; seen are the groups that rows of this
	// run have named and that were there before; related are the groups that rows of another name or key
	// mean, by that. All are nil without a batch.
	kin     *kin
	kinRead bool
	seen    map[string]bool
	related map[string]found

	mu       sync.Mutex
	inFlight map[string]bool // ids that are claimed and not yet recorded
}

// accept makes the outcome of some rows certain and tells each of them.
func (r *run) accept(ctx context.Context, rows []checked) error {
	if err := r.claim(ctx, rows); err != nil {
		return err
	}
	if err := r.record(ctx, rows); err != nil {
		return err
	}
	return r.put(ctx, rows)
}

// claim settles whose the rows are.
func (r *run) claim(ctx context.Context, rows []checked) error {
	entries := make([]*store.Entry, 0, len(rows))
	for _, row := range rows {
		if row.fault != nil {
			return row.fault
		}
		if row.err == nil {
			entries = append(entries, row.entry)
		}
	}
	if len(entries) == 0 {
		return nil
	}
	if err := r.c.store.Records.Claim(ctx, entries, r.isInFlight); err != nil {
		return err
	}
	refuseUnreadable(rows)
	if err := r.refuseForeign(ctx, rows); err != nil {
		return err
	}
	if err := r.correct(ctx, rows); err != nil {
		return err
	}
	fresh := fresh(rows)
	if len(fresh) > 0 && r.sum.Batch != "" {
		if err := r.join(ctx); err != nil {
			return err
		}
		r.warnEnded(rows)
		if err := r.noteComma(ctx, rows); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inFlight == nil {
		r.inFlight = make(map[string]bool, chunkRows)
	}
	for _, e := range fresh {
		r.sum.People.Suppressed += optOut(e)
		e.Group.BatchID = r.adding.BatchID
		r.inFlight[e.Group.ID] = true
	}
	return nil
}

// join adds to the running batch of the name, or to a new one.
func (r *run) join(ctx context.Context) error {
	var latest string
	if r.adding.BatchID == "" {
		var err error
		if latest, err = r.latest(ctx); err != nil {
			return err
		}
	}
	if err := r.c.store.Index.JoinBatch(ctx, r.sum.Batch, &r.adding); err != nil {
		return err
	}
	r.sum.BatchID = r.adding.BatchID
	if latest != "" && latest != r.adding.BatchID {
		r.ended = latest
	}
	return nil
}

// latest is the latest batch of the name; "" for none.
func (r *run) latest(ctx context.Context) (string, error) {
	id, err := r.c.store.Index.BatchID(ctx, r.sum.Batch)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return id, err
}

// warnEnded warns of the rows that begin another batch because the one of the name has ended.
func (r *run) warnEnded(rows []checked) {
	for i := range rows {
		if row := &rows[i]; r.ended != "" && row.err == nil && row.entry.Outcome == store.Created {
			row.warnings = append(row.warnings, warnBatchEnded)
		}
	}
}

// noteComma keeps once what stands between the cells of the input, for the export of the batch.
func (r *run) noteComma(ctx context.Context, rows []checked) error {
	if r.noted {
		return nil
	}
	for _, row := range rows {
		if row.comma != 0 {
			r.noted = true
			return r.c.store.Index.NoteComma(ctx, r.adding.BatchID, row.comma)
		}
	}
	return nil
}

func (r *run) isInFlight(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.inFlight[id]
}

// record puts the new groups into the store.
func (r *run) record(ctx context.Context, rows []checked) error {
	fresh := fresh(rows)
	if len(fresh) == 0 {
		return nil
	}
	if err := r.c.store.Records.Record(ctx, fresh); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range fresh {
		delete(r.inFlight, e.Group.ID)
	}
	return nil
}

// put puts their tasks onto the queue, compares what differs from what is recorded, and tells each row.
func (r *run) put(ctx context.Context, rows []checked) error {
	next := make([]tasks.Task, 0, len(rows))
	for _, e := range fresh(rows) {
		next = append(next, group.Schedule{}.Next(e.Group)...)
	}
	if len(next) > 0 {
		if err := r.c.queue.Put(ctx, next...); err != nil {
			return err
		}
	}
	if err := r.compare(ctx, rows); err != nil {
		return err
	}
	for _, row := range rows {
		if err := r.each(r.count(row)); err != nil {
			return err
		}
	}
	return nil
}

// fresh are the rows' entries that are new.
func fresh(rows []checked) []*store.Entry {
	entries := make([]*store.Entry, 0, len(rows))
	for _, row := range rows {
		if row.err == nil && row.entry.Outcome == store.Created {
			entries = append(entries, row.entry)
		}
	}
	return entries
}

// count adds a row to the summary.
func (r *run) count(row checked) Result {
	r.sum.Total++
	r.sum.People.Duplicate += row.duplicates
	r.witness.Add(&r.people, row.row, row.sights)
	for _, code := range row.warnings {
		r.warn(code, row.row)
	}
	res := Result{Row: row.row, Line: row.line, Outcome: Invalid, Error: row.err, Unusable: row.unusable, Changes: row.changes}
	if row.entry != nil {
		res.ID = row.entry.Group.ID
	}
	switch {
	case row.err != nil:
	case row.changes != nil:
		res.Outcome = Updated
	case row.entry.Outcome == store.Created:
		res.Outcome = Created
	default:
		res.Outcome = Existed
	}
	switch res.Outcome {
	case Created:
		r.sum.Created++
	case Existed:
		r.sum.Existed++
	case Updated:
		r.sum.Updated++
	case Invalid:
		r.sum.Invalid++
		if len(r.invalid) < store.MaxInvalidRows {
			r.invalid = append(r.invalid, store.InvalidRow{Row: row.row, Line: row.line, Field: row.err.Field, Code: string(row.err.Code), Why: say.Kept(intake.Why(row.err).Untyped())})
		}
	}
	return res
}

// close ends the run. A run that created nothing belongs to the batch that its name had before.
func (r *run) close(ctx context.Context) error {
	if r.sum.Total == 0 {
		return nil
	}
	if r.adding.BatchID == "" {
		id, err := r.latest(ctx)
		if err == nil && id == "" {
			err = r.join(ctx)
			id = r.adding.BatchID
		}
		if err != nil {
			return err
		}
		r.adding.BatchID, r.sum.BatchID = id, id
	}
	if err := r.c.store.Index.NoteInvalid(ctx, &r.adding, r.invalid); err != nil {
		return err
	}
	return r.c.store.Index.CloseBatch(ctx, &r.adding, r.sum.Invalid)
}
