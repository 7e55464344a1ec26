package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Kind is a kind of stored thing.
type Kind string

// The kinds of stored things that can be unreadable. A key whose values only Redis commands read is a KindList,
// whatever its Redis type. A number in a hash of numbers is a KindCounter. Both are named by their keys.
const (
	KindGroup        Kind = "group"
	KindIndex        Kind = "index" // what the index holds of a group
	KindBatch        Kind = "batch"
	KindInvalidRows  Kind = "invalidRows" // of a batch
	KindCounter      Kind = "counter"
	KindList         Kind = "list"
	KindRequest      Kind = "request" // the claim of an idempotency key
	KindWhatsApp     Kind = "whatsapp"
	KindName         Kind = "name"
	KindMet          Kind = "met"
	KindMessage      Kind = "message"
	KindFate         Kind = "fate" // of a message
	KindCheck        Kind = "check"
	KindAddress      Kind = "address" // a person's other address
	KindSuppression  Kind = "suppression"
	KindInstance     Kind = "instance" // what a worker announced
	KindHealth       Kind = "health"
	KindPause        Kind = "pause"
	KindPace         Kind = "pace"
	KindWorker       Kind = "worker"
	KindLead         Kind = "lead"
	KindSession      Kind = "session"
	KindJob          Kind = "job"
	KindUpload       Kind = "upload"
	KindSavedView    Kind = "savedView"
	KindEvent        Kind = "event" // of the stream
	KindReceiver     Kind = "receiver"
	KindDisabled     Kind = "disabled" // a receiver that answered 410
	KindNotice       Kind = "notice"   // an event of a webhook
	KindTold         Kind = "told"
	KindCursor       Kind = "cursor"
	KindAudit        Kind = "audit"
	KindInstallation Kind = "installation"
	KindSecret       Kind = "secret"
	KindDataKey      Kind = "dataKey"
)

// Redis' words for types.
const (
	isString = "string"
	isHash   = "hash"
	isList   = "list"
	isSet    = "set"
	isZSet   = "zset"
	isStream = "stream"
)

// family is the keys of one pattern. Every key that this package writes is in one.
type family struct {
	kind Kind
	keys string // the keys; the star stands for the id, or for its beginning
	is   string // Redis' word for their type
	// read checks a value, or a field of a hash; nil where every value of the type can be read. In a hash whose family
	// has read, each field is a thing of its own, and the thing's id is the field or ends with it.
	read func(ctx context.Context, c *core, key, field, value string) error
	// short says that fields are ids of groups, shortened.
	short bool
	// needed says that nothing works without the key, so Remove refuses it.
	needed bool
}

// families lists every family. A key belongs to the family with the longest pattern.
var families = []family{
	{kind: KindGroup, keys: recordKey("*"), is: isString, read: readRecord},
	{kind: KindList, keys: sureKey("*"), is: isString},
	{kind: KindList, keys: removedKey("*"), is: isString},
	{kind: KindIndex, keys: heldKey, is: isHash, read: readHeld, short: true},
	{kind: KindCounter, keys: index + "n", is: isHash, read: readCount},
	{kind: KindCounter, keys: poolCountsKey("*"), is: isHash, read: readCount},
	{kind: KindCounter, keys: faultsKey(""), is: isHash, read: readCount},
	{kind: KindCounter, keys: faultsKey("*"), is: isHash, read: readCount},
	{kind: KindCounter, keys: waitingKey(""), is: isHash, read: readCount},
	{kind: KindCounter, keys: waitingKey("*"), is: isHash, read: readCount},
	{kind: KindCounter, keys: index + "hour:*", is: isHash, read: readCount},
	{kind: KindCounter, keys: dayKey("*"), is: isHash, read: readCount},
	{kind: KindList, keys: clockKey, is: isHash},
	{kind: KindBatch, keys: batchKey("*"), is: isHash, read: readBatch},
	{kind: KindInvalidRows, keys: invalidPartsKey("*"), is: isHash, read: reads[[]InvalidRow]()},
	{kind: KindInvalidRows, keys: invalidKey("*"), is: isString, read: reads[[]InvalidRow]()},
	{kind: KindList, keys: index + "st:*", is: isZSet},
	{kind: KindList, keys: index + "in:*", is: isZSet},
	{kind: KindList, keys: index + "ba:*", is: isZSet},
	{kind: KindList, keys: index + "line:*", is: isZSet},
	{kind: KindList, keys: poolBatchesKey("*"), is: isZSet},
	{kind: KindList, keys: index + "fa:*", is: isZSet},
	{kind: KindList, keys: index + "fin", is: isZSet},
	{kind: KindList, keys: watchKey, is: isZSet},
	{kind: KindList, keys: reopenedKey, is: isZSet},
	{kind: KindList, keys: editsKey, is: isHash},
	{kind: KindList, keys: refsKey, is: isZSet},
	{kind: KindList, keys: batchesKey, is: isZSet},
	{kind: KindList, keys: runningKey, is: isZSet},
	{kind: KindList, keys: addingKey("*"), is: isZSet},
	{kind: KindList, keys: namesKey, is: isHash},
	{kind: KindList, keys: wordsKey, is: isZSet},
	{kind: KindList, keys: wordsBlock + "*", is: isZSet},
	{kind: KindList, keys: prefix + "who:*", is: isList},
	{kind: KindEvent, keys: eventsKey, is: isStream, read: readEvent},
	{kind: KindRequest, keys: prefix + "key:*", is: isString, read: readClaim},
	{kind: KindWhatsApp, keys: prefix + "wa:*", is: isString, read: readGroupID},
	{kind: KindName, keys: prefix + "name:*", is: isString, read: readGroupID},
	{kind: KindMet, keys: prefix + "met:*", is: isHash, read: readCount},
	{kind: KindMessage, keys: prefix + "msg:*", is: isString, read: readMessage},
	{kind: KindFate, keys: prefix + "fate:*", is: isString, read: reads[keptFate]()},
	{kind: KindCheck, keys: checksKey("*"), is: isHash, read: readCheck},
	{kind: KindAddress, keys: alsoKey("*"), is: isHash, read: readAddress},
	{kind: KindSuppression, keys: suppressedKey, is: isHash, read: readSuppression},
	{kind: KindList, keys: aliasesKey("*"), is: isSet},
	{kind: KindInstance, keys: announcedKey, is: isHash, read: reads[Announcement]()},
	{kind: KindHealth, keys: healthKey, is: isHash, read: reads[HealthReport]()},
	{kind: KindPause, keys: pausedKey, is: isHash, read: reads[Pause]()},
	{kind: KindPace, keys: paceKey, is: isHash, read: reads[Slowing]()},
	{kind: KindCounter, keys: doubtedKey, is: isHash, read: readCount},
	{kind: KindCounter, keys: takesKey, is: isHash, read: readCount},
	{kind: KindList, keys: numbersKey, is: isHash},
	{kind: KindList, keys: knowsKey("*"), is: isSet},
	{kind: KindWorker, keys: workerKey("*"), is: isString, read: reads[heartbeat]()},
	{kind: KindList, keys: workersKey, is: isZSet},
	{kind: KindLead, keys: leadKey("*"), is: isString},
	{kind: KindSession, keys: sessionKey("*"), is: isString, read: reads[Session]()},
	{kind: KindList, keys: sessionsKey, is: isZSet},
	{kind: KindJob, keys: jobKey("*"), is: isString, read: reads[Job]()},
	{kind: KindList, keys: jobOutcomesKey("*"), is: isList},
	{kind: KindList, keys: jobsKey, is: isZSet},
	{kind: KindList, keys: openJobs, is: isZSet},
	{kind: KindUpload, keys: uploadKey("*"), is: isString, read: readUpload},
	{kind: KindList, keys: uploadChunksKey("*"), is: isList},
	{kind: KindList, keys: uploadsKey("*"), is: isZSet},
	{kind: KindSavedView, keys: viewsKey, is: isHash, read: reads[SavedView]()},
	{kind: KindReceiver, keys: receiversKey, is: isHash, read: reads[Receiver]()},
	{kind: KindDisabled, keys: disabledKey, is: isHash, read: reads[Disabled]()},
	{kind: KindNotice, keys: noticeKey("*"), is: isHash, read: readNotice},
	{kind: KindTold, keys: toldKey("*"), is: isHash},
	{kind: KindCursor, keys: cursorKey, is: isString, read: readCursor},
	{kind: KindList, keys: noticesKey, is: isZSet},
	{kind: KindList, keys: outboxKey, is: isZSet},
	{kind: KindList, keys: failuresKey, is: isZSet},
	{kind: KindList, keys: expectedKey, is: isZSet},
	{kind: KindAudit, keys: auditKey, is: isStream, read: readAudit},
	{kind: KindList, keys: idleKey, is: isStream},
	{kind: KindList, keys: audits + "seen:*", is: isString},
	{kind: KindList, keys: refusalsKey, is: isZSet},
	{kind: KindList, keys: refusalCountsKey, is: isHash},
	{kind: KindInstallation, keys: installationKey, is: isHash},
	{kind: KindList, keys: installationKey + ":uncertain", is: isHash},
	{kind: KindSecret, keys: secretKey, is: isString, needed: true},
	{kind: KindDataKey, keys: keysKey, is: isHash, needed: true},
	{kind: KindList, keys: unreadableKey, is: isHash},
	{kind: KindList, keys: lines + "ready:*", is: isZSet},
	{kind: KindList, keys: lines + "later:*", is: isZSet},
	{kind: KindList, keys: letGoKey, is: isHash},
	{kind: KindList, keys: lapsesKey, is: isZSet},
	{kind: KindList, keys: dueKey, is: isZSet},
	{kind: KindList, keys: silentKey, is: isHash},
	// of pacing
	{kind: KindPace, keys: prefix + "{pace:*", is: isHash},
	{kind: KindList, keys: prefix + "{rate:*", is: isString},
}

// cut returns what the star stands for in a key, and whether the key has the pattern.
func (f *family) cut(key string) (id string, ok bool) {
	head, tail, starred := strings.Cut(f.keys, "*")
	if !starred {
		return "", key == f.keys
	}
	if len(key) <= len(head)+len(tail) || !strings.HasPrefix(key, head) || !strings.HasSuffix(key, tail) {
		return "", false
	}
	return key[len(head) : len(key)-len(tail)], true
}

// familyOf returns the family of a key; nil for a key that is not ours.
func familyOf(key string) *family {
	var best *family
	for i := range families {
		f := &families[i]
		if _, ok := f.cut(key); ok && (best == nil || len(f.keys) > len(best.keys)) {
			best = f
		}
	}
	return best
}

// single reports whether the family's things are fields or entries rather than whole keys.
func (f *family) single() bool { return f.read != nil && f.is != isString }

// byKey reports whether things of the kind are named by their keys, because the kind has several
// families or its key holds no id.
func (f *family) byKey() bool {
	switch f.kind {
	case KindList, KindCounter, KindInstallation, KindSecret, KindDataKey, KindCursor, KindMet, KindPace:
		return f.kind != KindPace || f.keys != paceKey
	default:
		return false
	}
}

// shown returns a field as people see it.
func (f *family) shown(field string) string {
	if f.short {
		return longID(field)
	}
	return field
}

// idOf returns the name of a thing of a family. field is "" for the whole key.
func (f *family) idOf(key, field string) string {
	field = f.shown(field)
	if f.byKey() {
		key = strings.TrimPrefix(key, prefix)
		if field == "" {
			return key
		}
		return key + "/" + field
	}
	id, _ := f.cut(key)
	switch {
	case id == "" && field == "": // the whole hash
		return strings.TrimPrefix(key, prefix)
	case id == "":
		return field
	case field == "":
		return id
	default:
		return id + "/" + field
	}
}

// locate returns the family, the key and the field of a thing by its name. ok is false if no thing can have that name.
func locate(kind Kind, id string) (f *family, key, field string, ok bool) {
	for i := range families {
		f := &families[i]
		if f.kind != kind {
			continue
		}
		key, field := prefix+id, ""
		if head, rest, _ := strings.Cut(id, "/"); f.byKey() {
			if f.single() && familyOf(prefix+head) == f {
				key, field = prefix+head, rest
			}
		} else if starred := strings.Contains(f.keys, "*"); !starred && id != strings.TrimPrefix(f.keys, prefix) {
			key, field = f.keys, id
		} else if starred {
			key = strings.Replace(f.keys, "*", id, 1)
			if f.single() {
				key, field = strings.Replace(f.keys, "*", head, 1), rest
			}
		}
		if familyOf(key) != f {
			continue
		}
		if f.short && field != "" {
			field = shortID(field)
		}
		return f, key, field, true
	}
	return nil, "", "", false
}

// inspect reports whether a thing is there, and in fault why it cannot be read.
func (s *Store) inspect(ctx context.Context, kind Kind, id string) (there bool, fault, err error) {
	f, key, field, ok := locate(kind, id)
	if !ok {
		return false, nil, nil
	}
	is, err := s.rdb.Type(ctx, key).Result()
	switch {
	case err != nil:
		return false, nil, fmt.Errorf("look at %s: %w", key, err)
	case is == "none":
		return false, nil, nil
	case is != f.is:
		return true, errType, nil
	case f.single() && field == "", f.read == nil:
		return true, nil, nil
	}
	value, err := s.valueOf(ctx, f, key, field)
	if errors.Is(err, redis.Nil) {
		return false, nil, nil
	}
	if err != nil {
		return false, nil, fmt.Errorf("look at %s: %w", key, err)
	}
	if fault = f.read(ctx, s.core, key, field, value); errors.Is(fault, errKeysUnread) {
		return true, nil, fault
	}
	return true, fault, nil
}

// valueOf reads one value: the string, a field of the hash, or the field of an entry of a stream.
func (s *Store) valueOf(ctx context.Context, f *family, key, field string) (string, error) {
	switch f.is {
	case isHash:
		return s.rdb.HGet(ctx, key, field).Result()
	case isStream:
		found, err := s.rdb.XRangeN(ctx, key, field, field, 1).Result()
		if err == nil && len(found) == 0 {
			err = redis.Nil
		}
		if err != nil {
			return "", err
		}
		data, err := json.Marshal(found[0].Values)
		return string(data), err
	default:
		return s.rdb.Get(ctx, key).Result()
	}
}
