package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/sealed"
)

// passes is the most times that a rotation reads all records. A later pass finds the records that changed
// their status during an earlier one, or that a process wrote with an older key.
const passes = 10

// Rotated says what a rotation did.
type Rotated struct {
	DataKey      uint64 `json:"dataKey"`   // number of the new data key
	MasterKey    string `json:"masterKey"` // id of the first master key
	Records      int    `json:"records"`
	Suppressions int    `json:"suppressions"`
	// Unreadable is how many records and suppressions could not be read, and stay as they are.
	Unreadable int `json:"unreadable"`

	left map[string]bool // the unreadable ones, as "<kind> <id>"
}

// unreadable counts a record or suppression that could not be read, once over all passes.
func (r *Rotated) unreadable(kind Kind, id string) {
	if r.left == nil {
		r.left = map[string]bool{}
	}
	r.left[string(kind)+" "+id] = true
	r.Unreadable = len(r.left)
}

// Rotate makes a new data key, wraps all data keys with the first master key, and seals the secret, the records
// and the suppressions with the new data key, while other processes go on working. Data keys stay, so what an
// older one sealed (number checks, uploads, or the writes of a process that does not have the new one yet) can
// still be read. After a rotation only the first master key is needed. Run an interrupted rotation again.
func (s *Store) Rotate(ctx context.Context, progress func(Rotated)) (Rotated, error) {
	var r Rotated
	if !s.crypt.on() {
		return r, errors.New("nothing is encrypted: set redis.encryption_key first, for all processes")
	}
	if err := s.newDataKey(ctx); err != nil {
		return r, fmt.Errorf("rotate: %w", err)
	}
	r.DataKey, r.MasterKey = s.crypt.ring.Top(), s.crypt.masters[0].ID
	for range passes {
		n, err := s.resealRecords(ctx, &r)
		r.Records += n
		progress(r)
		if err != nil {
			return r, fmt.Errorf("rotate: %w", err)
		}
		if n == 0 {
			break
		}
	}
	n, err := s.resealSuppressions(ctx, &r)
	r.Suppressions = n
	if err != nil {
		return r, fmt.Errorf("rotate: %w", err)
	}
	return r, nil
}

// newDataKey writes the next data key, wraps the older ones with the first master key, and seals the secret with
// the new one.
func (s *Store) newDataKey(ctx context.Context) error {
	if err := s.crypt.load(ctx); err != nil {
		return err
	}
	old, err := s.rdb.HGetAll(ctx, keysKey).Result()
	if err != nil {
		return err
	}
	fields := make([]any, 0, 2*len(old)+2)
	for n, text := range old {
		key, err := s.crypt.masters.Unwrap(keyPlace(n), text)
		if err != nil {
			return err
		}
		fields = append(fields, n, s.crypt.masters.Wrap(keyPlace(n), key))
	}
	next := strconv.FormatUint(s.crypt.ring.Top()+1, 10)
	// Of two rotations at once, the second uses the data key that the first wrote.
	if err := s.rdb.HSetNX(ctx, keysKey, next, s.crypt.masters.Wrap(keyPlace(next), sealed.NewDataKey())).Err(); err != nil {
		return err
	}
	if err := s.rdb.HSet(ctx, keysKey, fields...).Err(); err != nil {
		return err
	}
	if err := s.crypt.load(ctx); err != nil {
		return err
	}
	const key = secretKey
	text, err := s.rdb.Get(ctx, key).Result()
	if err != nil {
		return err
	}
	plain, err := s.crypt.unseal(ctx, secretPlace, []byte(strings.TrimPrefix(text, sealedPrefix)))
	if err != nil {
		return err
	}
	return swapScript.Run(ctx, s.rdb, []string{key}, setIf(whole, text, s.crypt.written(string(plain)), 0)...).Err()
}

// resealRecords goes through all groups once, and seals again each record that is not sealed with the newest
// data key. It returns how many.
func (s *Store) resealRecords(ctx context.Context, r *Rotated) (int, error) {
	const slice = 500
	done := 0
	for _, status := range group.Statuses {
		for after := ""; ; {
			ids, err := s.Index.Indexed(ctx, status, after, slice)
			if err != nil {
				return done, err
			}
			n, err := s.reseal(ctx, ids, r)
			if done += n; err != nil {
				return done, err
			}
			if len(ids) < slice {
				break
			}
			after = ids[len(ids)-1]
		}
	}
	return done, nil
}

func (s *Store) reseal(ctx context.Context, ids []string, r *Rotated) (int, error) {
	values := make([]*redis.StringCmd, len(ids))
	if _, err := s.each(ctx, nil, func(p redis.Pipeliner) error {
		for i, id := range ids {
			values[i] = p.Get(ctx, recordKey(id))
		}
		return nil
	}); err != nil {
		return 0, err
	}
	fresh := make(map[int]string)
	for i, id := range ids {
		value, err := values[i].Result()
		if errors.Is(err, redis.Nil) {
			continue
		}
		if _, body, ok := strings.Cut(value, "|"); ok && s.newest([]byte(body)) {
			continue
		}
		var head string
		var plain []byte
		if err == nil {
			head, plain, err = s.crypt.openBody(ctx, id, value)
		}
		if wrongType(err) || errors.Is(err, ErrUnreadable) { // it stays as it is
			_ = s.unreadable(ctx, KindGroup, id, err)
			r.unreadable(KindGroup, id)
			continue
		}
		if err != nil {
			return 0, err
		}
		fresh[i] = head + "|" + string(s.crypt.seal(id, plain))
	}
	if len(fresh) == 0 {
		return 0, nil
	}
	// A record that was written meanwhile stays as it is: the next pass looks at it again.
	_, err := s.pipeline(ctx, []*redis.Script{swapScript}, func(p redis.Pipeliner) error {
		for i, value := range fresh {
			swapScript.EvalSha(ctx, p, []string{recordKey(ids[i])}, setIf(whole, values[i].Val(), value, 0)...)
		}
		return nil
	})
	return len(fresh), err
}

// newest reports whether a value is sealed with the newest data key.
func (s *Store) newest(value []byte) bool {
	return len(value) > 0 && value[0] == formSealed && sealed.Number(value[1:]) >= s.crypt.ring.Top()
}

func (s *Store) resealSuppressions(ctx context.Context, r *Rotated) (int, error) {
	done := 0
	it := s.rdb.HScan(ctx, suppressedKey, 0, "", 500).Iterator()
	for it.Next(ctx) {
		field := it.Val()
		if !it.Next(ctx) {
			break
		}
		value := it.Val()
		if s.newest([]byte(value)) {
			continue
		}
		plain, err := s.crypt.unseal(ctx, field, []byte(value))
		if errors.Is(err, ErrUnreadable) { // it stays as it is
			_ = s.unreadable(ctx, KindSuppression, field, err)
			r.unreadable(KindSuppression, field)
			continue
		}
		if err != nil {
			return done, err
		}
		n, err := s.resealSuppression(ctx, field, value, s.crypt.seal(field, plain))
		if done += n; err != nil {
			return done, err
		}
	}
	return done, it.Err()
}

// resealSuppression replaces an entry of the suppression list, unless it is no longer equal to was. It returns 1 if it
// replaced the entry.
func (s *Store) resealSuppression(ctx context.Context, field, was string, sealed []byte) (done int, err error) {
	err = s.transact(ctx, suppressedKey, func(tx *redis.Tx) error {
		done = 0
		if is, err := tx.HGet(ctx, suppressedKey, field).Result(); err != nil || is != was {
			if errors.Is(err, redis.Nil) {
				err = nil
			}
			return err
		}
		_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			return p.HSet(ctx, suppressedKey, field, sealed).Err()
		})
		done = 1
		return err
	})
	return done, err
}
