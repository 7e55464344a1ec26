package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
)

// ErrChanged says that a group was written since it was read: what was decided about it must be decided again.
var ErrChanged = say.NewError(say.RefusedChanged)

// editsKey has the edits and extensions in progress, each by its group's id and a token. An edit writes into several
// slots, and MendEdits completes an edit that a crash has cut.
const editsKey = index + "edits"

// draftFor is how long the record of a replacement group lives before the replaced group's record names it.
const draftFor = 24 * time.Hour

// edit is what an edit changes besides the record.
type edit struct {
	At     int64    `json:"at"`               // in ms
	By     string   `json:"by,omitempty"`     // the replacement group
	Names  [][]byte `json:"names,omitempty"`  // nameEntries
	People [][]byte `json:"people,omitempty"` // keyed hashes
	Claims [][]byte `json:"claims,omitempty"`

	field string // under which it is noted
}

// claimsOf returns all claims of keys that lead to a group.
func claimsOf(g *group.Group) [][]byte {
	if g.Claim == nil {
		return g.Former
	}
	return append([][]byte{g.Claim}, g.Former...)
}

// NameHeld says that a group cannot have a name: another one of its batch has it.
type NameHeld struct{ By string }

func (e *NameHeld) Error() string { return "the name belongs to group " + e.By }

// KeyHolder returns the id of another group that keeps an entry from having its key; "" for none. was is the group
// that is edited.
func (rs *Records) KeyHolder(ctx context.Context, e *Entry, was *group.Group) (string, error) {
	if e.claim() == nil {
		return "", nil
	}
	_, holder, err := rs.keyHolder(ctx, e, was)
	return holder, err
}

// keyHolder does what KeyHolder does, and also returns what the key holds, or "".
func (rs *Records) keyHolder(ctx context.Context, e *Entry, was *group.Group) (value, holder string, err error) {
	value, err = rs.rdb.Get(ctx, idempotencyKey(e.claim())).Result()
	if errors.Is(err, redis.Nil) {
		return "", "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("look up a key: %w", err)
	}
	id, _ := claimed(value)
	if id == was.ID || id == e.Group.ID {
		return value, "", nil
	}
	other, err := rs.Load(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return value, "", nil // its acceptance was cut
	case err != nil:
		return value, id, err
	case other.Replaces == was.ID && was.ReplacedBy != id:
		return value, "", nil // a draft of an edit that failed
	}
	return value, id, nil
}

// ownKey claims an entry's key for its group. It fails with NameHeld if another group holds the key.
func (rs *Records) ownKey(ctx context.Context, e *Entry, was *group.Group) error {
	claim := e.claim()
	if claim == nil || slices.ContainsFunc(claimsOf(was), func(c []byte) bool { return string(c) == string(claim) }) {
		return nil
	}
	for {
		mine, err := rs.rdb.SetNX(ctx, idempotencyKey(claim), claimOf(e.Group.ID, e.Content), claimFor).Result()
		if err != nil || mine {
			return err
		}
		value, holder, err := rs.keyHolder(ctx, e, was)
		switch {
		case err != nil:
			return err
		case holder != "":
			return &NameHeld{holder}
		}
		done, err := swapScript.Run(ctx, rs.rdb, []string{idempotencyKey(claim)}, setIf(whole, value, claimOf(e.Group.ID, e.Content), claimFor)...).Int()
		if err != nil || done == 1 {
			return err
		}
	}
}

// renamed makes an entry's key the first of a group's claims.
func renamed(g *group.Group, claim []byte) {
	if claim == nil || string(claim) == string(g.Claim) {
		return
	}
	former := slices.DeleteFunc(slices.Clone(claimsOf(g)), func(c []byte) bool { return string(c) == string(claim) })
	g.Claim, g.Former = claim, former
}

// Edit writes a corrected request into a group for which no call was made. It takes the group as it was read, and an
// entry with the new request and the new key. Edit also updates the names, people and keys that lead to the group. It
// fails with ErrChanged, with NameHeld, or with an error of Group.Edit. On ErrIndexBehind the group is edited.
func (rs *Records) Edit(ctx context.Context, is *group.Group, e *Entry) (*group.Group, error) {
	e.Group.ID = is.ID
	ed := edit{People: rs.touched(is, e.Group)}
	for _, entry := range append(nameEntries(is), nameEntries(e.Group)...) {
		ed.Names = append(ed.Names, []byte(entry))
	}
	if claim := e.claim(); claim != nil {
		ed.Claims = [][]byte{claim}
	}
	if err := rs.noteEdit(ctx, is.ID, &ed); err != nil {
		return nil, err
	}
	g, err := rs.editNoted(ctx, is, e)
	ctx = context.WithoutCancel(ctx)
	return g, rs.concluded(ctx, ed, err, rs.settleEdit(ctx, is.ID, ed))
}

// concluded drops the note of a settled edit and returns the error of the edit. The sweeper completes what failed after
// the record was written.
func (rs *Records) concluded(ctx context.Context, ed edit, err, settled error) error {
	if settled == nil {
		settled = rs.dropEdit(ctx, ed)
	}
	if err == nil && settled != nil {
		return fmt.Errorf("%w: %w", ErrIndexBehind, settled)
	}
	return err
}

func (rs *Records) editNoted(ctx context.Context, is *group.Group, e *Entry) (*group.Group, error) {
	if err := rs.ownKey(ctx, e, is); err != nil {
		return nil, err
	}
	var named []*redis.Cmd
	if _, err := rs.each(ctx, []*redis.Script{namesScript}, func(p redis.Pipeliner) error {
		e.people = nil // the entry may be sent again
		rs.index.indexPeople(ctx, p, []*Entry{{Group: &group.Group{ID: is.ID, Members: is.Newcomers(e.Group.Members)}}})
		named = queueNames(ctx, p, e.Group)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("index group %s: %w", is.ID, err)
	}
	rs.brokenAll(ctx, named)
	return rs.Update(ctx, is.ID, func(g *group.Group, now time.Time) error {
		if g.Write != is.Write {
			return ErrChanged
		}
		if err := g.Edit(e.Group, now); err != nil {
			return err
		}
		renamed(g, e.claim())
		return nil
	})
}

// touched returns the keyed hashes of the people who are in only one of two versions of a group.
func (rs *Records) touched(is, want *group.Group) [][]byte {
	old, fresh := personKeys(is), personKeys(want)
	var sums [][]byte
	for _, key := range append(slices.Clone(old), fresh...) {
		if slices.Contains(old, key) != slices.Contains(fresh, key) {
			sums = append(sums, rs.person(key))
		}
	}
	return sums
}

// noteEdit notes an edit before anything is written.
func (rs *Records) noteEdit(ctx context.Context, id string, ed *edit) error {
	now, err := rs.Now(ctx)
	if err != nil {
		return err
	}
	ed.At, ed.field = now.UnixMilli(), shortID(id)+token()
	value, err := json.Marshal(ed)
	if err != nil {
		return err
	}
	err = rs.rdb.HSet(ctx, editsKey, ed.field, value).Err()
	if err = rs.tolerate(ctx, editsKey, err); err != nil {
		return fmt.Errorf("note the edit of %s: %w", id, err)
	}
	return nil
}

func (rs *Records) dropEdit(ctx context.Context, ed edit) error {
	err := rs.rdb.HDel(ctx, editsKey, ed.field).Err()
	return rs.tolerate(ctx, editsKey, err)
}

// keepClaims makes the claims of a group permanent. The claims of the group from pass to it with their content, so that
// a row from before the edit leads to the edited group.
func (rs *Records) keepClaims(ctx context.Context, id, from string, claims [][]byte) error {
	for _, claim := range claims {
		key := idempotencyKey(claim)
		value, err := rs.rdb.Get(ctx, key).Result()
		holder, content := claimed(value)
		switch {
		case errors.Is(err, redis.Nil): // the claim has expired meanwhile
			err = rs.rdb.SetNX(ctx, key, claimOf(id, ""), 0).Err()
		case err != nil:
		case holder == id:
			err = swapScript.Run(ctx, rs.rdb, []string{key}, persistIf(value)...).Err()
		case holder == from:
			handed := claimOf(id, content)
			if err = swapScript.Run(ctx, rs.rdb, []string{key}, setIf(whole, value, handed, 0)...).Err(); err == nil {
				err = swapScript.Run(ctx, rs.rdb, []string{key}, persistIf(handed)...).Err()
			}
		}
		if err != nil {
			return fmt.Errorf("keep a key: %w", err)
		}
	}
	return nil
}

// Supersede records the entry's group in place of another group. was is that other group as it was read. Its keys lead
// to the new group from then on. After a crash, either nothing was done, or the sweeper or a repeated call does the
// rest. It fails with ErrChanged, with NameHeld, or with an error of Group.Supersede. On ErrIndexBehind the group is
// replaced.
func (rs *Records) Supersede(ctx context.Context, was *group.Group, e *Entry) error {
	g := e.Group
	g.Replaces, g.Claim, g.Former = was.ID, was.Claim, was.Former
	renamed(g, e.claim())
	rs.crypt.fresh(ctx)
	g.Rev, g.Write = 1, token()
	value, err := rs.crypt.sealRecord(g)
	if err != nil {
		return err
	}
	ed := edit{By: g.ID}
	if err := rs.noteEdit(ctx, was.ID, &ed); err != nil {
		return err
	}
	// The draft comes before the key: a key without a record counts as that of a cut acceptance.
	if err := rs.rdb.SetNX(ctx, recordKey(g.ID), value, draftFor).Err(); err != nil {
		return fmt.Errorf("draft %s: %w", g.ID, err)
	}
	if err := rs.ownKey(ctx, e, was); err != nil {
		return errors.Join(err, rs.undraft(context.WithoutCancel(ctx), was.ID, value, e, ed))
	}
	_, err = rs.Update(ctx, was.ID, func(o *group.Group, now time.Time) error {
		if o.Write != was.Write && o.ReplacedBy != g.ID {
			return ErrChanged
		}
		return o.Supersede(g.ID, now)
	})
	if err != nil && !errors.Is(err, ErrIndexBehind) {
		if errors.Is(err, ErrChanged) || errors.Is(err, group.ErrState) {
			return errors.Join(err, rs.undraft(context.WithoutCancel(ctx), was.ID, value, e, ed))
		}
		return err // the change may have been written
	}
	ctx = context.WithoutCancel(ctx)
	made := rs.rdb.SetNX(ctx, recordKey(g.ID), value, 0).Err() // the draft may have lapsed
	if made == nil {
		made = rs.succeed(ctx, was.ID, g)
	}
	if made == nil {
		made = rs.dropEdit(ctx, ed)
	}
	if made != nil && err == nil {
		return fmt.Errorf("record %s: %w: %w", g.ID, ErrIndexBehind, made)
	}
	return errors.Join(err, made)
}

// undraft removes what was written for a group that does not replace the group old after all.
func (rs *Records) undraft(ctx context.Context, old, value string, e *Entry, ed edit) error {
	if err := swapScript.Run(ctx, rs.rdb, []string{recordKey(ed.By)}, deleteIf(whole, value)...).Err(); err != nil {
		return err
	}
	if err := rs.yield(ctx, old, ed.By); err != nil {
		return err
	}
	if err := rs.Unclaim(ctx, []*Entry{e}); err != nil {
		return err
	}
	return rs.dropEdit(ctx, ed)
}

// yield gives the keys that a run of Supersede has taken from another run back, if that one has replaced the group old. by
// is the group that does not replace it.
func (rs *Records) yield(ctx context.Context, old, by string) error {
	was, err := rs.Load(ctx, old)
	if err == nil && was.ReplacedBy != "" && was.ReplacedBy != by {
		var g *group.Group
		if g, err = rs.Load(ctx, was.ReplacedBy); err == nil {
			return rs.keepClaims(ctx, g.ID, by, claimsOf(g))
		}
	}
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// succeed makes a recorded group take the place of the group old, whose record names it.
func (rs *Records) succeed(ctx context.Context, old string, g *group.Group) error {
	if err := rs.keepClaims(ctx, g.ID, old, claimsOf(g)); err != nil {
		return err
	}
	if err := rs.index.Refresh(ctx, g); err != nil { // before the record is permanent: the sweeper finds the group after a crash
		return err
	}
	var named []*redis.Cmd
	if _, err := rs.each(ctx, []*redis.Script{namesScript}, func(p redis.Pipeliner) error {
		p.Persist(ctx, recordKey(g.ID))
		if g.ExternalRef != "" {
			p.ZAdd(ctx, refsKey, redis.Z{Member: g.ExternalRef + "\x00" + shortID(g.ID)})
		}
		rs.index.indexPeople(ctx, p, []*Entry{{Group: g}})
		named = queueNames(ctx, p, g)
		return nil
	}); err != nil {
		return fmt.Errorf("record %s: %w", g.ID, err)
	}
	rs.brokenAll(ctx, named)
	return rs.tellAccepted(ctx, []*group.Group{g})
}
