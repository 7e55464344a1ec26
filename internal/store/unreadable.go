package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/say"
)

// unreadableKey holds the list of the things found unreadable: "<kind> <id>" -> note.
const unreadableKey = prefix + "unreadable"

const (
	// maxUnreadable is how many notes are kept at most. A store with more damage needs its backup.
	maxUnreadable = 10_000
	// notedFor is how long a process does not note the same thing again. A second note changes nothing
	// unless the first was taken off the list meanwhile.
	notedFor = 10 * time.Minute
	// noteFor is how long writing a note may take.
	noteFor = 2 * time.Second
)

// ErrUnreadable says that something is stored and cannot be read: it is damaged, or a newer version
// wrote it, or this process lacks its key.
var ErrUnreadable = errors.New("unreadable")

// Reason is why a stored thing cannot be read.
type Reason string

// The reasons.
const (
	WrongType Reason = "wrongType" // the key holds another type of value
	Sealed    Reason = "sealed"    // it is encrypted with a key that is not known here
	Damaged   Reason = "damaged"   // it does not have the form that it must have
)

// Said returns the reason, and what to do before removing anything.
func (r Reason) Said() say.Phrase { return say.Phrase{Code: say.Unreadable, Kind: string(r)} }

// Unreadable is a stored thing that cannot be read.
type Unreadable struct {
	Kind   Kind      `json:"kind"`
	ID     string    `json:"id"`
	Key    string    `json:"key"`   // in Redis
	Field  string    `json:"field"` // of the hash, or entry of the stream; "" for the whole key
	Reason Reason    `json:"reason"`
	Since  time.Time `json:"since"` // when it was found
}

// UnreadableError is an ErrUnreadable that names the thing.
type UnreadableError struct {
	Kind   Kind
	ID     string
	Reason Reason

	key error // which encryption key it needs, if it is Sealed
}

// Error says what cannot be read, why, and what to do.
func (e *UnreadableError) Error() string {
	which := ""
	if e.key != nil {
		which = " (" + e.key.Error() + ")"
	}
	return fmt.Sprintf("the stored %s %s cannot be read%s. %s `rollcall-producer unreadable` exports it or removes it", e.Kind, e.ID, which, e.Reason.Said())
}

// Said returns the reason as a phrase for people.
func (e *UnreadableError) Said() say.Phrase { return e.Reason.Said() }

// Is reports whether target is ErrUnreadable.
func (e *UnreadableError) Is(target error) bool { return target == ErrUnreadable }

// noted holds the things that this process has noted, each with the time until which it does not note it again.
type noted struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// first reports whether a thing must be noted now, and remembers that it was.
func (n *noted) first(name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	if now.Before(n.until[name]) {
		return false
	}
	if n.until == nil || len(n.until) >= maxUnreadable {
		n.until = map[string]time.Time{}
	}
	n.until[name] = now.Add(notedFor)
	return true
}

// note is an Unreadable as it is stored.
type note struct {
	Reason Reason `json:"r"`
	At     int64  `json:"a"` // ms
}

// unreadable notes that a thing cannot be read and returns an UnreadableError. Only the first process to note it
// reports it to Options.Unreadable.
func (c *core) unreadable(ctx context.Context, kind Kind, id string, why error) error {
	e := &UnreadableError{Kind: kind, ID: id, Reason: reasonOf(why)}
	if e.Reason == Sealed { // it names keys, and repeats nothing that is stored
		e.key = why
	}
	name := string(kind) + " " + id
	if !c.noted.first(name) {
		return e
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteFor)
	defer cancel()
	now := time.Now().UTC()
	data, err := json.Marshal(note{Reason: e.Reason, At: now.UnixMilli()})
	if err == nil {
		var fresh bool
		if fresh, err = c.note(ctx, name, data); err == nil && !fresh {
			return e
		}
	}
	// If Redis rejects the note, each process reports it.
	c.found(c.describe(kind, id, note{Reason: e.Reason, At: now.UnixMilli()}))
	return e
}

// note puts a thing on the list, and reports whether it is new there. If the key holds another type, it begins a
// new list. It adds nothing to a full list.
func (c *core) note(ctx context.Context, name string, data []byte) (bool, error) {
	n, err := c.rdb.HLen(ctx, unreadableKey).Result()
	if wrongType(err) {
		err = c.rdb.Del(ctx, unreadableKey).Err()
	}
	if err != nil || n >= maxUnreadable {
		return false, err
	}
	return c.rdb.HSetNX(ctx, unreadableKey, name, data).Result()
}

// reasonOf returns the reason behind an error. The error itself is not stored, because it may repeat stored content.
func reasonOf(err error) Reason {
	switch {
	case wrongType(err):
		return WrongType
	case errors.Is(err, ErrKey):
		return Sealed
	default:
		return Damaged
	}
}

// errType says that a key holds another type of value, if no command has failed on it.
var errType = errors.New("WRONGTYPE")

// wrongType reports whether an error says that a key holds another type of value.
func wrongType(err error) bool {
	if err == nil {
		return false
	}
	if errors.Is(err, errType) {
		return true
	}
	_, answered := errors.AsType[redis.Error](err)
	return answered && strings.Contains(err.Error(), "WRONGTYPE")
}

// IsWrongType reports whether Redis rejected a command because a key holds another type of value.
func IsWrongType(err error) bool { return wrongType(err) }

// errForm says that a value does not have its form.
var errForm = errors.New("it does not have the form of its kind")

func (c *core) describe(kind Kind, id string, n note) Unreadable {
	u := Unreadable{Kind: kind, ID: id, Reason: n.Reason, Since: moment(n.At)}
	if f, key, field, ok := locate(kind, id); ok {
		u.Key, u.Field = key, f.shown(field)
	}
	return u
}

// Unreadables lists the things that were found unreadable, by kind and id. It inspects each again, and takes off the
// list what is gone or can be read now.
func (s *Store) Unreadables(ctx context.Context) ([]Unreadable, error) {
	notes, err := s.notes(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Unreadable, 0, len(notes))
	for name, n := range notes {
		kind, id, _ := strings.Cut(name, " ")
		switch _, fault, err := s.inspect(ctx, Kind(kind), id); {
		case err != nil:
			return nil, err
		case fault == nil:
			if err := s.unnote(ctx, name); err != nil {
				return nil, err
			}
		default:
			u := s.describe(Kind(kind), id, n)
			u.Reason = reasonOf(fault)
			all = append(all, u)
		}
	}
	slices.SortFunc(all, func(a, b Unreadable) int {
		return strings.Compare(string(a.Kind)+" "+a.ID, string(b.Kind)+" "+b.ID)
	})
	return all, nil
}

// Unreadable inspects one thing and describes why it cannot be read. It fails with ErrNotFound if the thing does not
// exist or can be read.
func (s *Store) Unreadable(ctx context.Context, kind Kind, id string) (Unreadable, error) {
	there, fault, err := s.inspect(ctx, kind, id)
	if err != nil {
		return Unreadable{}, err
	}
	if !there || fault == nil {
		return Unreadable{}, fmt.Errorf("unreadable %s %s: %w", kind, id, ErrNotFound)
	}
	_ = s.unreadable(ctx, kind, id, fault) // no process may have met it yet
	notes, err := s.notes(ctx)
	if err != nil {
		return Unreadable{}, err
	}
	u := s.describe(kind, id, notes[string(kind)+" "+id])
	u.Reason = reasonOf(fault)
	return u, nil
}

// CountUnreadable returns how many things of each kind are on the list, without inspecting them.
func (s *Store) CountUnreadable(ctx context.Context) (map[Kind]int, error) {
	notes, err := s.notes(ctx)
	if err != nil {
		return nil, err
	}
	counts := map[Kind]int{}
	for name := range notes {
		kind, _, _ := strings.Cut(name, " ")
		counts[Kind(kind)]++
	}
	return counts, nil
}

// notes reads the list. If the key holds another type, it deletes it, and the next note begins a new list.
func (s *Store) notes(ctx context.Context) (map[string]note, error) {
	fields, err := s.rdb.HGetAll(ctx, unreadableKey).Result()
	if wrongType(err) {
		return nil, s.rdb.Del(ctx, unreadableKey).Err()
	}
	if err != nil {
		return nil, fmt.Errorf("list what cannot be read: %w", err)
	}
	notes := make(map[string]note, len(fields))
	for name, text := range fields {
		var n note
		if json.Unmarshal([]byte(text), &n) != nil {
			n = note{Reason: Damaged}
		}
		notes[name] = n
	}
	return notes, nil
}

func (s *Store) unnote(ctx context.Context, name string) error {
	if err := s.rdb.HDel(ctx, unreadableKey, name).Err(); err != nil {
		return fmt.Errorf("list what cannot be read: %w", err)
	}
	return nil
}

// tolerate notes a key that holds another type of value and returns nil, so that the caller goes on without it. It
// returns any other error as it is.
func (c *core) tolerate(ctx context.Context, key string, err error) error {
	if !wrongType(err) {
		return err
	}
	if f := familyOf(key); f != nil {
		_ = c.unreadable(ctx, f.kind, f.idOf(key, ""), err)
	}
	return nil
}

// hset sets fields of a hash that processes write regularly. If the key holds another type, it begins a new hash.
func (c *core) hset(ctx context.Context, key string, values ...any) error {
	err := c.rdb.HSet(ctx, key, values...).Err()
	if !wrongType(err) {
		return err
	}
	_ = c.tolerate(ctx, key, err)
	if err := c.rdb.Del(ctx, key).Err(); err != nil {
		return err
	}
	return c.rdb.HSet(ctx, key, values...).Err()
}

// mending runs do. If a key holds another type than its family, it notes and deletes that key, and runs do again. What
// the key should have held is lost, so use it only for what is written again anyway.
func (c *core) mending(ctx context.Context, keys []string, do func() error) error {
	err := do()
	if !wrongType(err) {
		return err
	}
	for _, key := range keys {
		is, err := c.rdb.Type(ctx, key).Result()
		if err != nil {
			return err
		}
		if f := familyOf(key); is == "none" || is == f.is {
			continue
		}
		_ = c.tolerate(ctx, key, errType)
		if err := c.rdb.Del(ctx, key).Err(); err != nil {
			return err
		}
	}
	return do()
}

// each runs a pipeline in which single commands may fail because their key holds another type. It notes those keys;
// the caller must check the answer of each command.
func (c *core) each(ctx context.Context, scripts []*redis.Script, fill func(p redis.Pipeliner) error) ([]redis.Cmder, error) {
	cmds, err := c.pipeline(ctx, scripts, fill)
	if !wrongType(err) {
		return cmds, err
	}
	for _, cmd := range cmds {
		e := cmd.Err()
		if wrongType(e) && len(cmd.Args()) > 1 {
			key, _ := cmd.Args()[1].(string)
			e = c.tolerate(ctx, key, e)
		}
		if e != nil && !errors.Is(e, redis.Nil) && !wrongType(e) {
			return cmds, e
		}
	}
	return cmds, nil
}
