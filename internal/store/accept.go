package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

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
	Removed                 // the record of the same request was removed: see Remove
	Unclear                 // what the key was used for cannot be read
)

// Entry is one group to be accepted.
type Entry struct {
	Group *group.Group // with a fresh ID; Claim replaces the ID when the key already has one
	// Scope and Key identify the request; with an empty Key every entry is a new request.
	Scope, Key string
	Content    string // digest of what is asked; differs when the key is re-used for something else
	Outcome    Outcome
	Out        []bool // by member, after Claim: on the suppression list. Nil when no member is
	Twin       bool   // after Record: another run of the same request recorded the group first

	people [][][]byte // by member: the keyed hashes, see hashed
}

// claim returns the digest that names the claim of the entry's key, or nil without a key.
func (e *Entry) claim() []byte {
	if e.Key == "" {
		return nil
	}
	return digestBytes(e.Scope, e.Key)
}

// claimFor is how long a claim lives without a record: longer than any process takes from claim to
// record.
const claimFor = 24 * time.Hour

// hashed returns the keyed hashes of each member, for the suppression list and the index of people.
func (c *core) hashed(e *Entry) [][][]byte {
	if e.people == nil {
		n := len(e.Group.Members)
		sums, each := make([]byte, 0, n*sha256.Size), make([][]byte, 0, n) // enough for members without LIDs, the usual case
		e.people = make([][][]byte, n)
		for i := range e.Group.Members {
			first := len(each)
			for _, key := range e.Group.Members[i].Identity().Keys() {
				from := len(sums)
				sums = c.appendPerson(sums, key)
				each = append(each, sums[from:])
			}
			e.people[i] = each[first:len(each):len(each)]
		}
	}
	return e.people
}

// Claim decides each entry's Outcome: new, known, or in conflict. It comes before Record, so that duplicates that
// arrive together agree on one id even if a process crashes in between. An entry whose first acceptance was cut before
// the record was written keeps its first id and counts as new; inFlight reports whether the caller itself is still
// recording an id. A key is kept as long as its group, or for claimFor if its acceptance was cut.
//
// Claim also sets Out.
func (rs *Records) Claim(ctx context.Context, entries []*Entry, inFlight func(id string) bool) error {
	claims := make([]*redis.BoolCmd, len(entries))
	var suppressed *redis.IntCmd
	var secret *redis.StringCmd
	_, err := rs.pipeline(ctx, nil, func(p redis.Pipeliner) error {
		secret = p.Get(ctx, secretKey)
		for i, e := range entries {
			if e.Key != "" {
				claims[i] = p.SetNX(ctx, idempotencyKey(e.claim()), claimOf(e.Group.ID, e.Content), claimFor)
			}
		}
		suppressed = p.HLen(ctx, suppressedKey)
		return nil
	})
	if err != nil {
		return fmt.Errorf("claim %d requests: %w", len(entries), err)
	}
	if other, err := rs.learnOther(ctx, secret.Val()); err != nil {
		return fmt.Errorf("claim %d requests: %w", len(entries), err)
	} else if other {
		for _, e := range entries {
			e.people = nil
		}
	}
	known := make([]*redis.StringCmd, len(entries))
	listed := func() error { return nil }
	_, err = rs.each(ctx, nil, func(p redis.Pipeliner) error {
		for i, e := range entries {
			if claims[i] != nil && !claims[i].Val() {
				known[i] = p.Get(ctx, idempotencyKey(e.claim()))
			}
		}
		if suppressed.Val() > 0 {
			listed = rs.listed(ctx, p, entries)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("claim %d requests: %w", len(entries), err)
	}
	if err := listed(); err != nil {
		return fmt.Errorf("claim %d requests: %w", len(entries), err)
	}
	for _, cmd := range known {
		if cmd != nil && errors.Is(cmd.Err(), redis.Nil) { // its holder gave it back in between
			return rs.Claim(ctx, entries, inFlight)
		}
	}
	return rs.settleClaims(ctx, entries, known, inFlight)
}

// knownClaim reads an earlier claim of an entry's key, and returns "" if there is none. A claim that cannot be read
// makes the entry Unclear: the claim may belong to this request or to another one.
func (rs *Records) knownClaim(ctx context.Context, e *Entry, cmd *redis.StringCmd) (id, content string) {
	value, err := cmd.Result()
	if errors.Is(err, redis.Nil) {
		return "", ""
	}
	if err == nil {
		err = readClaim(ctx, rs.core, "", "", value)
	}
	if err != nil {
		_ = rs.unreadable(ctx, KindRequest, hex.EncodeToString(e.claim()), err)
		e.Outcome = Unclear
		return "", ""
	}
	return claimed(value)
}

// listed queues a look-up of the people on the suppression list, and returns a function that sets Out from
// the answer.
func (rs *Records) listed(ctx context.Context, p redis.Pipeliner, entries []*Entry) func() error {
	var fields []string
	for _, e := range entries {
		for _, keys := range rs.hashed(e) {
			for _, key := range keys {
				fields = append(fields, fieldOf(key))
			}
		}
	}
	if len(fields) == 0 {
		return func() error { return nil }
	}
	answer := p.HMGet(ctx, suppressedKey, fields...)
	return func() error {
		found, err := answer.Result()
		if err != nil {
			return fmt.Errorf("read the suppression list: %w", err)
		}
		for _, e := range entries {
			e.Out = make([]bool, len(e.people))
			for i, keys := range e.people {
				for range keys {
					e.Out[i] = e.Out[i] || found[0] != nil
					found = found[1:]
				}
			}
		}
		return nil
	}
}

// settleClaims decides the outcome of entries whose key was claimed before.
func (rs *Records) settleClaims(ctx context.Context, entries []*Entry, known []*redis.StringCmd, inFlight func(id string) bool) error {
	fresh := make(map[string]bool, len(entries)) // what these entries themselves will record
	recorded, removed := make([]*redis.IntCmd, len(entries)), make([]*redis.IntCmd, len(entries))
	_, err := rs.pipeline(ctx, nil, func(p redis.Pipeliner) error {
		for i, e := range entries {
			if known[i] == nil {
				fresh[e.Group.ID] = true
				continue
			}
			id, content := rs.knownClaim(ctx, e, known[i])
			if e.Outcome == Unclear {
				continue
			}
			mine := id == e.Group.ID // an earlier try of this very claim had arrived
			e.Group.ID = id
			switch {
			case content != e.Content:
				e.Outcome, removed[i] = Conflict, p.Exists(ctx, removedKey(id))
			case fresh[id], inFlight != nil && inFlight(id):
				e.Outcome = Existed
			case mine:
				fresh[id] = true
			default: // if there is no record, the first entry writes it
				fresh[id] = true
				recorded[i], removed[i] = p.Exists(ctx, recordKey(id)), p.Exists(ctx, removedKey(id))
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("claim %d requests: %w", len(entries), err)
	}
	for i, exists := range recorded {
		switch {
		case removed[i] != nil && removed[i].Val() == 1:
			entries[i].Outcome = Removed
		case exists != nil && exists.Val() == 1:
			entries[i].Outcome = Existed
		}
	}
	return nil
}

// ErrOvertaken says that between Claim and Record a key's claim has lapsed, or a corrected sending has taken it over.
var ErrOvertaken = errors.New("another sending of the same rows came in between, or this one took too long: send them again")

// Record writes the new entries in three round trips. The first writes the index, so that the sweeper finds
// the group after a crash, and makes the claims of the keys permanent. The second writes each record that
// does not exist yet. It cannot share the first one's pipeline, which would write the record even if Redis
// does not know the index's script. The third writes the events, so that a reader of an event can read the
// group. An entry that is recorded again, because its first acceptance was cut, gets another event.
//
// If Record fails with ErrOvertaken, it has written no record.
func (rs *Records) Record(ctx context.Context, entries []*Entry) error {
	rs.crypt.fresh(ctx)
	groups := make([]*group.Group, 0, len(entries))
	values := make([]string, 0, len(entries))
	people := make([]*Entry, 0, len(entries))
	kept := map[*Entry]*redis.StringCmd{}
	var indexed []*redis.Cmd
	var refs []redis.Z
	var count *redis.SliceCmd
	for _, e := range entries {
		if e.Outcome != Created {
			continue
		}
		e.Group.Rev, e.Group.Write, e.Group.Claim = 1, token(), e.claim()
		value, err := rs.crypt.sealRecord(e.Group)
		if err != nil {
			return err
		}
		if _, err := rs.crypt.openRecord(ctx, e.Group.ID, value); err != nil { // accept only what can be read back
			return fmt.Errorf("record: %w", err)
		}
		groups, values = append(groups, e.Group), append(values, value)
		people = append(people, e)
		if ref := e.Group.ExternalRef; ref != "" {
			refs = append(refs, redis.Z{Member: ref + "\x00" + shortID(e.Group.ID)})
		}
	}
	_, err := rs.pipeline(ctx, []*redis.Script{indexScript, namesScript}, func(p redis.Pipeliner) error {
		for _, e := range people {
			if e.Group.Claim != nil {
				kept[e] = p.GetEx(ctx, idempotencyKey(e.Group.Claim), 0) // 0 removes the lifetime
			}
		}
		indexed = append(queueIndex(ctx, p, groups, false), queueNames(ctx, p, groups...)...)
		return nil
	})
	rs.brokenAll(ctx, indexed)
	if err != nil {
		return fmt.Errorf("index %d groups: %w", len(entries), err)
	}
	for e, claim := range kept {
		if claim.Val() != claimOf(e.Group.ID, e.Content) {
			return fmt.Errorf("record %d groups: %w", len(entries), ErrOvertaken)
		}
	}
	written := make([]*redis.BoolCmd, len(groups))
	_, err = rs.each(ctx, nil, func(p redis.Pipeliner) error {
		for i, g := range groups {
			written[i] = p.SetNX(ctx, recordKey(g.ID), values[i], 0)
		}
		if len(refs) > 0 {
			p.ZAdd(ctx, refsKey, refs...)
		}
		rs.index.indexPeople(ctx, p, people)
		count = countPeople(ctx, p)
		return nil
	})
	if err != nil {
		return fmt.Errorf("record %d groups: %w", len(entries), err)
	}
	rs.index.counted(count)
	if err := rs.findTwins(ctx, people, values, written); err != nil {
		return fmt.Errorf("record %d groups: %w", len(entries), err)
	}
	return rs.tellAccepted(ctx, groups)
}

// findTwins sets Twin of the entries whose record was written before. A record that equals the entry's own value comes
// from a first try whose answer was lost.
func (rs *Records) findTwins(ctx context.Context, entries []*Entry, values []string, written []*redis.BoolCmd) error {
	if !slices.ContainsFunc(written, func(cmd *redis.BoolCmd) bool { return !cmd.Val() }) {
		return nil
	}
	found := make([]*redis.StringCmd, len(entries))
	_, err := rs.each(ctx, nil, func(p redis.Pipeliner) error {
		for i, e := range entries {
			if !written[i].Val() {
				found[i] = p.Get(ctx, recordKey(e.Group.ID))
			}
		}
		return nil
	})
	for i, e := range entries {
		e.Twin = found[i] != nil && found[i].Val() != values[i]
	}
	return err
}

// tellAccepted writes the first events of groups, in a round trip of its own: on a cluster the
// records are on other nodes than the events, and one pipeline would not keep the order.
func (rs *Records) tellAccepted(ctx context.Context, groups []*group.Group) error {
	_, err := rs.each(ctx, nil, func(p redis.Pipeliner) error {
		for _, g := range groups {
			p.XAdd(ctx, eventArgs("group", shortID(g.ID), string(g.Status), string(shorten(group.BatchIDPrefix, g.BatchID))))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("tell of %d groups: %w", len(groups), err)
	}
	return nil
}

// Known sets the Outcome and Out that Claim would set, and writes nothing.
func (rs *Records) Known(ctx context.Context, entries []*Entry) error {
	if err := rs.current(ctx); err != nil {
		return err
	}
	claims := make([]*redis.StringCmd, len(entries))
	var listed func() error
	_, err := rs.each(ctx, nil, func(p redis.Pipeliner) error {
		for i, e := range entries {
			if e.Key != "" {
				claims[i] = p.Get(ctx, idempotencyKey(e.claim()))
			}
		}
		listed = rs.listed(ctx, p, entries)
		return nil
	})
	if err != nil {
		return fmt.Errorf("look up %d requests: %w", len(entries), err)
	}
	if err := listed(); err != nil {
		return fmt.Errorf("look up %d requests: %w", len(entries), err)
	}
	for i, e := range entries {
		if claims[i] == nil {
			continue
		}
		id, content := rs.knownClaim(ctx, e, claims[i])
		if id == "" {
			continue
		}
		e.Group.ID, e.Outcome = id, Existed
		if content != e.Content {
			e.Outcome = Conflict
		}
	}
	recorded, removed := make([]*redis.IntCmd, len(entries)), make([]*redis.IntCmd, len(entries))
	if _, err := rs.pipeline(ctx, nil, func(p redis.Pipeliner) error {
		for i, e := range entries {
			if e.Outcome != Created && e.Outcome != Unclear {
				removed[i] = p.Exists(ctx, removedKey(e.Group.ID))
			}
			if e.Outcome == Existed {
				recorded[i] = p.Exists(ctx, recordKey(e.Group.ID))
			}
		}
		return nil
	}); err != nil {
		return fmt.Errorf("look up %d requests: %w", len(entries), err)
	}
	for i, e := range entries {
		switch {
		case removed[i] != nil && removed[i].Val() == 1:
			e.Outcome = Removed
		case recorded[i] != nil && recorded[i].Val() == 0: // its acceptance was cut
			e.Outcome = Created
		}
	}
	return nil
}
