package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Refusals are kept apart from the audit log, so that a flood of them pushes no entry out of it.
const (
	refusalsKey      = audits + "refusals"
	refusalCountsKey = audits + "refusals:n"
)

// keepRefusals is how many lines of refusals are kept; the oldest go first.
const keepRefusals = 10_000

// Refusal is what one source was refused within one minute, for one reason.
type Refusal struct {
	At      time.Time `json:"at"` // the minute's beginning
	Source  string    `json:"source"`
	Through string    `json:"through"`
	Reason  string    `json:"reason"`
	Actor   string    `json:"actor"` // the name of the key whose role did not suffice
	Route   string    `json:"route"` // the pattern of the request
	Count   int       `json:"count"`
}

// refusalDigits is how many hex digits of the minute a line begins with, so that lines sort by time.
const refusalDigits = 10

func refusalMinute(at time.Time) string { return fmt.Sprintf("%0*x", refusalDigits, at.Unix()) }

// NoteRefusals adds the count of each refusal to its line.
func (tr *Trail) NoteRefusals(ctx context.Context, refusals []Refusal) error {
	if len(refusals) == 0 {
		return nil
	}
	var kept *redis.IntCmd
	_, err := tr.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		for _, r := range refusals {
			n, minute := r.Count, r.At.UTC().Truncate(time.Minute)
			r.Count, r.At = 0, minute
			data, err := json.Marshal(r)
			if err != nil {
				return err
			}
			line := refusalMinute(minute) + string(data)
			p.ZAdd(ctx, refusalsKey, redis.Z{Member: line})
			p.HIncrBy(ctx, refusalCountsKey, line, int64(n))
		}
		kept = p.ZCard(ctx, refusalsKey)
		return nil
	})
	if err == nil && kept.Val() > keepRefusals {
		err = tr.dropRefusals(ctx, kept.Val()-keepRefusals)
	}
	if err != nil {
		return fmt.Errorf("write the refusals: %w", err)
	}
	return nil
}

// dropRefusals forgets the n oldest lines.
func (tr *Trail) dropRefusals(ctx context.Context, n int64) error {
	lines, err := tr.rdb.ZRange(ctx, refusalsKey, 0, n-1).Result()
	if err != nil || len(lines) == 0 {
		return err
	}
	_, err = tr.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.ZRem(ctx, refusalsKey, lines)
		p.HDel(ctx, refusalCountsKey, lines...)
		return nil
	})
	return err
}

// RefusalFilter says which refusals a page holds. Empty fields do not filter.
type RefusalFilter struct {
	Source, Through, Reason, Actor string
	Since                          time.Time // in this minute or after it
	Until                          time.Time // before
}

func (f RefusalFilter) match(r Refusal) bool {
	fits := func(want, have string) bool { return want == "" || want == have }
	return fits(f.Source, r.Source) && fits(f.Through, r.Through) && fits(f.Reason, r.Reason) && fits(f.Actor, r.Actor)
}

// RefusalPage reads one page of the refusals, newest first. The cursor is the next of the previous page, or "" for the
// first page.
func (tr *Trail) RefusalPage(ctx context.Context, f RefusalFilter, cursor string, limit int) (refusals []Refusal, next string, err error) {
	newest, oldest := "+", "-"
	if !f.Since.IsZero() {
		oldest = "[" + refusalMinute(f.Since.UTC().Truncate(time.Minute))
	}
	if !f.Until.IsZero() {
		newest = "(" + refusalMinute(f.Until)
	}
	if cursor != "" {
		last, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil || len(last) <= refusalDigits {
			return nil, "", ErrCursor
		}
		newest = "(" + string(last)
	}
	const slice = 500
	last := ""
	for {
		lines, err := tr.rdb.ZRevRangeByLex(ctx, refusalsKey, &redis.ZRangeBy{Min: oldest, Max: newest, Count: slice}).Result()
		if err = tr.tolerate(ctx, refusalsKey, err); err != nil {
			return nil, "", fmt.Errorf("read the refusals: %w", err)
		}
		if len(lines) == 0 {
			return refusals, "", nil
		}
		counts, err := tr.rdb.HMGet(ctx, refusalCountsKey, lines...).Result()
		if err = tr.tolerate(ctx, refusalCountsKey, err); err != nil {
			return nil, "", fmt.Errorf("read the refusals: %w", err)
		}
		if counts == nil {
			counts = make([]any, len(lines))
		}
		for i, line := range lines {
			r, ok := decodeRefusal(line, counts[i])
			if !ok && counts[i] == nil {
				continue // it was trimmed while it was read
			}
			if !ok {
				r = unreadableRefusal(line)
			}
			if !f.match(r) {
				continue
			}
			if len(refusals) == limit {
				return refusals, base64.RawURLEncoding.EncodeToString([]byte(last)), nil
			}
			refusals, last = append(refusals, r), line
		}
		if len(lines) < slice {
			return refusals, "", nil
		}
		newest = "(" + lines[len(lines)-1]
	}
}

// unreadableRefusal returns what is shown in place of a line that cannot be read.
func unreadableRefusal(line string) Refusal {
	r := Refusal{Reason: AuditUnreadable}
	if seconds, err := strconv.ParseInt(line[:min(len(line), refusalDigits)], 16, 64); err == nil {
		r.At = readable(seconds * 1000)
	}
	return r
}

// decodeRefusal reads a line.
func decodeRefusal(line string, count any) (r Refusal, ok bool) {
	text, _ := count.(string)
	n, err := strconv.Atoi(text)
	if err != nil || len(line) < refusalDigits || json.NewDecoder(strings.NewReader(line[refusalDigits:])).Decode(&r) != nil {
		return r, false
	}
	r.Count = n
	return r, true
}

// trimRefusals forgets refusals from before a moment, a limited number at a time.
func (tr *Trail) trimRefusals(ctx context.Context, before time.Time) error {
	const most = 1000
	old, err := tr.rdb.ZRangeByLex(ctx, refusalsKey, &redis.ZRangeBy{Min: "-", Max: "(" + refusalMinute(before), Count: most}).Result()
	if err = tr.tolerate(ctx, refusalsKey, err); err == nil && len(old) > 0 {
		members := make([]any, len(old))
		for i, line := range old {
			members[i] = line
		}
		_, err = tr.each(ctx, nil, func(p redis.Pipeliner) error {
			p.ZRem(ctx, refusalsKey, members...)
			p.HDel(ctx, refusalCountsKey, old...)
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("trim the refusals: %w", err)
	}
	return nil
}
