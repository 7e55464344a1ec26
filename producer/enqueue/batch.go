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
	// People counts the people of all rows read.
	People People `json:"people"`
	// Warnings are what a person should look at although the rows were accepted; empty for none.
	Warnings []Warning `json:"warnings"`
}

const (
	chunkRows = 500                    // maximum rows of a chunk
	gatherFor = 200 * time.Millisecond // how long a row waits for others of its chunk
	heldFor   = 10 * time.Second       // how long without input until the rows that were put aside are decided
	heartbeat = 10 * time.Second       // how often a run reports that it is running
)

// CreateBatch accepts the rows of an input under a batch's name, in order and in constant memory. Rows makes rows from
// a program's own requests, Read from a file. CreateBatch passes the result of a row to each once the result is
// certain. An error that each returns ends the run. Rows without a key get one from the batch's name and their content,
// so running the same input again adds only what is missing.
//
// A row with a new name or key may be the correction of a row of an earlier run. It then means the group of that row,
// unless another row of this input names that group. Such a row waits until the input ends or pauses, or until 32 MiB
// of such rows wait, and its result comes after those of later rows.
//
// The error is that of the input, of Redis, of each or of ctx. The summary counts the rows accepted before
// it: they stay accepted, and running again continues from there. With a name that no batch can have, the error is
// a *tasks.RowError, and no row is read.
func (c *Client) CreateBatch(ctx context.Context, name string, rules Rules, rows iter.Seq2[Row, error], each func(Result) error) (Summary, error) {
	r := newRun(c, name, rules, each)
	if err := wrongName(name); err != nil {
		return r.sum, err
	}
	err := r.stream(ctx, rows)
	r.countPeople()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if closing := r.close(context.WithoutCancel(ctx)); err == nil {
		err = closing
	}
	return r.sum, err
}

// wrongName returns the error of a name that no batch can have, or nil.
func wrongName(batch string) error {
	if why := group.WrongBatchName(batch); !why.Zero() {
		return tasks.NewRowError(tasks.BadField, "batch", why)
	}
	return nil
}

// run is one call of CreateBatch.
type run struct {
	c         *Client
	rules     Rules
	each      func(Result) error
	adding    store.Adding
	commaKept bool   // the separator of the input is stored
	ended     string // the batch of this name that ended before this run
	sum       Summary
	// witness finds numbers that were read as numbers of another country than most.
	witness intake.Witness
	people  intake.People
	invalid []store.InvalidRow // the first store.MaxInvalidRows

	// kin is read at the first row that the batch does not have. seen are the earlier groups that rows of this
	// run have matched. related are the groups that rows with a new name or key mean, by scope and key. All are nil
	// without a batch.
	kin     *kin
	kinRead bool
	seen    map[string]bool
	related map[string]found
	differs map[string]bool // with Rules.Update: groups that a row of this run may change
	waiting waiting

	heartbeat, heldFor time.Duration

	mu       sync.Mutex      // guards inFlight, and adding against keepAlive
	inFlight map[string]bool // ids that are claimed and not yet recorded
}

func newRun(c *Client, batch string, rules Rules, each func(Result) error) *run {
	return &run{c: c, rules: rules, each: each, adding: store.Adding{Audience: group.AudienceOf(rules.Pools)}, sum: newSummary(batch), waiting: waiting{maxBytes: heldBytes}, heartbeat: heartbeat, heldFor: heldFor}
}

// accept claims, records and enqueues some rows, and reports each of them.
func (r *run) accept(ctx context.Context, rows []checked) error {
	rows, err := r.claim(ctx, rows)
	if err != nil {
		return err
	}
	if err := r.record(ctx, rows); err != nil {
		return err
	}
	return r.put(ctx, rows)
}

// claim claims the names and keys of the rows, and decides which rows are new groups. It returns the rows that it did
// not put aside.
func (r *run) claim(ctx context.Context, rows []checked) ([]checked, error) {
	entries := make([]*store.Entry, 0, len(rows))
	for _, row := range rows {
		if row.fault != nil {
			return nil, row.fault
		}
		if row.err == nil {
			entries = append(entries, row.entry)
		}
	}
	if len(entries) == 0 {
		return rows, nil
	}
	if err := r.c.store.Records.Claim(ctx, entries, r.isInFlight); err != nil {
		return nil, err
	}
	refuseUnreadable(rows)
	if err := r.refuseForeign(ctx, rows); err != nil {
		return nil, err
	}
	if err := r.correct(ctx, rows); err != nil {
		return nil, err
	}
	rows = present(rows)
	fresh := fresh(rows)
	if len(fresh) > 0 && r.sum.Batch != "" {
		if err := r.join(ctx); err != nil {
			return nil, err
		}
		r.warnEnded(rows)
		if err := r.noteComma(ctx, rows); err != nil {
			return nil, err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inFlight == nil {
		r.inFlight = make(map[string]bool, chunkRows)
	}
	for _, e := range fresh {
		r.sum.People.Suppressed += markSuppressed(e)
		e.Group.BatchID = r.adding.BatchID
		r.inFlight[e.Group.ID] = true
	}
	return rows, nil
}

// join adds to the running batch of the name, or to a new one.
func (r *run) join(ctx context.Context) error {
	var latest string
	adding := r.adding
	if adding.BatchID == "" {
		var err error
		if latest, err = r.latest(ctx); err != nil {
			return err
		}
	}
	err := r.c.store.Index.JoinBatch(ctx, r.sum.Batch, &adding)
	r.mu.Lock()
	r.adding = adding // also after an error: Redis may have added the run to the batch, and close then ends it there
	r.mu.Unlock()
	if err != nil {
		return err
	}
	r.sum.BatchID = r.adding.BatchID
	if latest == "" || latest == r.adding.BatchID {
		return nil
	}
	if shown, err := r.visible(ctx, latest); err != nil || !shown {
		return err
	}
	r.ended = latest
	return nil
}

// visible reports whether the caller may see a batch, by its id.
func (r *run) visible(ctx context.Context, id string) (bool, error) {
	b, err := r.c.store.Index.Batch(ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUnreadable) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return r.mayRead(b), nil
}

// mayRead reports whether the caller may see a batch: a caller limited to pools, only one with groups of these pools.
func (r *run) mayRead(b *group.Batch) bool {
	if len(r.rules.Pools) == 0 {
		return true
	}
	_, shown := b.Within(r.rules.Pools)
	return shown
}

// latest returns the id of the latest batch of the name, or "" if no batch has it.
func (r *run) latest(ctx context.Context) (string, error) {
	id, err := r.c.store.Index.BatchID(ctx, r.sum.Batch)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return id, err
}

// warnEnded adds a warning to rows that begin a new batch because the batch of this name has ended.
func (r *run) warnEnded(rows []checked) {
	for i := range rows {
		if row := &rows[i]; r.ended != "" && row.err == nil && row.entry.Outcome == store.Created {
			row.warnings = append(row.warnings, warnBatchEnded)
		}
	}
}

// noteComma stores the separator of the input once, for the export of the batch.
func (r *run) noteComma(ctx context.Context, rows []checked) error {
	if r.commaKept {
		return nil
	}
	for _, row := range rows {
		if row.comma != 0 {
			r.commaKept = true
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

// record writes the new groups to the store.
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

// put enqueues the tasks of the new groups, compares rows that differ from their recorded group, and reports each row.
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

// fresh returns the entries of new groups.
func fresh(rows []checked) []*store.Entry {
	entries := make([]*store.Entry, 0, len(rows))
	for _, row := range rows {
		if row.err == nil && row.entry.Outcome == store.Created {
			entries = append(entries, row.entry)
		}
	}
	return entries
}

// count adds a row to the summary and returns its result.
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
	case row.entry.Outcome == store.Created && !row.entry.Twin:
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

// close ends the run. A run that created nothing belongs to the latest batch of its name. A run that
// failed before its first result leaves no empty batch.
func (r *run) close(ctx context.Context) error {
	switch {
	case r.sum.Total == 0 && r.adding.BatchID == "":
		return nil
	case r.sum.Total == 0:
		return r.c.store.Index.ForsakeBatch(ctx, &r.adding)
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
		if len(r.rules.Pools) > 0 {
			shown, err := r.visible(ctx, id)
			if err != nil {
				return err
			}
			if !shown {
				r.sum.BatchID = ""
			}
		}
	}
	if err := r.c.store.Index.NoteInvalid(ctx, &r.adding, r.invalid); err != nil {
		return err
	}
	return r.c.store.Index.CloseBatch(ctx, &r.adding, r.sum.Invalid)
}
