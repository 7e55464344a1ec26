package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

// settleEdit brings the names, people and keys that lead to a group up to its record, whether or not the edit
// succeeded. If the record was written meanwhile it repeats: another edit may have restored what this one removed.
func (rs *Records) settleEdit(ctx context.Context, id string, ed edit) error {
	for {
		g, err := rs.Load(ctx, id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err := rs.leadTo(ctx, id, g, ed); err != nil {
			return fmt.Errorf("settle the edit of %s: %w", id, err)
		}
		if g == nil {
			return nil
		}
		if again, err := rs.Load(ctx, id); err != nil || again.Write == g.Write {
			return err
		}
	}
}

// leadTo removes the entries that an edit touched and that the record lacks, and adds those that the record has.
func (rs *Records) leadTo(ctx context.Context, id string, g *group.Group, ed edit) error {
	var names []string
	people := map[string]bool{}
	var claims [][]byte
	if g != nil {
		names, claims = nameEntries(g), claimsOf(g)
		for _, key := range personKeys(g) {
			people[string(rs.person(key))] = true
		}
	}
	var in, out []string
	for _, entry := range ed.Names {
		if slices.Contains(names, string(entry)) {
			in = append(in, string(entry))
		} else {
			out = append(out, string(entry))
		}
	}
	var named []*redis.Cmd
	_, err := rs.each(ctx, []*redis.Script{swapScript, namesScript}, func(p redis.Pipeliner) error {
		named = append(queueEntries(ctx, p, "out", out), queueEntries(ctx, p, "in", in)...)
		layer := layerFor(rs.index.persons.Load())
		for _, sum := range ed.People {
			entry := string(headOf(sum)) + shortID(id)
			for at := firstLayer; at <= lastLayer; at += 2 {
				p.LRem(ctx, bucketKey(bucketOf(sum, at), at), 0, entry)
			}
			if people[string(sum)] {
				p.RPush(ctx, bucketKey(bucketOf(sum, layer), layer), entry)
			}
		}
		for _, claim := range ed.Claims {
			if !slices.ContainsFunc(claims, func(c []byte) bool { return string(c) == string(claim) }) {
				swapScript.EvalSha(ctx, p, []string{idempotencyKey(claim)}, deleteIf(head, claimOf(id, ""))...)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	rs.brokenAll(ctx, named)
	return rs.keepClaims(ctx, id, "", claims)
}

// MendEdits completes the edits that began before a time and were cut, and returns how many there were.
func (rs *Records) MendEdits(ctx context.Context, before time.Time) (int, error) {
	noted, err := rs.notedEdits(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	var faults []error
	for _, ed := range noted {
		if ed.At > before.UnixMilli() {
			continue
		}
		n++
		err := rs.mendEdit(ctx, ed)
		if err == nil {
			err = rs.dropEdit(ctx, ed)
		}
		faults = append(faults, err)
	}
	return n, errors.Join(faults...)
}

// MendEditsOf completes the edits of one group that were cut. It is safe to call while edits are in progress.
func (rs *Records) MendEditsOf(ctx context.Context, id string) error {
	noted, err := rs.notedEdits(ctx)
	for _, ed := range noted {
		if err == nil && ed.group() == id {
			err = rs.mendEdit(ctx, ed)
		}
	}
	return err
}

// notedEdits returns the edits in progress, and drops notes that cannot be read.
func (rs *Records) notedEdits(ctx context.Context) ([]edit, error) {
	values, err := rs.rdb.HGetAll(ctx, editsKey).Result()
	if err = rs.tolerate(ctx, editsKey, err); err != nil {
		return nil, fmt.Errorf("list the edits: %w", err)
	}
	noted := make([]edit, 0, len(values))
	for field, value := range values {
		ed := edit{field: field}
		if err := json.Unmarshal([]byte(value), &ed); err != nil || ed.group() == "" { // damaged: it cannot be completed
			if err := rs.dropEdit(ctx, edit{field: field}); err != nil {
				return nil, err
			}
			continue
		}
		noted = append(noted, ed)
	}
	return noted, nil
}

// group returns the id of the edited group, or "" if the field is damaged.
func (ed edit) group() string {
	if len(ed.field) < len(uuid.UUID{}) {
		return ""
	}
	return longID(ed.field[:len(uuid.UUID{})])
}

func (rs *Records) mendEdit(ctx context.Context, ed edit) error {
	if ed.By == "" {
		return rs.settleEdit(ctx, ed.group(), ed)
	}
	old, err := rs.Load(ctx, ed.group())
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if old.ReplacedBy != ed.By { // the draft and its keys expire; keys taken from another run go back to it
		return rs.yield(ctx, old.ID, ed.By)
	}
	g, err := rs.Load(ctx, ed.By)
	if errors.Is(err, ErrNotFound) { // the draft has expired; repeating the edit records the group
		return nil
	}
	if err != nil {
		return err
	}
	return rs.succeed(ctx, old.ID, g)
}
