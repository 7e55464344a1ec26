package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/tasks"
)

// Job is one action on all groups that match a filter. Its progress, what is under way and its end are in
// Redis, so any process can take it over from one that was killed.
type Job struct {
	ID     string       `json:"id"`
	Action string       `json:"action"`
	To     tasks.Target `json:"to,omitzero"` // of a move
	Filter Filter       `json:"filter"`
	By     string       `json:"by"` // the actor that began it, as in the audit log
	// Total is how many groups match. While the job runs it can be more than there are: see Index.Count.
	Total   int            `json:"total"`
	Done    int            `json:"done"`
	DoneAs  map[string]int `json:"doneAs,omitempty"`  // Done, by the state that followed
	Skipped map[string]int `json:"skipped,omitempty"` // how many, by reason
	Failed  int            `json:"failed,omitempty"`
	Begun   time.Time      `json:"begun"`
	At      time.Time      `json:"at"` // of the latest progress
	Ended   time.Time      `json:"ended,omitzero"`
	// AbortedBy asked the job to end, at Aborted.
	AbortedBy string    `json:"abortedBy,omitempty"`
	Aborted   time.Time `json:"aborted,omitzero"`
	// Error is the code of what ended the job early.
	Error string `json:"error,omitempty"`

	// Cursor is where the walk goes on after Open.
	Cursor string `json:"cursor,omitempty"`
	Walked bool   `json:"walked,omitempty"` // there are no groups after Open
	// Open are the groups under way. They are written before the first of them is changed.
	Open []OpenGroup `json:"open,omitempty"`
	// Holder is the process that works on the job; only its writes of progress are taken.
	Holder string `json:"holder,omitempty"`
}

// OpenGroup is a group that a job is about to change, the round in which it does, and the state that follows.
type OpenGroup struct {
	ID    string `json:"id"`
	Round int    `json:"round"`
	As    string `json:"as,omitempty"`
}

// JobOutcome is what a job did with one group.
type JobOutcome struct {
	ID string
	// Outcome is a code of one byte, defined by the package that runs jobs.
	Outcome byte
}

const (
	// JobsFor is how long a job is kept after its latest progress.
	JobsFor = 7 * 24 * time.Hour
	// MaxOutcomes is how many outcomes of a job are kept, 20 bytes each; further ones are only counted.
	MaxOutcomes = 1_000_000
	// maxTurns is how many open jobs take turns, the oldest ones.
	maxTurns = 1000

	jobPrefix = "job_"
	jobsKey   = prefix + "jobs"      // ids by when they were begun, in ms
	openJobs  = prefix + "jobs:open" // of those, the ones that have not ended
)

func jobKey(id string) string         { return prefix + "job:{" + id + "}" }
func jobOutcomesKey(id string) string { return jobKey(id) + ":outcomes" }

// ErrJobTaken says that another process works on a job.
var ErrJobTaken = errors.New("another process works on this job")

// ErrJobEnded says that a job has ended already.
var ErrJobEnded = errors.New("the job has ended")

// AddJob stores a job that begins now and returns it with its id.
func (tr *Trail) AddJob(ctx context.Context, j Job) (Job, error) {
	now, err := tr.Now(ctx)
	if err != nil {
		return j, fmt.Errorf("begin a job: %w", err)
	}
	j.ID, j.Begun, j.At = jobPrefix+uuid.Must(uuid.NewV7()).String(), now, now
	data, err := json.Marshal(j)
	if err != nil {
		return j, err
	}
	if err := tr.rdb.Set(ctx, jobKey(j.ID), data, JobsFor).Err(); err != nil {
		return j, fmt.Errorf("begin a job: %w", err)
	}
	// The lists come last, so that every job they name can be read.
	entry, forgotten := redis.Z{Score: float64(now.UnixMilli()), Member: j.ID}, strconv.FormatInt(now.Add(-JobsFor).UnixMilli(), 10)
	if _, err := tr.each(ctx, nil, func(p redis.Pipeliner) error {
		p.ZAdd(ctx, jobsKey, entry)
		p.ZAdd(ctx, openJobs, entry)
		p.ZRemRangeByScore(ctx, jobsKey, "-inf", "("+forgotten)
		return nil
	}); err != nil {
		return j, fmt.Errorf("begin a job: %w", err)
	}
	return j, nil
}

// Job reads a job. It fails with ErrNotFound, or with ErrUnreadable.
func (tr *Trail) Job(ctx context.Context, id string) (Job, error) {
	return tr.readJob(ctx, tr.rdb.Get(ctx, jobKey(id)), id)
}

func (tr *Trail) readJob(ctx context.Context, read *redis.StringCmd, id string) (Job, error) {
	var j Job
	data, err := read.Bytes()
	if errors.Is(err, redis.Nil) {
		return j, fmt.Errorf("job %s: %w", id, ErrNotFound)
	}
	if err == nil {
		if fault := json.Unmarshal(data, &j); fault != nil {
			return Job{}, tr.unreadable(ctx, KindJob, id, fault)
		}
	}
	if wrongType(err) {
		return j, tr.unreadable(ctx, KindJob, id, err)
	}
	if err != nil {
		return j, fmt.Errorf("read job %s: %w", id, err)
	}
	return j, nil
}

// Jobs lists jobs, the newest first. The cursor is the next of the previous page, or "" for the first page.
func (tr *Trail) Jobs(ctx context.Context, cursor string, limit int) (jobs []Job, next string, err error) {
	from, err := placeOf(cursor)
	if err != nil {
		return nil, "", err
	}
	ids, err := tr.rdb.ZRevRange(ctx, jobsKey, from, from+int64(limit)).Result()
	if err = tr.tolerate(ctx, jobsKey, err); err != nil {
		return nil, "", fmt.Errorf("list the jobs: %w", err)
	}
	if len(ids) > limit {
		ids, next = ids[:limit], cursorOf(from+int64(limit))
	}
	reads := make([]*redis.StringCmd, len(ids))
	if _, err := tr.each(ctx, nil, func(p redis.Pipeliner) error { // one by one: they are in many slots
		for i, id := range ids {
			reads[i] = p.Get(ctx, jobKey(id))
		}
		return nil
	}); err != nil {
		return nil, "", fmt.Errorf("read the jobs: %w", err)
	}
	for i, id := range ids {
		j, err := tr.readJob(ctx, reads[i], id)
		if errors.Is(err, ErrNotFound) || errors.Is(err, ErrUnreadable) { // expired, or noted as unreadable
			continue
		}
		if err != nil {
			return nil, "", err
		}
		jobs = append(jobs, j)
	}
	return jobs, next, nil
}

// placeOf reads a cursor that is a place in a list, and cursorOf writes one.
func placeOf(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return 0, ErrCursor
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || n < 1 {
		return 0, ErrCursor
	}
	return n, nil
}

func cursorOf(place int64) string {
	return base64.RawURLEncoding.EncodeToString(strconv.AppendInt(nil, place, 10))
}

// OpenJobs returns the ids of the jobs that have not ended, the oldest first, at most maxTurns.
func (tr *Trail) OpenJobs(ctx context.Context) ([]string, error) {
	ids, err := tr.rdb.ZRange(ctx, openJobs, 0, maxTurns-1).Result()
	if err = tr.tolerate(ctx, openJobs, err); err != nil {
		return nil, fmt.Errorf("list the open jobs: %w", err)
	}
	return ids, nil
}

// CloseJob takes a job off the list of those that have not ended.
func (tr *Trail) CloseJob(ctx context.Context, id string) error {
	if err := tr.tolerate(ctx, openJobs, tr.rdb.ZRem(ctx, openJobs, id).Err()); err != nil {
		return fmt.Errorf("end job %s: %w", id, err)
	}
	return nil
}

// TakeJob makes a process the holder of a job, in place of any other. It fails with ErrJobEnded.
func (tr *Trail) TakeJob(ctx context.Context, id, holder string) (Job, error) {
	return tr.changeJob(ctx, id, nil, func(j *Job) error {
		if !j.Ended.IsZero() {
			return ErrJobEnded
		}
		j.Holder = holder
		return nil
	})
}

// SettleJob writes the progress of a job together with the outcomes of groups. It fails with ErrJobTaken
// where another process has taken the job; then nothing is written.
func (tr *Trail) SettleJob(ctx context.Context, id, holder string, outcomes []JobOutcome, change func(*Job)) (Job, error) {
	return tr.changeJob(ctx, id, outcomes, func(j *Job) error {
		if j.Holder != holder {
			return ErrJobTaken
		}
		change(j)
		return nil
	})
}

// AbortJob asks a job to end, whichever process works on it. It fails with ErrJobEnded.
func (tr *Trail) AbortJob(ctx context.Context, id, by string) (Job, error) {
	now, err := tr.Now(ctx)
	if err != nil {
		return Job{}, fmt.Errorf("abort job %s: %w", id, err)
	}
	return tr.changeJob(ctx, id, nil, func(j *Job) error {
		if !j.Ended.IsZero() {
			return ErrJobEnded
		}
		if j.Aborted.IsZero() {
			j.Aborted, j.AbortedBy = now, by
		}
		return nil
	})
}

// changeJob changes a job and appends outcomes, as one step.
func (tr *Trail) changeJob(ctx context.Context, id string, outcomes []JobOutcome, change func(*Job) error) (Job, error) {
	var j Job
	err := tr.transact(ctx, jobKey(id), func(tx *redis.Tx) error {
		var err error
		if j, err = tr.readJob(ctx, tx.Get(ctx, jobKey(id)), id); err != nil {
			return err
		}
		room := MaxOutcomes - j.settled()
		if err := change(&j); err != nil {
			return err
		}
		data, err := json.Marshal(j)
		if err != nil {
			return err
		}
		kept := make([]any, 0, len(outcomes))
		for _, o := range outcomes[:min(len(outcomes), max(0, room))] {
			kept = append(kept, append(shorten(group.IDPrefix, o.ID), o.Outcome))
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Set(ctx, jobKey(id), data, JobsFor)
			if len(kept) > 0 {
				p.RPush(ctx, jobOutcomesKey(id), kept...)
			}
			p.Expire(ctx, jobOutcomesKey(id), JobsFor)
			return nil
		})
		return err
	})
	if err != nil {
		return j, fmt.Errorf("job %s: %w", id, err)
	}
	return j, nil
}

// settled returns how many groups have an outcome.
func (j *Job) settled() int {
	n := j.Done + j.Failed
	for _, skipped := range j.Skipped {
		n += skipped
	}
	return n
}

// Settled returns how many groups have an outcome.
func (j Job) Settled() int { return j.settled() }

// JobOutcomes lists what a job did with each group, in the order in which it came to them. The cursor is the next of
// the previous page, or "" for the first page.
func (tr *Trail) JobOutcomes(ctx context.Context, id, cursor string, limit int) (outcomes []JobOutcome, next string, err error) {
	from, err := placeOf(cursor)
	if err != nil {
		return nil, "", err
	}
	key := jobOutcomesKey(id)
	read, err := tr.rdb.LRange(ctx, key, from, from+int64(limit)).Result()
	if err = tr.tolerate(ctx, key, err); err != nil {
		return nil, "", fmt.Errorf("list the outcomes of job %s: %w", id, err)
	}
	if len(read) > limit {
		read, next = read[:limit], cursorOf(from+int64(limit))
	}
	for _, entry := range slices.DeleteFunc(read, func(entry string) bool { return len(entry) < 2 }) {
		last := len(entry) - 1
		outcomes = append(outcomes, JobOutcome{ID: longID(entry[:last]), Outcome: entry[last]})
	}
	return outcomes, next, nil
}
