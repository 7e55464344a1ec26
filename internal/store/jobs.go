package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Job is something that is being done to many groups, one after the other, and how far it is.
type Job struct {
	ID      string         `json:"id"`
	What    string         `json:"what"`         // the action's word
	To      string         `json:"to,omitempty"` // of a move
	Query   string         `json:"query"`        // which groups, as the page's address says it
	By      string         `json:"by"`
	Total   int            `json:"total"` // that matched when it began
	Done    int            `json:"done"`
	Skipped map[string]int `json:"skipped,omitempty"` // why, and how many
	Begun   time.Time      `json:"begun"`
	At      time.Time      `json:"at"` // of the latest sign of life
	Ended   time.Time      `json:"ended,omitzero"`
	Stopped bool           `json:"stopped,omitempty"`
	Error   string         `json:"error,omitempty"`
}

const jobsFor = 7 * 24 * time.Hour

func jobKey(id string) string     { return prefix + "job:" + id }
func jobStopKey(id string) string { return prefix + "job:" + id + ":stop" }

// SaveJob keeps how far a job is.
func (tr *Trail) SaveJob(ctx context.Context, j Job) error {
	data, err := json.Marshal(j)
	if err != nil {
		return err
	}
	if err := tr.rdb.Set(ctx, jobKey(j.ID), data, jobsFor).Err(); err != nil {
		return fmt.Errorf("save job %s: %w", j.ID, err)
	}
	return nil
}

// Job reads how far a job is. It fails with ErrNotFound, or with ErrUnreadable.
func (tr *Trail) Job(ctx context.Context, id string) (Job, error) {
	var j Job
	data, err := tr.rdb.Get(ctx, jobKey(id)).Bytes()
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

// StopJob asks a job to end, whichever process works on it.
func (tr *Trail) StopJob(ctx context.Context, id string) error {
	if err := tr.rdb.Set(ctx, jobStopKey(id), 1, jobsFor).Err(); err != nil {
		return fmt.Errorf("stop job %s: %w", id, err)
	}
	return nil
}

// JobStopped says that somebody asked a job to end.
func (tr *Trail) JobStopped(ctx context.Context, id string) (bool, error) {
	n, err := tr.rdb.Exists(ctx, jobStopKey(id)).Result()
	return n == 1, err
}
