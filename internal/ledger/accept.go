package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

// refsKey finds groups by external reference: members are "<ref>\x00<short id>".
const refsKey = index + "refs"

// Outcome is what became of one entry.
type Outcome int

// The outcomes of Accept.
const (
	Created  Outcome = iota // the group is recorded now
	Existed                 // the same request was accepted before
	Conflict                // the key was used before with other content
)

// Entry is one group to be accepted.
type Entry struct {
	Group *group.Group // with a fresh ID; Accept replaces it by the first one's when it Existed
	// Scope and Key name the request for good; an empty Key means that every time is a new request.
	Scope, Key string
	Content    string // digest of what is asked; differs when the key is re-used for something else
	Outcome    Outcome
}

// Claim settles who each entry is: new, known, or in conflict. It comes first, so that twins that
// arrive together agree on one id whatever is cut afterwards. An entry whose first acceptance was
// cut before the record was written keeps its first id and counts as new. Keys are remembered for
// twice the retention.
func (l *Ledger) Claim(ctx context.Context, entries []*Entry) error {
	claims := make([]*redis.StringCmd, len(entries))
	_, err := l.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, e := range entries {
			if e.Key == "" {
				continue
			}
			key := idempotencyKey(e.Scope, e.Key)
			p.SetNX(ctx, key, claimOf(e.Group.ID, e.Content), 2*l.retention)
			claims[i] = p.Get(ctx, key)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("claim %d requests: %w", len(entries), err)
	}
	mine := make(map[string]bool, len(entries))
	known := make(map[int]*redis.IntCmd)
	_, err = l.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, e := range entries {
			if claims[i] == nil {
				continue
			}
			id, content := claimed(claims[i].Val())
			switch {
			case content != e.Content:
				e.Outcome = Conflict
			case id == e.Group.ID:
				mine[id] = true
				continue
			case mine[id]:
				e.Outcome = Existed
			default:
				known[i] = p.Exists(ctx, recordKey(id))
			}
			e.Group.ID = id
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("claim %d requests: %w", len(entries), err)
	}
	for i, exists := range known {
		if exists.Val() == 1 {
			entries[i].Outcome = Existed
		}
	}
	return nil
}

// Record writes the new entries: first the index, so that the sweeper finds whatever follows, then
// the record, which is only written where there is none, and only then the event, so that whoever
// hears of a group can read it. An entry that is recorded again, because its first acceptance was
// cut, is told again.
func (l *Ledger) Record(ctx context.Context, entries []*Entry) error {
	var people *redis.SliceCmd
	_, err := l.pipeline(ctx, []*redis.Script{indexScript}, func(p redis.Pipeliner) error {
		var fresh []*group.Group
		for _, e := range entries {
			if e.Outcome != Created {
				continue
			}
			e.Group.Rev, e.Group.Write = 1, token()
			value, err := encode(e.Group, e.Group.Write)
			if err != nil {
				return err
			}
			indexScript.EvalSha(ctx, p, []string{heldKey}, indexArgs(e.Group)...)
			p.SetNX(ctx, recordKey(e.Group.ID), value, 0)
			if ref := e.Group.ExternalRef; ref != "" {
				p.ZAdd(ctx, refsKey, redis.Z{Member: ref + "\x00" + shortID(e.Group.ID)})
			}
			fresh = append(fresh, e.Group)
		}
		l.indexPeople(ctx, p, fresh)
		l.indexNames(ctx, p, fresh)
		people = countPeople(ctx, p)
		return nil
	})
	if err != nil {
		return fmt.Errorf("record %d groups: %w", len(entries), err)
	}
	l.counted(people)
	return l.tellAccepted(ctx, entries)
}

// tellAccepted writes the first events of groups, in a round trip of its own: on a cluster the
// records are on other nodes than the events, and one pipeline would not keep the order.
func (l *Ledger) tellAccepted(ctx context.Context, entries []*Entry) error {
	_, err := l.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, e := range entries {
			if g := e.Group; e.Outcome == Created {
				p.XAdd(ctx, eventArgs("group", shortID(g.ID), string(g.Status), string(shorten(group.BatchIDPrefix, g.BatchID))))
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("tell of %d groups: %w", len(entries), err)
	}
	return nil
}

// Forget removes a group and everything that leads to it, at the end of its retention.
func (l *Ledger) Forget(ctx context.Context, id string) error {
	g, err := l.Load(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return l.forgetTrace(ctx, id)
	}
	if err != nil {
		return err
	}
	_, err = l.pipeline(ctx, []*redis.Script{forgetScript}, func(p redis.Pipeliner) error {
		l.forgetPeople(ctx, p, g)
		l.forgetName(ctx, p, g)
		if g.ExternalRef != "" {
			p.ZRem(ctx, refsKey, g.ExternalRef+"\x00"+shortID(id))
		}
		if g.WhatsAppID != "" {
			p.Del(ctx, whatsAppKey(g.WhatsAppID))
		}
		forgetScript.EvalSha(ctx, p, []string{heldKey}, index, shortID(id), g.BatchID)
		p.Del(ctx, recordKey(id))
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget %s: %w", id, err)
	}
	return nil
}

// forgetTrace takes a group out of the index whose acceptance was cut before it was recorded. Its
// people and its reference are not known any more; what leads to it from there leads to nothing.
func (l *Ledger) forgetTrace(ctx context.Context, id string) error {
	held, err := l.rdb.HGet(ctx, heldKey, shortID(id)).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("forget %s: %w", id, err)
	}
	batch := ""
	if parts := strings.SplitN(held, "|", 5); len(parts) == 5 {
		batch = batchHeld(parts[3])
	}
	return forgetScript.Run(ctx, l.rdb, []string{heldKey}, index, shortID(id), batch).Err()
}

// Expired lists groups whose retention is over, at most n.
func (l *Ledger) Expired(ctx context.Context, n int) ([]string, error) {
	now, err := l.Now(ctx)
	if err != nil {
		return nil, err
	}
	before := now.Add(-l.retention).UnixMilli()
	ids, err := l.rdb.ZRangeArgs(ctx, redis.ZRangeArgs{
		Key: index + "fin", Start: "-inf", Stop: before, ByScore: true, Count: int64(n),
	}).Result()
	return longIDs(ids), err
}

// Known says of each entry what Claim would, and writes nothing.
func (l *Ledger) Known(ctx context.Context, entries []*Entry) error {
	claims := make([]*redis.StringCmd, len(entries))
	_, err := l.pipeline(ctx, nil, func(p redis.Pipeliner) error {
		for i, e := range entries {
			if e.Key != "" {
				claims[i] = p.Get(ctx, idempotencyKey(e.Scope, e.Key))
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("look up %d requests: %w", len(entries), err)
	}
	for i, e := range entries {
		if claims[i] == nil || claims[i].Val() == "" {
			continue
		}
		id, content := claimed(claims[i].Val())
		e.Group.ID, e.Outcome = id, Existed
		if content != e.Content {
			e.Outcome = Conflict
		}
	}
	return nil
}
