package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/group"
)

// ErrNeeded says that Remove refuses a thing, because nothing works without it.
var ErrNeeded = errors.New("nothing works without it")

// Exported is an unreadable thing as it is stored.
type Exported struct {
	Unreadable

	Type string `json:"type"` // of the key, as Redis names it
	// Content is what is stored, as bytes (base64 in JSON): a string; the members of a list or a set; or, one
	// after the other, each field and value of a hash, each member and score of a sorted set, and for each
	// entry of a stream its id and then each field and value.
	Content [][]byte `json:"content"`
}

// Export returns an unreadable thing as it is stored. It fails like Unreadable.
func (s *Store) Export(ctx context.Context, kind Kind, id string) (Exported, error) {
	u, err := s.Unreadable(ctx, kind, id)
	if err != nil {
		return Exported{}, err
	}
	f, key, field, _ := locate(kind, id)
	e := Exported{Unreadable: u}
	if e.Type, err = s.rdb.Type(ctx, key).Result(); err != nil {
		return e, fmt.Errorf("export %s: %w", key, err)
	}
	var texts []string
	if e.Type == f.is && field != "" {
		var text string
		text, err = s.valueOf(ctx, f, key, field)
		texts = []string{text}
	} else {
		texts, err = s.raw(ctx, key, e.Type)
	}
	if err != nil {
		return e, fmt.Errorf("export %s: %w", key, err)
	}
	for _, text := range texts {
		e.Content = append(e.Content, []byte(text))
	}
	return e, nil
}

// raw reads all of a key, in the order of Exported.Content. is is the type of the key.
func (s *Store) raw(ctx context.Context, key, is string) ([]string, error) {
	switch is {
	case isString:
		text, err := s.rdb.Get(ctx, key).Result()
		return []string{text}, err
	case isHash:
		fields, err := s.rdb.HGetAll(ctx, key).Result()
		texts := make([]string, 0, 2*len(fields))
		for field, value := range fields {
			texts = append(texts, field, value)
		}
		return texts, err
	case isList:
		return s.rdb.LRange(ctx, key, 0, -1).Result()
	case isSet:
		return s.rdb.SMembers(ctx, key).Result()
	case isZSet:
		members, err := s.rdb.ZRangeWithScores(ctx, key, 0, -1).Result()
		texts := make([]string, 0, 2*len(members))
		for _, m := range members {
			texts = append(texts, fmt.Sprint(m.Member), fmt.Sprint(m.Score))
		}
		return texts, err
	case isStream:
		entries, err := s.rdb.XRange(ctx, key, "-", "+").Result()
		var texts []string
		for _, e := range entries {
			texts = append(texts, e.ID)
			for field, value := range e.Values {
				texts = append(texts, field, fmt.Sprint(value))
			}
		}
		return texts, err
	}
	return nil, fmt.Errorf("keys of type %s are not exported", is)
}

// Remove removes an unreadable thing and returns what it was. It takes a group out of the index and out of its batch,
// so that the batch can end. For the retention, counted from now, the same request is Removed and makes no second
// group, and no other request takes the removed request's group at WhatsApp. With again, both may happen at once.
// Remove writes a list of the index again from the records.
//
// It fails like Unreadable. It fails with ErrNeeded if nothing works without the thing, and with ErrAgain if
// again is false and the same request could then make a second group.
func (s *Store) Remove(ctx context.Context, kind Kind, id string, again bool) (Unreadable, error) {
	u, owner, err := s.planRemove(ctx, kind, id, again)
	if err != nil {
		return u, err
	}
	if err := s.takeAway(ctx, u, owner, again); err != nil {
		return u, fmt.Errorf("remove %s %s: %w", kind, id, err)
	}
	return u, s.unnote(ctx, string(kind)+" "+id)
}

// PlanRemove returns what Remove would remove, and removes nothing. It fails as Remove does.
func (s *Store) PlanRemove(ctx context.Context, kind Kind, id string, again bool) (Unreadable, error) {
	u, _, err := s.planRemove(ctx, kind, id, again)
	return u, err
}

// planRemove does what PlanRemove does. owner is the group for which Remove writes a claim again, or "".
func (s *Store) planRemove(ctx context.Context, kind Kind, id string, again bool) (u Unreadable, owner string, err error) {
	if u, err = s.Unreadable(ctx, kind, id); err != nil {
		return u, "", err
	}
	f, key, field, _ := locate(kind, id)
	switch {
	case f.needed, field == "" && (key == heldKey || key == suppressedKey):
		err = fmt.Errorf("%w: restore it from a backup", ErrNeeded)
	case kind == KindRequest, kind == KindWhatsApp, kind == KindName:
		owner, err = s.claimant(ctx, kind, key)
		if err == nil && owner == "" && kind == KindRequest && !again {
			err = ErrAgain
		}
	}
	if err != nil {
		return u, "", fmt.Errorf("remove %s %s: %w", kind, id, err)
	}
	return u, owner, nil
}

// takeAway deletes a thing, and writes again what the records still say of it. owner is that of planRemove.
func (s *Store) takeAway(ctx context.Context, u Unreadable, owner string, again bool) error {
	f, key, field, _ := locate(u.Kind, u.ID)
	switch u.Kind {
	case KindGroup:
		return s.discard(ctx, u.ID, again)
	case KindIndex:
		return s.Index.reindex(ctx, longID(field))
	case KindRequest, KindWhatsApp, KindName:
		return s.reclaim(ctx, u.Kind, key, owner)
	case KindBatch:
		id, _ := f.cut(key)
		return s.Index.remakeBatch(ctx, id, field)
	case KindCounter:
		return s.Index.recount(ctx, key, field)
	case KindCursor:
		at, err := s.Outbox.lastTold(ctx)
		if err != nil {
			return err
		}
		return s.Outbox.SetCursor(ctx, at)
	case KindNotice:
		return s.Outbox.dropNotice(ctx, key, field)
	}
	switch {
	case field == "":
		if err := s.rdb.Del(ctx, key).Err(); err != nil {
			return err
		}
		return s.Index.relist(ctx, key)
	case f.is == isStream:
		return s.rdb.XDel(ctx, key, field).Err()
	default:
		return s.rdb.HDel(ctx, key, field).Err()
	}
}

// ErrAgain says that removing a thing would let the same request make a second group.
var ErrAgain = errors.New("the same request could make a second group then; say that it may")

// claimant returns the group whose record names a claim; "" for none.
func (s *Store) claimant(ctx context.Context, kind Kind, key string) (owner string, err error) {
	err = s.Records.records(ctx, func(g *group.Group) {
		switch {
		case kind == KindRequest && slices.ContainsFunc(claimsOf(g), func(claim []byte) bool { return idempotencyKey(claim) == key }),
			kind == KindWhatsApp && g.WhatsAppID != "" && whatsAppKey(g.WhatsAppID) == key,
			kind == KindName && g.InDoubt() && len(g.Attempts) > 0 && nameKey(g.Latest().Number, g.Name) == key:
			owner = g.ID
		}
	})
	return owner, err
}

// reclaim writes a claim again for its owner, and deletes it without one. Records do not hold the content of a
// request, so from then on a request with that idempotency key is a Conflict.
func (s *Store) reclaim(ctx context.Context, kind Kind, key, owner string) error {
	switch {
	case owner == "":
		return s.rdb.Del(ctx, key).Err()
	case kind == KindRequest:
		owner = claimOf(owner, "")
	}
	return s.rdb.Set(ctx, key, owner, 0).Err()
}

// dropNotice removes an event of a webhook, or only the state of its delivery to one receiver.
func (ob *Outbox) dropNotice(ctx context.Context, key, field string) error {
	id := strings.TrimPrefix(key, noticeKey(""))
	if receiver, one := strings.CutPrefix(field, "r:"); one {
		for _, list := range []string{failuresKey, expectedKey} {
			if err := ob.rdb.ZRem(ctx, list, id+":"+receiver).Err(); err != nil {
				return err
			}
		}
		return ob.rdb.HDel(ctx, key, field).Err()
	}
	if err := ob.rdb.ZRem(ctx, noticesKey, id).Err(); err != nil {
		return err
	}
	if err := ob.ClearOutbox(ctx, id); err != nil {
		return err
	}
	return ob.rdb.Del(ctx, key).Err()
}

// discard deletes a record that cannot be read. It writes removedKey first: if it is interrupted, the record is
// still there, and Remove can run again.
func (s *Store) discard(ctx context.Context, id string, again bool) error {
	if again {
		if err := s.rdb.Del(ctx, removedKey(id)).Err(); err != nil {
			return err
		}
	} else if err := s.rdb.Set(ctx, removedKey(id), 1, s.retention).Err(); err != nil {
		return err
	}
	if err := s.rdb.Del(ctx, recordKey(id)).Err(); err != nil {
		return err
	}
	if err := s.rdb.Del(ctx, toldKey(id)).Err(); err != nil {
		return err
	}
	return s.Records.forgetTrace(ctx, id)
}

// WasRemoved reports whether a person has removed the record of a group within the retention. Then no other
// request may take its group at WhatsApp.
func (s *Store) WasRemoved(ctx context.Context, id string) (bool, error) {
	n, err := s.rdb.Exists(ctx, removedKey(id)).Result()
	if err != nil {
		return false, fmt.Errorf("look up whether %s was removed: %w", id, err)
	}
	return n == 1, nil
}

// reindex writes the index entry of a group again from its record, or removes it if there is no record.
func (ix *Index) reindex(ctx context.Context, id string) error {
	g, err := ix.records.Load(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return ix.records.forgetTrace(ctx, id)
	}
	if err != nil {
		return err
	}
	if g.Status != group.Queued { // the damaged entry does not tell in which line it was
		for _, place := range []string{g.Target.String(), g.Instance} {
			if err := ix.rdb.ZRem(ctx, lineKey(place, g.Priority), shortID(id)).Err(); err != nil && !wrongType(err) {
				return err
			}
		}
	}
	return ix.Refresh(ctx, g)
}
